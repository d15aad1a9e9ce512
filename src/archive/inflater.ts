import type { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { describeError, StrataError } from '../base/errors.ts';
import { BLOB_BATCH_BYTES, MAX_ZSTD_WINDOW_LOG } from '../base/limits.ts';
import { createDecompressor } from './compression.ts';
import type { Compression } from './compression.ts';
import { ZstdFrameSplitter } from './zstdFrames.ts';

/**
 * Inflates what is pushed, in order; what comes out goes to `onData`, which must not keep the buffer: it is used again.
 * A promise, where one is returned, must be awaited before the next call. Failures are StrataError `content-invalid`,
 * or what `onData` throws.
 */
export interface Inflater {
  push(chunk: Buffer): void | Promise<void>;
  /** @throws also where the data stops before its end */
  end(): void | Promise<void>;
  /** Frees what zlib holds; harmless when repeated. */
  close(): void;
}

/** The part of a zlib stream behind its streaming: it inflates at once, on this thread. */
interface ZlibHandle {
  writeSync(
    flush: number,
    input: Buffer,
    from: number,
    length: number,
    output: Buffer,
    at: number,
    room: number,
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
}

interface ZlibInternals {
  readonly _handle?: Partial<ZlibHandle> | null;
  /** Room left in the output, bytes left of the input. */
  readonly _writeState?: unknown;
}

const NOTHING = Buffer.alloc(0);

/**
 * An inflater that works on the calling thread: for workers, where a hop to the thread pool costs a quarter more
 * processor time and gains nothing. It drives zlib's own handle, which Node does not document (minizlib does the same);
 * where a Node has it no more, the documented stream takes its place.
 */
export function createInflater(compression: Compression, onData: (data: Buffer) => void): Inflater {
  if (compression === 'none') return { push: onData, end: () => undefined, close: () => undefined };
  return SyncInflater.open(compression, onData) ?? createStreamInflater(compression, onData);
}

class SyncInflater implements Inflater {
  readonly #what: string;
  readonly #onData: (data: Buffer) => void;
  readonly #stream: Transform;
  readonly #handle: ZlibHandle;
  readonly #state: Uint32Array;
  readonly #splitter: ZstdFrameSplitter | undefined;
  readonly #output = Buffer.allocUnsafeSlow(BLOB_BATCH_BYTES);
  #error: Error | undefined;

  /** @returns undefined where this Node has no such handle */
  static open(compression: 'gzip' | 'zstd', onData: (data: Buffer) => void): SyncInflater | undefined {
    const params = { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG };
    const stream = compression === 'zstd' ? createZstdDecompress({ params }) : createGunzip();
    const { _handle: handle, _writeState: state } = stream as unknown as ZlibInternals;
    if (typeof handle?.writeSync === 'function' && state instanceof Uint32Array && state.length === 2) {
      return new SyncInflater(compression, stream, handle as ZlibHandle, state, onData);
    }
    stream.destroy();
    return undefined;
  }

  private constructor(
    compression: 'gzip' | 'zstd',
    stream: Transform,
    handle: ZlibHandle,
    state: Uint32Array,
    onData: (data: Buffer) => void,
  ) {
    this.#what = `${compression} data`;
    this.#onData = onData;
    this.#stream = stream;
    this.#handle = handle;
    this.#state = state;
    this.#splitter = compression === 'zstd' ? new ZstdFrameSplitter() : undefined;
    handle.onerror = (message) => {
      this.#error = new Error(message);
    };
  }

  push(chunk: Buffer): void {
    for (const piece of this.#splitter?.split(chunk) ?? [chunk]) {
      if (this.#run(constants.Z_NO_FLUSH, piece) > 0) throw this.#invalid('data follows its end');
    }
  }

  end(): void {
    if (this.#splitter?.atBorder === false) throw this.#invalid('unexpected end of file');
    // Of zstd every frame has ended, and no frame at all is well formed too.
    if (this.#splitter === undefined) this.#run(constants.Z_FINISH, NOTHING);
  }

  close(): void {
    this.#stream.destroy();
  }

  /** @returns bytes of the input that zlib did not take */
  #run(flush: number, input: Buffer): number {
    let offset = 0;
    for (;;) {
      this.#handle.writeSync(
        flush,
        input,
        offset,
        input.length - offset,
        this.#output,
        0,
        this.#output.length,
      );
      if (this.#error !== undefined) throw this.#invalid(describeError(this.#error), this.#error);
      const [room = 0, left = 0] = this.#state;
      if (room < this.#output.length) this.#onData(this.#output.subarray(0, this.#output.length - room));
      offset = input.length - left;
      if (room > 0) return left;
    }
  }

  #invalid(detail: string, cause?: unknown): StrataError {
    return new StrataError('content-invalid', { what: this.#what, detail }, { cause });
  }
}

/** The same by node:zlib's documented streams. */
export function createStreamInflater(compression: Compression, onData: (data: Buffer) => void): Inflater {
  const stream = createDecompressor(compression);
  let failure: Error | undefined;
  stream.on('data', (data: Buffer) => {
    try {
      onData(data);
    } catch (error) {
      failure ??= asError(error);
      stream.destroy();
    }
  });
  const ended = finished(stream).catch((error: unknown) => {
    failure ??= asError(error);
  });
  const check = (): void => {
    if (failure !== undefined) throw failure;
  };
  return {
    async push(chunk) {
      check();
      await new Promise<void>((resolve) => {
        stream.once('close', resolve);
        stream.write(chunk, () => {
          stream.off('close', resolve);
          resolve();
        });
      });
      check();
    },
    async end() {
      check();
      stream.end();
      await ended;
      check();
    },
    close: () => {
      stream.destroy();
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(describeError(error));
}
