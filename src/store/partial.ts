import { open, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { renameReplacing, syncFolder } from '../base/atomicFile.ts';
import { StrataError } from '../base/errors.ts';
import type { Digest } from '../oci/digest.ts';
import { hasBlob } from './blobs.ts';
import { ifPresent } from './files.ts';
import { withFolders } from './folders.ts';
import { blobFile, partialFile } from './layout.ts';
import { acquireLock } from './lock.ts';
import type { FileLock } from './lock.ts';
import { withStoreErrors } from './storeError.ts';

/*
 * The lock of a partial blob is a file beside it and not the partial itself: the partial must be closed before it is
 * renamed into blobs/ (Windows), and must stay locked until it is there, or a second writer could lock, in between,
 * the very file that becomes the blob. Who holds the lock may unlink its file: lock.ts makes that safe.
 */

export interface PartialOptions {
  /** Ends the wait for another writer of the same blob. */
  readonly signal?: AbortSignal | undefined;
  /** Called once if another pull is writing this blob. */
  readonly onWait?: (() => void) | undefined;
  /** Bytes of the whole blob; a blob of another size in the store counts as absent and is replaced. */
  readonly size?: number | undefined;
}

/** The lock of a partial blob's file. */
export const partialLockFile = (root: string, digest: Digest): string => `${partialFile(root, digest)}.lock`;

/**
 * The unfinished bytes of a blob, for one writer at a time on this machine. Needs only the store's root: made for
 * worker threads. The caller holds a lease on the digest, so that no sweep takes the blob once it has landed.
 * @returns 'complete' when the store has the blob, perhaps because the writer that was waited for has finished it
 * @throws StrataError `disk-full`, `store-unwritable`; the signal's reason
 */
export async function openPartial(
  root: string,
  digest: Digest,
  options: PartialOptions = {},
): Promise<PartialBlob | 'complete'> {
  if (await hasBlob(root, digest, options.size)) return 'complete';
  const path = partialFile(root, digest);
  return withStoreErrors(path, 'write', async () => {
    const lock = await withFolders(root, () => acquireLock(partialLockFile(root, digest), options));
    try {
      if (await hasBlob(root, digest, options.size)) {
        await lock.release({ remove: true });
        return 'complete';
      }
      const handle = await openOrCreate(path);
      return new PartialBlob(root, digest, handle, lock, (await handle.stat()).size);
    } catch (error) {
      await lock.release();
      throw error;
    }
  });
}

/** Bytes that are there of an unfinished blob; 0 if it was not begun. */
export async function partialBytes(root: string, digest: Digest): Promise<number> {
  return (await ifPresent(stat(partialFile(root, digest))))?.size ?? 0;
}

export class PartialBlob {
  readonly #root: string;
  readonly #digest: Digest;
  readonly #lock: FileLock;
  #closed = false;
  /** For reading what is there and writing behind it, at explicit positions. */
  readonly handle: FileHandle;
  /** Bytes that were there when it was opened. */
  readonly size: number;

  constructor(root: string, digest: Digest, handle: FileHandle, lock: FileLock, size: number) {
    this.#root = root;
    this.#digest = digest;
    this.handle = handle;
    this.#lock = lock;
    this.size = size;
  }

  get path(): string {
    return partialFile(this.#root, this.#digest);
  }

  /**
   * Makes it a blob, durably: fsync → rename → fsync of the folder. The caller has verified the digest of exactly
   * these bytes. Closes it, on failure too; then the bytes stay for a later try.
   * @param size bytes that the caller verified
   * @throws StrataError `size-mismatch` if the file has another size
   */
  async commit(size: number): Promise<void> {
    const target = blobFile(this.#root, this.#digest);
    try {
      await withStoreErrors(target, 'write', async () => {
        const actual = (await this.handle.stat()).size;
        if (actual !== size) {
          throw new StrataError('size-mismatch', { what: this.path, expected: size, actual });
        }
        await this.handle.sync();
        await this.handle.close();
        await renameReplacing(this.path, target);
        await syncFolder(dirname(target));
      });
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#closed = true;
    await this.#lock.release({ remove: true });
  }

  /** Forgets the bytes, because they are wrong; it stays open, and empty. */
  async discard(): Promise<void> {
    await withStoreErrors(this.path, 'write', () => this.handle.truncate(0));
  }

  /** Keeps the bytes for a later pull. A partial without bytes leaves nothing behind. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      const empty = (await partialBytes(this.#root, this.#digest)) === 0;
      await this.handle.close();
      if (empty) await rm(this.path, { force: true });
    } finally {
      await this.#lock.release({ remove: true });
    }
  }
}

/** Not 'a': on Linux an appending handle ignores positions. Not 'w': it truncates. */
async function openOrCreate(path: string): Promise<FileHandle> {
  return (await ifPresent(open(path, 'r+'))) ?? (await open(path, 'wx+'));
}
