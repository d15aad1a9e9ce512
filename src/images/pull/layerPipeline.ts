import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createInflater, detectCompression, TarReader } from '../../archive/index.ts';
import type { Compression, Inflater } from '../../archive/index.ts';
import { describeError, StrataError } from '../../base/errors.ts';
import { MAX_COMPRESSION_RATIO, MAX_UNPACKED_LAYER_BYTES, RATIO_GRACE_BYTES } from '../../base/limits.ts';
import { LayerIndexBuilder } from '../../layers/index.ts';
import type { LayerStats } from '../../layers/index.ts';
import { digestAlgorithm, parseDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';

/** So many bytes tell how a blob is compressed. */
const MAGIC_BYTES = 4;

/** What a layer's bytes turned out to be. */
export interface PipelineResult {
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly compression: Compression;
  /** Bytes of the blob. */
  readonly size: number;
  readonly index: Uint8Array;
  readonly stats: LayerStats;
}

/**
 * The one pass over a layer, on the calling thread: digest of what arrives, decompression, diff ID, and the index of its tar.
 * Bytes that do not unpack are hashed to the end all the same: a wrong digest explains them better.
 */
export class LayerPipeline {
  readonly #expected: Digest | undefined;
  readonly #diffId: Digest | undefined;
  readonly #blobHash: Hash;
  /** Undefined while the tar is the blob itself: then one sum serves both. */
  #tarHash: Hash | undefined;
  #compression: Compression = 'none';
  readonly #builder = new LayerIndexBuilder();
  readonly #reader: TarReader;
  #inflater: Inflater | undefined;
  #failure: Error | undefined;
  /** The first bytes, until there are enough to tell the compression by. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #compressed = 0;
  #unpacked = 0;

  /** What is not known beforehand is found out, as sha256. */
  constructor(digest: Digest | undefined, diffId: Digest | undefined) {
    this.#expected = digest;
    this.#diffId = diffId;
    this.#blobHash = createHash(algorithmOf(digest));
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
    const digest = checked('layer', this.#expected, this.#blobHash);
    if (this.#failure !== undefined) throw this.#failure;
    const diffId =
      this.#tarHash === undefined
        ? matching('unpacked layer', this.#diffId, digest)
        : checked('unpacked layer', this.#diffId, this.#tarHash);
    const { bytes, stats } = this.#builder.finish(diffId, this.#unpacked, digest);
    return { digest, diffId, compression: this.#compression, size: this.#compressed, index: bytes, stats };
  }

  /** Frees the decompressor. */
  close(): void {
    this.#inflater?.close();
  }

  async #begin(head: Buffer): Promise<void> {
    this.#head = undefined;
    await this.#unpack(() => {
      this.#compression = detectCompression(head);
      const isBlob =
        this.#compression === 'none' && algorithmOf(this.#expected) === algorithmOf(this.#diffId);
      if (!isBlob) this.#tarHash = createHash(algorithmOf(this.#diffId));
      this.#inflater = createInflater(this.#compression, (data) => this.#take(data));
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
      const what = this.#expected === undefined ? 'layer' : `layer ${this.#expected}`;
      throw new StrataError('content-invalid', { what, detail: 'it unpacks to far more than a layer would' });
    }
    this.#tarHash?.update(data);
    this.#reader.push(data);
  }
}

function algorithmOf(digest: Digest | undefined): 'sha256' | 'sha512' {
  return digest === undefined ? 'sha256' : digestAlgorithm(digest);
}

function checked(what: string, expected: Digest | undefined, hash: Hash): Digest {
  return matching(what, expected, parseDigest(`${algorithmOf(expected)}:${hash.digest('hex')}`));
}

/** @throws `digest-mismatch` */
function matching(what: string, expected: Digest | undefined, actual: Digest): Digest {
  if (expected === undefined || actual === expected) return actual;
  throw new StrataError('digest-mismatch', { what: `${what} ${expected}`, expected, actual });
}
