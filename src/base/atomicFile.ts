import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from './errors.ts';

/** Files that a killed write may leave behind begin so; a sweep may remove old ones. */
export const TEMP_PREFIX = '.tmp-';

/** Waits between tries of a rename that Windows refuses, in milliseconds; about two seconds in all. */
const RENAME_WAITS_MS = [5, 10, 20, 40, 80, 160, 320, 640, 800] as const;

interface AtomicWriteOptions {
  /** Where the temporary file stands; the same disk, and the target's own folder unless given. */
  readonly tempFolder?: string;
  /** False for derived data that may be lost in a power cut: no fsync, still never half visible after a kill. */
  readonly durable?: boolean;
  /** Who may read and write it, as chmod counts; 0o666 less the umask unless given. */
  readonly mode?: number;
}

/**
 * Replaces a file whole: temp → fsync → rename → fsync of the folder.
 * A reader sees the old bytes or the new ones, after a kill or a power cut too.
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const folder = options.tempFolder ?? dirname(path);
  const temp = join(folder, `${TEMP_PREFIX}${basename(path)}-${randomBytes(6).toString('hex')}`);
  const durable = options.durable ?? true;
  try {
    const handle = await open(temp, 'wx', options.mode);
    try {
      await handle.writeFile(data);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await renameReplacing(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/**
 * rename() that replaces its target. On Windows a virus scanner or a reader that holds the target for a moment
 * makes it fail with EPERM, EACCES or EBUSY, and trying again is the known cure; elsewhere these are final.
 */
export async function renameReplacing(from: string, to: string): Promise<void> {
  for (const wait of RENAME_WAITS_MS) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = systemCode(error);
      if (process.platform !== 'win32' || !(code === 'EPERM' || code === 'EACCES' || code === 'EBUSY'))
        throw error;
      await sleep(wait);
    }
  }
  await rename(from, to);
}

/** Makes a rename in this folder durable. Windows offers no fsync of folders, and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
