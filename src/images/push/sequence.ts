import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { StrataError } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES } from '../../base/limits.ts';
import { digestAlgorithm } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';

/**
 * Bytes that come in order from one stream, handed out in pieces: the stream stays open between them, and is opened
 * anew only where the next piece does not begin where the last one ended. All bytes are hashed, once.
 */
export class Sequence {
  readonly #reopen: (start: number) => AsyncIterable<Buffer>;
  readonly #algorithm: 'sha256' | 'sha512';
  readonly #hash: Hash;
  readonly #expected: Expected | undefined;
  #source: AsyncIterator<Buffer> | undefined;
  /** Of what the next chunk of the source, or the rest of the last one, begins with. */
  #position = 0;
  #rest: Buffer | undefined;
  #hashed = 0;
  #digest: Digest | undefined;
  #pending: Promise<unknown> = Promise.resolve();

  /**
   * @param reopen the bytes from this offset to the end
   * @param expected what the whole must be; where it is not, the last bytes are never handed out
   */
  constructor(reopen: (start: number) => AsyncIterable<Buffer>, expected?: Expected) {
    this.#reopen = reopen;
    this.#expected = expected;
    this.#algorithm = expected === undefined ? 'sha256' : digestAlgorithm(expected.digest);
    this.#hash = createHash(this.#algorithm);
  }

  /** Bytes that were read so far; all of them, once the digest is known. */
  get length(): number {
    return this.#hashed;
  }

  /** Of all bytes, once the last one was read. */
  get digest(): Digest | undefined {
    return this.#digest;
  }

  open(start: number, end?: number): Readable {
    return Readable.from(this.#pieces(start, end ?? Infinity), {
      objectMode: false,
      highWaterMark: BLOB_BATCH_BYTES,
    });
  }

  async close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    this.#rest = undefined;
    await source?.return?.();
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Buffer> {
    // A stream that was destroyed may still wait for its chunk.
    await this.#pending;
    if (this.#source === undefined || this.#position !== start) {
      await this.close();
      this.#position = start;
      this.#source = this.#reopen(start)[Symbol.asyncIterator]();
    }
    while (this.#position < end) {
      const next = this.#next();
      this.#pending = next.catch(() => undefined);
      const chunk = await next;
      if (chunk === undefined) return;
      const taken = chunk.subarray(0, end - this.#position);
      this.#rest = taken.length < chunk.length ? chunk.subarray(taken.length) : undefined;
      this.#position += taken.length;
      yield taken;
    }
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.#rest !== undefined) return this.#rest;
    const result = await this.#source?.next();
    if (result === undefined || result.done === true) {
      this.#checkSize(this.#position);
      this.#finish();
      return undefined;
    }
    const chunk = result.value;
    const fresh = chunk.subarray(Math.max(0, this.#hashed - this.#position));
    if (fresh.length > 0) {
      this.#hash.update(fresh);
      this.#hashed += fresh.length;
      if (this.#expected !== undefined && this.#hashed >= this.#expected.size) {
        this.#checkSize(this.#hashed);
        this.#finish();
      }
    }
    return chunk;
  }

  #checkSize(actual: number): void {
    if (this.#expected === undefined || actual === this.#expected.size) return;
    const { what, size } = this.#expected;
    throw new StrataError('size-mismatch', { what, expected: size, actual });
  }

  #finish(): void {
    this.#digest ??= `${this.#algorithm}:${this.#hash.digest('hex')}` as Digest;
    if (this.#expected === undefined || this.#digest === this.#expected.digest) return;
    const { what, digest } = this.#expected;
    throw new StrataError('digest-mismatch', { what, expected: digest, actual: this.#digest });
  }
}

interface Expected {
  /** For messages. */
  readonly what: string;
  readonly digest: Digest;
  readonly size: number;
}
