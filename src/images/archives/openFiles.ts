import { open, stat } from 'node:fs/promises';
import { detectCompression } from '../../archive/index.ts';
import { describeError, StrataError, systemCode } from '../../base/errors.ts';
import { openFolderFiles } from './folderFiles.ts';
import { openTarFiles } from './tarFiles.ts';
import type { ArchiveFiles } from './types.ts';

const MAGIC_BYTES = 4;

/**
 * The files of a tar or of a folder.
 * @returns undefined for a tar that is compressed as a whole, or a pipe: it can only be read from its beginning
 * @throws `file-unreadable`, `content-invalid`
 */
export async function openFiles(path: string, signal?: AbortSignal): Promise<ArchiveFiles | undefined> {
  return await withFileErrors(path, async () => {
    const stats = await stat(path);
    if (stats.isDirectory()) return await openFolderFiles(path);
    if (!stats.isFile() || (await isCompressed(path))) return undefined;
    return await openTarFiles(path, signal);
  });
}

async function isCompressed(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(MAGIC_BYTES);
    const { bytesRead } = await handle.read(head, 0, MAGIC_BYTES, 0);
    return detectCompression(head.subarray(0, bytesRead)) !== 'none';
  } finally {
    await handle.close();
  }
}

/** Gives the system's errors about a file that a person named Docker's words. */
export async function withFileErrors<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw fileError(path, error);
  }
}

const DETAILS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  EIO: 'input/output error',
};

export function fileError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  return new StrataError(
    'file-unreadable',
    { path, detail: DETAILS[code] ?? describeError(error) },
    { cause: error },
  );
}
