import { fdatasync, writeSync } from 'node:fs';
import { withStoreErrors } from '../../store/index.ts';
import type { PartialBlob } from '../../store/index.ts';

/** A file of the store in the making. */
type Unfinished = Pick<PartialBlob, 'handle' | 'path'>;

/** So many bytes are handed to the disk in the background at a time, so that the last fsync finds little to do. */
const FLUSH_BYTES = 32 * 1024 * 1024;

/**
 * Writes behind what a partial blob has. On the calling thread: it goes to the page cache, and a hop to the thread pool
 * for each batch cost half a second in 600 MB.
 */
export class PartialWriter {
  readonly #partial: Unfinished;
  #sinceFlush = 0;
  #flush: Promise<void> | undefined;

  constructor(partial: Unfinished) {
    this.#partial = partial;
  }

  /** @throws `disk-full`, `store-unwritable` */
  async write(chunk: Buffer, position: number): Promise<void> {
    const { fd } = this.#partial.handle;
    await withStoreErrors(this.#partial.path, 'write', () => {
      for (let done = 0; done < chunk.length;)
        done += writeSync(fd, chunk, done, chunk.length - done, position + done);
      return Promise.resolve();
    });
    this.#sinceFlush += chunk.length;
    if (this.#sinceFlush >= FLUSH_BYTES && this.#flush === undefined) this.#startFlush(fd);
  }

  /** Waits for a flush under way: the file must not be closed under it. */
  async settle(): Promise<void> {
    await this.#flush;
  }

  #startFlush(fd: number): void {
    this.#sinceFlush = 0;
    this.#flush = new Promise<void>((resolve) => {
      // A disk that fails here fails at the commit's fsync too, which is the one that counts.
      fdatasync(fd, () => resolve());
    }).then(() => {
      this.#flush = undefined;
    });
  }
}
