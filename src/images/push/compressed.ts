import { isDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Store } from '../../store/index.ts';

/** What a layer is once it is compressed. */
interface CompressedLayer {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** Of the remembered form: raise it when what compresses, or its level, changes. */
const VERSION = 1;
/** So many layers are remembered, the latest. */
const MAX_REMEMBERED = 10_000;

/** What uncompressed layers became in earlier pushes, so that a registry can be asked for them before they are made again. */
export class Compressed {
  readonly #store: Store;
  readonly #known: Map<string, CompressedLayer>;

  private constructor(store: Store, known: Map<string, CompressedLayer>) {
    this.#store = store;
    this.#known = known;
  }

  static async read(store: Store): Promise<Compressed> {
    const known = new Map<string, CompressedLayer>();
    for (const [diffId, value] of await store.readCompressed(VERSION)) {
      if (isCompressedLayer(value)) known.set(diffId, value);
    }
    return new Compressed(store, known);
  }

  /** @param diffId of an uncompressed layer its blob's digest, too */
  get(diffId: Digest): CompressedLayer | undefined {
    return this.#known.get(diffId);
  }

  /** Kept for the next push; one that cannot be written costs time only. */
  async remember(diffId: Digest, layer: CompressedLayer): Promise<void> {
    this.#known.set(diffId, layer);
    const all = await this.#store.readCompressed(VERSION);
    const merged = [...all, ...this.#known].slice(-MAX_REMEMBERED);
    await this.#store.writeCompressed(VERSION, new Map<string, unknown>(merged)).catch(() => undefined);
  }
}

function isCompressedLayer(value: unknown): value is CompressedLayer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'digest' in value &&
    isDigest(value.digest) &&
    'size' in value &&
    Number.isSafeInteger(value.size)
  );
}
