import { compileListFilters } from './filter.ts';
import { childrenByParent } from './removalPlan.ts';
import type { ListedImage, ListOptions } from './types.ts';

/**
 * What `docker images` shows of all images, in their order (moby daemon/images/images.go, Images).
 * A `reference` filter leaves of each image the names that match.
 * @throws `filter-invalid`, and of the images that `before` and `since` name `image-not-found` and its kin
 */
export function listImages<I extends ListedImage>(
  images: readonly I[],
  { all = false, filters = {} }: ListOptions,
): readonly I[] {
  const { dangling, accepts, narrow } = compileListFilters(images, filters);
  const children = childrenByParent(images);
  return images.flatMap((image) => {
    const isParent = children.has(image.id);
    if (!accepts(image) || (dangling === true && isParent)) return [];
    const shown = narrow(image);
    if (shown === undefined) return [];
    // Names are looked at only where they decide: they may have to be taken apart first.
    if (dangling === undefined && (all || !isParent)) return [shown];
    const isNameless = shown.tags.length === 0 && shown.repoDigests.length === 0;
    if (isNameless) return dangling === false || (isParent && !all) ? [] : [shown];
    return dangling === true && shown.tags.length > 0 ? [] : [shown];
  });
}
