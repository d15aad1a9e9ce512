import type { ImageSummary } from '../../images/types.ts';

/** What a set of images weighs, in bytes unpacked. */
export interface Totals {
  readonly count: number;
  /** Each layer once. */
  readonly size: number;
  /** Of these, the layers that no other image has. */
  readonly ownSize: number;
}

/** Counts once in how many images each layer is, so that a selection costs only itself. */
export class LayerUses {
  readonly #users = new Map<string, number>();

  constructor(all: readonly ImageSummary[]) {
    for (const image of all) for (const diffId of sizes([image]).keys()) this.#add(diffId);
  }

  totals(images: readonly ImageSummary[]): Totals {
    const distinct = [...new Map(images.map((image) => [image.id, image])).values()];
    const here = new LayerUses(distinct);
    let size = 0;
    let ownSize = 0;
    for (const [diffId, layerSize] of sizes(distinct)) {
      size += layerSize;
      if (here.#users.get(diffId) === this.#users.get(diffId)) ownSize += layerSize;
    }
    return { count: distinct.length, size, ownSize };
  }

  #add(diffId: string): void {
    this.#users.set(diffId, (this.#users.get(diffId) ?? 0) + 1);
  }
}

function sizes(images: readonly ImageSummary[]): ReadonlyMap<string, number> {
  return new Map(images.flatMap(({ layers }) => layers).map(({ diffId, size }) => [diffId, size]));
}
