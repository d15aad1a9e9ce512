import { PassThrough, Transform, type TransformCallback } from 'node:stream';
import { constants, createGunzip, createZstdDecompress, type Zlib } from 'node:zlib';
import { describeError, StrataError } from '../base/errors.ts';
import { BLOB_BATCH_BYTES, MAX_ZSTD_WINDOW_LOG } from '../base/limits.ts';
import { isFrameMagic, isSkippableMagic, ZstdFrameSplitter } from './zstdFrames.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/**
 * How a blob is compressed, by its magic number: media types are known to lie.
 * @param firstBytes at least four, unless the blob is shorter
 */
export function detectCompression(firstBytes: Uint8Array): Compression {
  const [a = 0, b = 0, c = 0, d = 0] = firstBytes;
  if (a === 0x1f && b === 0x8b && c === 0x08) return 'gzip';
  const magic = (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  return isFrameMagic(magic) || isSkippableMagic(magic) ? 'zstd' : 'none';
}

/**
 * A stream that inflates, in chunks of up to 1 MiB. Gzip members and zstd frames may follow each other, skippable
 * frames may stand anywhere. Anything else after them is an error, zero padding too, as in Go.
 * It fails with StrataError `content-invalid`.
 */
export function createDecompressor(compression: Compression): Transform {
  switch (compression) {
    case 'none':
      return new PassThrough();
    case 'gzip':
      return new Decompressor('gzip data', createGunzip({ chunkSize: BLOB_BATCH_BYTES }));
    case 'zstd': {
      const params = { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG };
      const engine = createZstdDecompress({ chunkSize: BLOB_BATCH_BYTES, params });
      return new Decompressor('zstd data', engine, new ZstdFrameSplitter());
    }
  }
}

/** Watches over an engine of node:zlib, which silently ignores what follows the data that it knows. */
class Decompressor extends Transform {
  readonly #what: string;
  readonly #engine: Transform & Zlib;
  readonly #splitter: ZstdFrameSplitter | undefined;
  #given = 0;

  constructor(what: string, engine: Transform & Zlib, splitter?: ZstdFrameSplitter) {
    // Room for two chunks: the engine works on the next one while the reader has the last.
    super({ readableHighWaterMark: 2 * BLOB_BATCH_BYTES });
    this.#what = what;
    this.#engine = engine;
    this.#splitter = splitter;
    engine.on('data', (data: Buffer) => {
      if (!this.push(data)) engine.pause();
    });
    engine.on('error', (error) => this.destroy(this.#invalid(describeError(error), error)));
  }

  override _read(size: number): void {
    this.#engine.resume();
    super._read(size);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    if (this.#splitter === undefined) {
      this.#give([chunk], 0, callback);
      return;
    }
    try {
      this.#give(this.#splitter.split(chunk), 0, callback);
    } catch (error) {
      callback(error instanceof Error ? error : this.#invalid(describeError(error)));
    }
  }

  override _flush(callback: TransformCallback): void {
    if (this.#splitter?.atBorder === false) {
      callback(this.#invalid('unexpected end of file'));
      return;
    }
    if (this.#splitter !== undefined && this.#given === 0) {
      // No frame came, which is well formed; the engine would miss one.
      callback();
      return;
    }
    this.#engine.once('end', () => callback());
    this.#engine.end();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#engine.destroy();
    callback(error);
  }

  /** One piece after the other: the engine's next write must not begin before the last one has been used up. */
  #give(pieces: readonly Buffer[], index: number, callback: TransformCallback): void {
    const piece = pieces[index];
    if (piece === undefined) {
      callback();
      return;
    }
    this.#given += piece.length;
    this.#engine.write(piece, (error) => {
      if (error) callback(this.#invalid(describeError(error), error));
      else if (this.#engine.bytesWritten !== this.#given) callback(this.#invalid('data follows its end'));
      else this.#give(pieces, index + 1, callback);
    });
  }

  #invalid(detail: string, cause?: unknown): StrataError {
    return new StrataError('content-invalid', { what: this.#what, detail }, { cause });
  }
}
