import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createDecompressor, detectCompression, TarReader } from '../../archive/index.ts';
import { describeError, StrataError } from '../../base/errors.ts';
import { MAX_COMPRESSION_RATIO, MAX_UNPACKED_LAYER_BYTES, RATIO_GRACE_BYTES } from '../../base/limits.ts';
import { LayerIndexBuilder } from '../../layers/index.ts';
import type { LayerStats } from '../../layers/index.ts';
import { digestAlgorithm } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';

/** What a layer's bytes turned out to be. */
export interface PipelineResult {
  readonly index: Uint8Array;
  readonly stats: LayerStats;
}

/**
 * The one pass over a layer: digest of what arrives, decompression, diff ID, and the index of its tar.
 * Bytes that do not unpack are hashed to the end all the same: a wrong digest explains them better.
 */
export class LayerPipeline {
  readonly #expected: Digest;
  readonly #diffId: Digest;
  readonly #blobHash: Hash;
  readonly #tarHash: Hash;
  readonly #builder = new LayerIndexBuilder();
  readonly #reader: TarReader;
  #inflate: Transform | undefined;
  #inflated: Promise<void> | undefined;
  #failure: unknown;
  #compressed = 0;
  #unpacked = 0;

  constructor(digest: Digest, diffId: Digest) {
    this.#expected = digest;
    this.#diffId = diffId;
    this.#blobHash = createHash(digestAlgorithm(digest));
    this.#tarHash = createHash(digestAlgorithm(diffId));
    this.#reader = new TarReader((entry) => this.#builder.add(entry));
  }

  /** Takes the next bytes of the blob; resolves when more may come. The chunk must not change afterwards. */
  async push(chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return;
    this.#inflate ??= this.#open(chunk);
    this.#compressed += chunk.length;
    const accepted = this.#failure === undefined ? this.#write(this.#inflate, chunk) : undefined;
    // Hashed here while the thread pool inflates.
    this.#blobHash.update(chunk);
    await accepted;
  }

  /**
   * Ends the blob.
   * @throws `digest-mismatch` if it is not the blob or not the layer that was asked for, `content-invalid` if it is no layer
   */
  async finish(): Promise<PipelineResult> {
    const inflate = this.#inflate ?? this.#open(Buffer.alloc(0));
    if (this.#failure === undefined) inflate.end();
    await this.#inflated;
    this.#check('layer', this.#expected, this.#blobHash);
    if (this.#failure === undefined) this.#attempt(() => this.#reader.end());
    if (this.#failure !== undefined) throw this.#explain(this.#failure);
    this.#check('unpacked layer', this.#diffId, this.#tarHash);
    const { bytes, stats } = this.#builder.finish(this.#diffId, this.#unpacked);
    return { index: bytes, stats };
  }

  /** Frees the decompressor of a layer that is given up. */
  destroy(): void {
    this.#failure ??= new Error('given up');
    this.#inflate?.destroy();
  }

  #open(first: Buffer): Transform {
    const inflate = createDecompressor(detectCompression(first));
    inflate.on('data', (chunk: Buffer) => this.#attempt(() => this.#take(chunk)));
    this.#inflated = finished(inflate).catch((error: unknown) => {
      this.#failure ??= error;
    });
    return inflate;
  }

  #take(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    this.#unpacked += chunk.length;
    if (
      this.#unpacked > MAX_UNPACKED_LAYER_BYTES ||
      (this.#unpacked > RATIO_GRACE_BYTES && this.#unpacked > this.#compressed * MAX_COMPRESSION_RATIO)
    ) {
      throw new StrataError('content-invalid', {
        what: this.#expected,
        detail: 'it unpacks to far more than a layer would',
      });
    }
    this.#tarHash.update(chunk);
    this.#reader.push(chunk);
  }

  /** Runs one step; its failure ends the unpacking, not the hashing of the blob. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#failure ??= error;
      this.#inflate?.destroy();
    }
  }

  async #write(inflate: Transform, chunk: Buffer): Promise<void> {
    if (inflate.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        inflate.off('drain', done);
        inflate.off('close', done);
        resolve();
      };
      inflate.on('drain', done);
      inflate.on('close', done);
    });
  }

  #check(what: string, expected: Digest, hash: Hash): void {
    const actual = `${digestAlgorithm(expected)}:${hash.digest('hex')}`;
    if (actual !== expected) {
      throw new StrataError('digest-mismatch', { what: `${what} ${expected}`, expected, actual });
    }
  }

  #explain(failure: unknown): unknown {
    if (failure instanceof StrataError) return failure;
    const params = { what: `layer ${this.#expected}`, detail: describeError(failure) };
    return new StrataError('content-invalid', params, { cause: failure });
  }
}
