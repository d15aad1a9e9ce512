import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renameReplacing, syncFolder, TEMP_PREFIX } from '../base/atomicFile.ts';
import type { Digest } from '../oci/digest.ts';
import { hasBlob } from './blobs.ts';
import { withFolders } from './folders.ts';
import { blobFile, partialFolder } from './layout.ts';
import { withStoreErrors } from './storeError.ts';

/** The bytes of a blob whose digest is known only at their end. Nobody resumes them: a sweep takes what a kill leaves. */
export class TempBlob {
  readonly #root: string;
  readonly handle: FileHandle;
  readonly path: string;
  #open = true;

  private constructor(root: string, path: string, handle: FileHandle) {
    this.#root = root;
    this.path = path;
    this.handle = handle;
  }

  /** @throws StrataError `disk-full`, `store-unwritable` */
  static async create(root: string): Promise<TempBlob> {
    const path = join(partialFolder(root), `${TEMP_PREFIX}blob-${randomBytes(8).toString('hex')}`);
    const handle = await withStoreErrors(path, 'write', () => withFolders(root, () => open(path, 'wx+')));
    return new TempBlob(root, path, handle);
  }

  /**
   * Makes it the blob of this digest, durably, unless the store has it. The caller has verified the digest and
   * holds a lease on it.
   * @param size bytes that the caller verified
   */
  async land(digest: Digest, size: number): Promise<void> {
    const target = blobFile(this.#root, digest);
    await withStoreErrors(target, 'write', async () => {
      if (await hasBlob(this.#root, digest, size)) return;
      await this.handle.sync();
      await this.#close();
      await renameReplacing(this.path, target);
      await syncFolder(dirname(target));
    });
  }

  /** To be called at the end, whatever came of it: what has not landed goes. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(this.path, { force: true });
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.handle.close();
  }
}
