import { familiarString, parseReference } from '../reference/index.ts';
import type { Digest } from '../oci/digest.ts';
import type { Store } from '../store/index.ts';
import { readImage } from './catalog.ts';
import type { HistoryRow, ImageSummary } from './types.ts';

/** The rows of an image's history, newest first; sizes are those of the layers that the rows made. */
export async function imageHistory(
  store: Store,
  image: ImageSummary,
  images: readonly ImageSummary[],
): Promise<readonly HistoryRow[]> {
  const { config } = await readImage(store, image.manifest);
  let next = 0;
  const rows = config.history.map((entry): Omit<HistoryRow, 'id' | 'tags'> => {
    const emptyLayer = entry.empty_layer === true;
    const layer = emptyLayer ? undefined : image.layers[next++];
    return {
      ...(entry.created === undefined ? {} : { created: entry.created }),
      createdBy: entry.created_by ?? '',
      size: layer?.size ?? 0,
      comment: entry.comment ?? '',
      emptyLayer,
    };
  });
  return withIds(rows.reverse(), image, images);
}

/** The newest row is the image itself, the next its parent where that is known, and so on (moby daemon/images/image_history.go). */
function withIds(
  rows: readonly Omit<HistoryRow, 'id' | 'tags'>[],
  image: ImageSummary,
  images: readonly ImageSummary[],
): readonly HistoryRow[] {
  let current: ImageSummary | undefined = image;
  return rows.map((row) => {
    const owner = current;
    const parent: Digest | undefined = owner?.parent;
    current = parent === undefined ? undefined : images.find((other) => other.id === parent);
    if (owner === undefined) return { ...row, tags: [] };
    return { ...row, id: owner.id, tags: owner.tags.map((tag) => familiarString(parseReference(tag))) };
  });
}
