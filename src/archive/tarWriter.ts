import type { Writable } from 'node:stream';
import type { Pack } from 'tar-stream';
import { describeError, StrataError } from '../base/errors.ts';

const NOTHING = Buffer.alloc(0);
/** Every entry has this time, so that the same content makes the same archive. */
const EPOCH = new Date(0);

/** Writes a tar of folders and files to a sink, one entry after the other, at the sink's pace. */
export class TarWriter {
  readonly #pack: Pack;
  readonly #pump: Promise<void>;
  #letGo: () => void = () => undefined;
  #failure: Error | undefined;
  #written = 0;

  /** Loads tar-stream, which nobody needs who writes no archive. The sink stays open at the end: it is the caller's. */
  static async open(sink: Writable): Promise<TarWriter> {
    const { pack } = await import('tar-stream');
    return new TarWriter(pack(), sink);
  }

  private constructor(pack: Pack, sink: Writable) {
    this.#pack = pack;
    const pumped = pump(pack, sink).catch((error: unknown) => {
      this.#failure ??= error instanceof Error ? error : new Error(describeError(error));
    });
    this.#pump = new Promise((resolve) => {
      this.#letGo = resolve;
      void pumped.then(resolve);
    });
  }

  /** Bytes of content so far. */
  get written(): number {
    return this.#written;
  }

  /** @param path without the slash at its end */
  async folder(path: string): Promise<void> {
    await this.#entry({ name: `${path}/`, type: 'directory', mode: 0o755 }, 0, []);
  }

  /**
   * @param size bytes that `content` gives
   * @throws StrataError `size-mismatch` if it gives another number; what the content or the sink throws
   */
  async file(
    path: string,
    size: number,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    await this.#entry({ name: path, type: 'file', mode: 0o644 }, size, content);
  }

  /** Writes the end marker and waits until the sink has taken all. */
  async finish(): Promise<void> {
    this.#pack.finalize();
    await this.#pump;
    this.#check();
  }

  /** Lets go of an archive that will not be finished, at once: also where the sink takes nothing any more. */
  async abandon(): Promise<void> {
    this.#failure ??= new Error('the archive was abandoned');
    this.#letGo();
    this.#pack.destroy();
    await this.#pump;
  }

  async #entry(
    header: { name: string; type: 'file' | 'directory'; mode: number },
    size: number,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    this.#check();
    const entry = this.#pack.entry({ ...header, size, mtime: EPOCH });
    // The pump is who tells what went wrong.
    entry.on('error', () => undefined);
    let actual = 0;
    try {
      for await (const chunk of content) {
        actual += chunk.length;
        if (actual > size) break;
        if (!entry.write(chunk)) await happens(entry, 'drain');
        this.#check();
        this.#written += chunk.length;
      }
      if (actual !== size) {
        throw new StrataError('size-mismatch', { what: header.name, expected: size, actual });
      }
      const finished = happens(entry, 'finish');
      entry.end(undefined);
      await finished;
      this.#check();
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** Resolves with the event, or when the stream closes because the archive has failed. */
async function happens(stream: NodeJS.EventEmitter, event: 'drain' | 'finish'): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off(event, done).off('close', done);
      resolve();
    };
    stream.once(event, done).once('close', done);
  });
}

/** Not node:stream's pipeline, which destroys a sink that is not ours, be it standard output. */
async function pump(pack: Pack, sink: Writable): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => {
      release();
      pack.destroy();
      reject(error);
    };
    const onClose = (): void => fail(new Error('what the archive is written to has closed'));
    const onDrain = (): void => void pack.resume();
    const onData = (chunk: unknown): void => {
      if (!sink.write(chunk)) pack.pause();
    };
    // All that was written before has been taken then.
    const onEnd = (): void => void sink.write(NOTHING, (error) => (error ? fail(error) : finish()));
    const finish = (): void => {
      release();
      resolve();
    };
    const onPackClose = (): void => {
      // Abandoned: whoever did it knows why.
      if (!ended) finish();
    };
    let ended = false;
    const release = (): void => {
      sink.off('error', fail).off('close', onClose).off('drain', onDrain);
    };
    sink.on('error', fail).on('close', onClose).on('drain', onDrain);
    pack.on('data', onData).on('close', onPackClose).on('error', fail);
    pack.once('end', () => {
      ended = true;
      onEnd();
    });
    if (sink.destroyed) onClose();
  });
}
