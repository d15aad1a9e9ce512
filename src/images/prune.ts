import { isStrataError, StrataError } from '../base/errors.ts';
import type { Digest } from '../oci/digest.ts';
import { checkKeys, matchesLabels } from './filter.ts';
import { parseUntil, timeNanoseconds } from './filterTime.ts';
import { chainsOf, childrenByParent, RemovalPlan } from './removalPlan.ts';
import type { Removal, UsersOf } from './removalPlan.ts';
import { removeImage, removeName } from './remove.ts';
import type { Filters, ImageSummary, PruneOptions, PrunePlan } from './types.ts';

const PRUNE_KEYS: ReadonlySet<string> = new Set(['dangling', 'label', 'label!', 'until']);

export interface Pruning {
  readonly removal: Removal;
  readonly plan: PrunePlan;
}

/**
 * Decides what `image prune` takes (moby daemon/images/image_prune.go): images without a tag that none was made of,
 * with `all` every image; what a container uses stays, and says nothing.
 * @param now milliseconds since 1970
 * @throws `filter-invalid`
 */
export function planPruning(
  images: readonly ImageSummary[],
  options: PruneOptions,
  usersOf: UsersOf,
  now: number,
): Pruning {
  const { filters = {} } = options;
  checkKeys(filters, PRUNE_KEYS);
  const { dangling = [] } = filters;
  const danglingOnly = options.all !== true && !dangling.includes('false') && !dangling.includes('0');
  const accepts = acceptance(filters, now);
  const children = childrenByParent(images);
  const plan = new RemovalPlan(images, usersOf);
  const candidates = images.filter((image) => {
    const isParent = children.has(image.id);
    const isNameless = image.tags.length + image.repoDigests.length === 0;
    if (isParent && (danglingOnly || isNameless)) return false;
    return accepts(image) && !(danglingOnly && image.tags.length > 0);
  });
  for (const image of candidates) removeAllNames(plan, image);
  return { removal: plan, plan: describe(plan) };
}

function acceptance(filters: Filters, now: number): (image: ImageSummary) => boolean {
  const [until, ...others] = new Set(filters.until);
  if (others.length > 0) {
    throw new StrataError('filter-invalid', { detail: 'more than one until filter specified' });
  }
  const latest = until === undefined ? undefined : parseUntil(until, now);
  const refused = filters['label!'] ?? [];
  return ({ created, labels }) =>
    (latest === undefined || timeNanoseconds(created) <= latest) &&
    matchesLabels(labels, filters.label ?? []) &&
    (refused.length === 0 || !matchesLabels(labels, refused));
}

/** By each name in turn, or by its ID if it has none; a conflict keeps what it keeps. */
function removeAllNames(plan: RemovalPlan, image: ImageSummary): void {
  const names = plan.namesOf(image);
  // It may have gone as the parent of one before it.
  if (plan.images.has(image.id)) return;
  if (names.length === 0) {
    unlessConflict(() => removeImage(plan, image, {}));
    return;
  }
  for (const name of names) {
    // The last tag of a repository takes its digests along.
    if (!plan.names.has(name)) unlessConflict(() => removeName(plan, image, name, {}));
  }
}

function unlessConflict(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!isStrataError(error, 'image-conflict')) throw error;
  }
}

function describe(plan: RemovalPlan): PrunePlan {
  const gone = plan.all.filter((image) => plan.images.has(image.id));
  const kept = plan.all.filter((image) => !plan.images.has(image.id));
  const sizes = new Map<Digest, number>();
  const blobs = new Map<Digest, number>();
  for (const image of gone) {
    for (const [i, chain] of chainsOf(image).entries()) sizes.set(chain, image.layers[i]?.size ?? 0);
    for (const { digest, compressedSize } of image.layers) blobs.set(digest, compressedSize);
    blobs.set(image.manifest.digest, image.manifest.size);
  }
  for (const image of kept) for (const { digest } of image.layers) blobs.delete(digest);
  const freed = plan.records.flatMap((record) => (record.kind === 'deleted' ? [record.id] : []));
  return {
    images: gone,
    records: plan.records,
    reclaimedSize: freed.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0),
    reclaimedBytes: [...blobs.values()].reduce((sum, size) => sum + size, 0),
  };
}
