import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { describeError, isStrataError, StrataError, systemCode } from '../../base/errors.ts';

/**
 * Writes a file whole or not at all: what stood at the path stays until the new file is complete.
 * @returns its size in bytes
 * @throws StrataError `file-unwritable`, `disk-full`, and what `write` throws
 */
export async function writeWhole(path: string, write: (sink: Writable) => Promise<void>): Promise<number> {
  // Beside its place, so that the rename stays on one disk.
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await write(createWriteStream(partial, { flags: 'wx' }));
    await rename(partial, path);
    return (await stat(path)).size;
  } catch (error) {
    await rm(partial, { force: true });
    throw fileError(path, error);
  }
}

function fileError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (isStrataError(error) || code === undefined || code.startsWith('ERR_') || code === 'ABORT_ERR')
    return error;
  if (code === 'ENOSPC')
    return new StrataError('disk-full', { path, needed: undefined, free: undefined }, { cause: error });
  return new StrataError('file-unwritable', { path, detail: describeError(error) }, { cause: error });
}

const ENDING = '.tar';
const MAX_NAME = 100;

/** A file name for an archive of these: `alpine-3.20.tar`, `images.tar` for several. */
export function archiveName(names: readonly string[]): string {
  const [only] = names;
  if (names.length !== 1 || only === undefined) return `images${ENDING}`;
  const last = only.slice(only.lastIndexOf('/') + 1);
  const safe = last.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, MAX_NAME);
  return `${safe === '' ? 'image' : safe}${ENDING}`;
}
