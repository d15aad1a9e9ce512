import { mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TEMP_PREFIX, writeFileAtomic } from '../base/atomicFile.ts';
import { describeError, StrataError, systemCode } from '../base/errors.ts';
import { MAX_MANIFEST_BYTES } from '../base/limits.ts';
import { parseJsonObject } from '../oci/parse.ts';
import { fileIdentity, ifPresent, namesIn, readWhole } from './files.ts';
import { createFolders } from './folders.ts';
import { EMPTY_INDEX, printIndexDocument } from './indexDocument.ts';
import { blobsFolder, indexFile, layoutFile } from './layout.ts';
import { withStoreLock } from './leases.ts';
import { withStoreErrors } from './storeError.ts';
import { DiskStore } from './store.ts';
import type { Store, StoreOptions } from './store.ts';

/** image-spec image-layout.md, "oci-layout file". */
export const LAYOUT = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/** Only the user may look in: whoever wants to share a store opens its root. */
const PRIVATE_MODE = 0o700;

/** What systems put into a folder by themselves. */
const NO_CONTENT = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini', 'lost+found']);

/**
 * Opens the store at this folder, and makes one of a folder that is absent or empty. A store that can only be read
 * opens too; its writes fail with `store-unwritable`.
 * @throws StrataError `store-folder-invalid`, `store-corrupt`, `store-unreadable`, `store-unwritable`, `disk-full`
 */
export async function openStore(root: string, options: StoreOptions): Promise<Store> {
  const path = resolve(root);
  if (await hasLayout(path)) {
    await withStoreErrors(path, 'write', () => createFolders(path).catch(ignoreReadOnly));
  } else {
    await createLayout(path);
  }
  if ((await withStoreErrors(path, 'read', () => fileIdentity(indexFile(path)))) === undefined) {
    await createIndex(path);
  }
  return new DiskStore(path, options);
}

/** True if nothing stands in the folder, or there is none. */
export async function isEmptyFolder(path: string): Promise<boolean> {
  const names = (await ifPresent(readdir(path))) ?? [];
  return names.every((name) => NO_CONTENT.has(name) || name.startsWith(TEMP_PREFIX));
}

/** False if there is no oci-layout. @throws StrataError `store-corrupt` if it says something else, `store-unreadable` */
export async function hasLayout(root: string): Promise<boolean> {
  const path = layoutFile(root);
  const file = await withStoreErrors(path, 'read', () => ifPresent(readWhole(path, MAX_MANIFEST_BYTES)));
  if (file === undefined) return false;
  let version: unknown;
  try {
    version = parseJsonObject(file.bytes, 'oci-layout').imageLayoutVersion;
  } catch (error) {
    throw new StrataError('store-corrupt', { path, detail: describeError(error) }, { cause: error });
  }
  if (version === '1.0.0') return true;
  throw new StrataError('store-corrupt', { path, detail: 'its imageLayoutVersion is not 1.0.0' });
}

async function createLayout(root: string): Promise<void> {
  await withStoreErrors(root, 'write', async () => {
    await mkdir(root, { recursive: true, mode: PRIVATE_MODE });
    // Another process may make the same store: it writes oci-layout before anything else.
    if (!(await isEmptyFolder(root)) && !(await hasLayout(root))) {
      throw new StrataError('store-folder-invalid', {
        path: root,
        detail: 'the folder has other files and no oci-layout; choose an empty one',
      });
    }
    await writeFileAtomic(layoutFile(root), LAYOUT);
    await createFolders(root);
  });
}

/** Under the lock, so that it never replaces what another process has begun. */
async function createIndex(root: string): Promise<void> {
  const path = indexFile(root);
  await withStoreErrors(path, 'write', () =>
    withStoreLock(root, {}, async () => {
      if ((await fileIdentity(path)) !== undefined) return;
      const blobs = [
        ...(await namesIn(blobsFolder(root, 'sha256'))),
        ...(await namesIn(blobsFolder(root, 'sha512'))),
      ];
      if (blobs.length > 0) {
        const detail = `it is missing, though the store has ${blobs.length} blobs; restore it, or choose another folder`;
        throw new StrataError('store-corrupt', { path, detail });
      }
      await writeFileAtomic(path, printIndexDocument(EMPTY_INDEX));
    }),
  );
}

function ignoreReadOnly(error: unknown): void {
  if (!['EROFS', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
}
