import { isDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Lease, Store } from '../../store/index.ts';
import type { ImageSummary } from '../types.ts';
import type { StoredLayer } from './types.ts';

/** The layers of the images that the store lists, by what they unpack to and by their blobs. */
export class KnownLayers {
  readonly #store: Store;
  readonly #lease: Lease;
  readonly #byDiffId = new Map<Digest, StoredLayer>();
  readonly #byDigest = new Map<Digest, StoredLayer>();

  constructor(store: Store, lease: Lease, images: readonly ImageSummary[]) {
    this.#store = store;
    this.#lease = lease;
    for (const { digest, diffId, mediaType, compressedSize } of images.flatMap(({ layers }) => layers)) {
      this.add({ descriptor: { mediaType, digest, size: compressedSize }, diffId });
    }
  }

  /** The first of a diff ID stays: the same layers are shared then. */
  add(layer: StoredLayer): void {
    this.#byDigest.set(layer.descriptor.digest, layer);
    if (!this.#byDiffId.has(layer.diffId)) this.#byDiffId.set(layer.diffId, layer);
  }

  /** What this blob unpacks to, where it is known. */
  diffIdOf(digest: Digest): Digest | undefined {
    return this.#byDigest.get(digest)?.diffId;
  }

  async withDiffId(diffId: Digest): Promise<StoredLayer | undefined> {
    return await this.#held(this.#byDiffId.get(diffId));
  }

  async withDigest(digest: Digest | undefined, size: number): Promise<StoredLayer | undefined> {
    const layer = isDigest(digest) ? this.#byDigest.get(digest) : undefined;
    return layer?.descriptor.size === size ? await this.#held(layer) : undefined;
  }

  /** Protected first: what is then found in the store cannot be swept away. */
  async #held(layer: StoredLayer | undefined): Promise<StoredLayer | undefined> {
    if (layer === undefined) return undefined;
    const { digest, size } = layer.descriptor;
    await this.#lease.protect([digest, layer.diffId]);
    return (await this.#store.hasBlob(digest, size)) ? layer : undefined;
  }
}
