import { chainIds } from '../oci/chainId.ts';
import type { Digest } from '../oci/digest.ts';
import { familiarString, parseReference } from '../reference/index.ts';
import type { ContainerUse, ImageSummary, ListedImage, RemoveRecord } from './types.ts';

/** What a removal does, decided before anything is written. Names are canonical. */
export interface Removal {
  readonly records: readonly RemoveRecord[];
  readonly names: ReadonlySet<string>;
  readonly images: ReadonlySet<Digest>;
}

export type UsersOf = (id: Digest) => readonly ContainerUse[];

/** The names that each image still has while one removal, or many together, are being decided. */
export class RemovalPlan implements Removal {
  readonly records: RemoveRecord[] = [];
  readonly names = new Set<string>();
  readonly images = new Set<Digest>();
  readonly all: readonly ImageSummary[];
  readonly usersOf: UsersOf;
  readonly #byId: ReadonlyMap<Digest, ImageSummary>;
  readonly #children: ReadonlyMap<Digest, readonly ImageSummary[]>;
  /** Of each chain how many images stand on it; counted when the first image goes. */
  #chainUses: Map<Digest, number> | undefined;

  constructor(all: readonly ImageSummary[], usersOf: UsersOf) {
    this.all = all;
    this.usersOf = usersOf;
    this.#byId = new Map(all.map((image) => [image.id, image]));
    this.#children = childrenByParent(all);
  }

  /** Tags and digest references that stand, sorted as Docker sorts them. */
  namesOf(image: ImageSummary): readonly string[] {
    return [...image.tags, ...image.repoDigests].filter((name) => !this.names.has(name)).sort();
  }

  childrenOf(image: ImageSummary): readonly ImageSummary[] {
    return (this.#children.get(image.id) ?? []).filter((child) => !this.images.has(child.id));
  }

  parentOf(image: ImageSummary): ImageSummary | undefined {
    const parent = image.parent === undefined ? undefined : this.#byId.get(image.parent);
    return parent === undefined || this.images.has(parent.id) ? undefined : parent;
  }

  untag(name: string): void {
    this.names.add(name);
    this.records.push({ kind: 'untagged', name: familiarString(parseReference(name)) });
  }

  /** Records the image and, topmost first, the chains that no other image and no container stands on. */
  delete(image: ImageSummary): void {
    this.images.add(image.id);
    this.records.push({ kind: 'deleted', id: image.id });
    this.#chainUses ??= countChains(this.all);
    const uses = this.#chainUses;
    // A container's own layer stands on the image's: those stay until it goes.
    if (this.usersOf(image.id).length > 0) return;
    for (const chain of [...chainsOf(image)].reverse()) {
      const left = (uses.get(chain) ?? 1) - 1;
      uses.set(chain, left);
      if (left === 0) this.records.push({ kind: 'deleted', id: chain });
    }
  }
}

/** Of each image that others were made of, those others. */
export function childrenByParent<I extends ListedImage>(
  images: readonly I[],
): ReadonlyMap<Digest, readonly I[]> {
  const children = new Map<Digest, I[]>();
  for (const image of images) {
    if (image.parent === undefined) continue;
    const siblings = children.get(image.parent);
    if (siblings === undefined) children.set(image.parent, [image]);
    else siblings.push(image);
  }
  return children;
}

/** The layers of an image as Docker names them, lowest first. */
export function chainsOf(image: ImageSummary): readonly Digest[] {
  return chainIds(image.layers.map((layer) => layer.diffId));
}

function countChains(images: readonly ImageSummary[]): Map<Digest, number> {
  const uses = new Map<Digest, number>();
  for (const image of images) {
    for (const chain of chainsOf(image)) uses.set(chain, (uses.get(chain) ?? 0) + 1);
  }
  return uses;
}
