import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createInflater, detectCompression, TarReader } from '../../archive/index.ts';
import type { Inflater } from '../../archive/index.ts';
import { describeError, StrataError } from '../../base/errors.ts';
import { MAX_COMPRESSION_RATIO, MAX_UNPACKED_LAYER_BYTES, RATIO_GRACE_BYTES } from '../../base/limits.ts';
import { LayerIndexBuilder } from '../../layers/index.ts';
import type { LayerStats } from '../../layers/index.ts';
import { digestAlgorithm } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';

/** So many bytes tell how a blob is compressed. */
const MAGIC_BYTES = 4;

/** What a layer's bytes turned out to be. */
export interface PipelineResult {
  readonly index: Uint8Array;
  readonly stats: LayerStats;
}

/**
 * The one pass over a layer, on the calling thread: digest of what arrives, decompression, diff ID, and the index of its tar.
 * Bytes that do not unpack are hashed to the end all the same: a wrong digest explains them better.
 */
export class LayerPipeline {
  readonly #expected: Digest;
  readonly #diffId: Digest;
  readonly #blobHash: Hash;
  readonly #tarHash: Hash;
  readonly #builder = new LayerIndexBuilder();
  readonly #reader: TarReader;
  #inflater: Inflater | undefined;
  #failure: Error | undefined;
  /** The first bytes, until there are enough to tell the compression by. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #compressed = 0;
  #unpacked = 0;

  constructor(digest: Digest, diffId: Digest) {
    this.#expected = digest;
    this.#diffId = diffId;
    this.#blobHash = createHash(digestAlgorithm(digest));
    this.#tarHash = createHash(digestAlgorithm(diffId));
    this.#reader = new TarReader((entry) => this.#builder.add(entry));
  }

  /** Takes the next bytes of the blob; the chunk may be used again when it resolves. */
  async push(chunk: Buffer): Promise<void> {
    this.#blobHash.update(chunk);
    this.#compressed += chunk.length;
    if (this.#head === undefined) {
      await this.#unpack(() => this.#inflater?.push(chunk));
      return;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= MAGIC_BYTES) await this.#begin(this.#head);
  }

  /**
   * Ends the blob.
   * @throws `digest-mismatch` if it is not the blob or not the layer that was asked for, `content-invalid` if it is no layer
   */
  async finish(): Promise<PipelineResult> {
    if (this.#head !== undefined) await this.#begin(this.#head);
    await this.#unpack(async () => {
      await this.#inflater?.end();
      this.#reader.end();
    });
    check('layer', this.#expected, this.#blobHash);
    if (this.#failure !== undefined) throw this.#failure;
    check('unpacked layer', this.#diffId, this.#tarHash);
    const { bytes, stats } = this.#builder.finish(this.#diffId, this.#unpacked);
    return { index: bytes, stats };
  }

  /** Frees the decompressor. */
  close(): void {
    this.#inflater?.close();
  }

  async #begin(head: Buffer): Promise<void> {
    this.#head = undefined;
    await this.#unpack(() => {
      this.#inflater = createInflater(detectCompression(head), (data) => this.#take(data));
      return this.#inflater.push(head);
    });
  }

  /** Runs one step of the unpacking, and no other after one has failed. */
  async #unpack(step: () => void | Promise<void>): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await step();
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(describeError(error));
    }
  }

  #take(data: Buffer): void {
    this.#unpacked += data.length;
    const isBomb =
      this.#unpacked > RATIO_GRACE_BYTES && this.#unpacked > this.#compressed * MAX_COMPRESSION_RATIO;
    if (isBomb || this.#unpacked > MAX_UNPACKED_LAYER_BYTES) {
      const what = `layer ${this.#expected}`;
      throw new StrataError('content-invalid', { what, detail: 'it unpacks to far more than a layer would' });
    }
    this.#tarHash.update(data);
    this.#reader.push(data);
  }
}

function check(what: string, expected: Digest, hash: Hash): void {
  const actual = `${digestAlgorithm(expected)}:${hash.digest('hex')}`;
  if (actual !== expected) {
    throw new StrataError('digest-mismatch', { what: `${what} ${expected}`, expected, actual });
  }
}
