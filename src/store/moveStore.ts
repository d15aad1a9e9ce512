import { mkdir, readdir, realpath, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { syncFolder, TEMP_PREFIX } from '../base/atomicFile.ts';
import { StrataError, systemCode } from '../base/errors.ts';
import { copyVerified, listTree } from './copyTree.ts';
import type { TreeFile } from './copyTree.ts';
import { fileIdentity } from './files.ts';
import { withFolders } from './folders.ts';
import { layoutFile, lockFile } from './layout.ts';
import { findLeases } from './leaseFile.ts';
import { acquireLock } from './lock.ts';
import { isEmptyFolder } from './openStore.ts';
import { withStoreErrors } from './storeError.ts';

export interface MoveOptions {
  /** Until everything is copied; then the move is finished. */
  readonly signal?: AbortSignal;
  /** Bytes; called only where a rename does not do. */
  readonly onProgress?: (progress: { readonly copied: number; readonly total: number }) => void;
}

export interface MoveResult {
  /** False: the store is whole in its new place, but something of the old one could not be removed. */
  readonly sourceRemoved: boolean;
}

/** What a rename fails with where a copy may do: another disk, a mount point, an open file on Windows. */
const NO_RENAME = new Set(['EXDEV', 'EBUSY', 'EPERM', 'EACCES', 'ENOTEMPTY', 'EEXIST']);

/**
 * Moves a store to an absent or empty folder, under the store's lock: by rename on one disk, else it is copied,
 * verified and then removed. Until the copy is complete the old store is untouched, and a failed move leaves
 * nothing in the new place. Other processes must open the new place; in the old one their writes fail.
 * @throws StrataError `store-folder-invalid`, `store-busy` while a pull runs, `disk-full`, `store-unwritable`
 */
export async function moveStore(from: string, to: string, options: MoveOptions = {}): Promise<MoveResult> {
  const target = resolve(to);
  if ((await withStoreErrors(from, 'read', () => fileIdentity(layoutFile(from)))) === undefined) {
    throw new StrataError('store-folder-invalid', { path: from, detail: 'there is no store' });
  }
  return withStoreErrors(target, 'write', async () => {
    const source = await realpath(from);
    await refuseBadTarget(source, target);
    const lock = await withFolders(source, () => acquireLock(lockFile(source), options));
    try {
      await refuseBusy(source);
      if (await tryRename(source, target)) return { sourceRemoved: true };
      await copyStore(source, target, options);
      const cleared = await clear(source);
      await lock.release({ remove: true });
      return { sourceRemoved: cleared && (await removeEmptied(source)) };
    } finally {
      await lock.release();
    }
  });
}

async function refuseBadTarget(source: string, target: string): Promise<void> {
  const refuse = (detail: string): never => {
    throw new StrataError('store-folder-invalid', { path: target, detail });
  };
  await mkdir(dirname(target), { recursive: true });
  const real = join(await realpath(dirname(target)), basename(target));
  if (contains(source, real) || contains(real, source)) refuse('it and the present place lie in each other');
  if (!(await isEmptyFolder(target))) refuse('the folder is not empty');
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}

/** Under the lock no lease can begin. */
async function refuseBusy(source: string): Promise<void> {
  const live = (await findLeases(source)).filter((lease) => lease.live);
  if (live.length === 0) return;
  const what = live.flatMap(({ info }) => info?.name ?? []).join(', ');
  throw new StrataError('store-busy', {
    path: source,
    detail: `a pull is under way${what === '' ? '' : ` (${what})`}`,
  });
}

async function tryRename(source: string, target: string): Promise<boolean> {
  try {
    await rename(source, target);
  } catch (error) {
    if (NO_RENAME.has(systemCode(error) ?? '')) return false;
    throw error;
  }
  await syncFolder(dirname(target));
  return true;
}

/** Locks, leases and the leavings of killed writes stay behind: they mean nothing elsewhere. */
function belongsToStore(path: string): boolean {
  const inStrata = path.startsWith(`strata${sep}`);
  const isLock = path === join('strata', 'lock') || (inStrata && path.endsWith('.lock'));
  return !isLock && path !== join('strata', 'leases') && !basename(path).startsWith(TEMP_PREFIX);
}

async function copyStore(source: string, target: string, options: MoveOptions): Promise<void> {
  const files = await listTree(source, belongsToStore);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const before = new Set(await readNames(target));
  try {
    await mkdir(target, { recursive: true, mode: (await stat(source)).mode & 0o7777 });
    await refuseFull(source, target, total);
    let copied = 0;
    const onBytes = (bytes: number): void => {
      copied += bytes;
      options.onProgress?.({ copied, total });
    };
    for (const { path } of inSafeOrder(files)) {
      options.signal?.throwIfAborted();
      const isBlob = path.startsWith(`blobs${sep}`);
      const copy = { signal: options.signal, onBytes };
      await copyVerified(join(source, path), join(target, path), isBlob, copy);
    }
    for (const folder of new Set(files.map(({ path }) => dirname(join(target, path))))) {
      await syncFolder(folder);
    }
  } catch (error) {
    for (const name of await readNames(target)) {
      if (!before.has(name)) await rm(join(target, name), { recursive: true, force: true });
    }
    throw error;
  }
}

/** oci-layout first and index.json last: half a store says that it is one, and lists nothing. */
function inSafeOrder(files: readonly TreeFile[]): TreeFile[] {
  const rank = ({ path }: TreeFile): number => (path === 'oci-layout' ? 0 : path === 'index.json' ? 2 : 1);
  return [...files].sort((a, b) => rank(a) - rank(b));
}

/** On one disk blobs get a second name, and need no space. */
async function refuseFull(source: string, target: string, needed: number): Promise<void> {
  if ((await stat(source)).dev === (await stat(target)).dev) return;
  const stats = await statfs(target);
  const free = stats.bavail * stats.bsize;
  if (free < needed) throw new StrataError('disk-full', { path: target, needed, free });
}

/** Removes all but the lock, index.json first, so that nobody finds images without blobs. */
async function clear(source: string): Promise<boolean> {
  try {
    await rm(join(source, 'index.json'), { force: true });
    for (const name of await readdir(source)) {
      if (name !== 'strata') await rm(join(source, name), { recursive: true });
    }
    const strata = join(source, 'strata');
    for (const name of await readdir(strata)) {
      if (name !== 'lock') await rm(join(strata, name), { recursive: true });
    }
    return true;
  } catch {
    return false;
  }
}

async function removeEmptied(source: string): Promise<boolean> {
  try {
    await rm(source, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

async function readNames(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
