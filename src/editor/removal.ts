import type { ImageSummary } from '../images/types.ts';

/** What the deletion of images takes from the disk, as far as the list of images tells. */
export interface Freed {
  readonly layers: number;
  /** Compressed: what the store holds. */
  readonly bytes: number;
}

/** The layers that only `removed` have, each once. Layers that another image needs stay. */
export function freedBy(removed: readonly ImageSummary[], all: readonly ImageSummary[]): Freed {
  const gone = new Set(removed.map(({ id }) => id));
  const kept = new Set(
    all.filter(({ id }) => !gone.has(id)).flatMap(({ layers }) => layers.map(({ digest }) => digest)),
  );
  const freed = new Map(
    removed
      .flatMap(({ layers }) => layers)
      .filter(({ digest }) => !kept.has(digest))
      .map((layer) => [layer.digest, layer.compressedSize]),
  );
  return { layers: freed.size, bytes: [...freed.values()].reduce((sum, size) => sum + size, 0) };
}
