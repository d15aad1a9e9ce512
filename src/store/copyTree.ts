import { createHash } from 'node:crypto';
import { link, mkdir, open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StrataError } from '../base/errors.ts';
import { BLOB_BATCH_BYTES } from '../base/limits.ts';

/** A file of a tree, by its path from the tree's root. Size in bytes. */
export interface TreeFile {
  readonly path: string;
  readonly size: number;
}

/** All files under a folder for which `take` is true; its argument is the path from the root. Links are followed. */
export async function listTree(root: string, take: (path: string) => boolean): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of await readdir(join(root, folder))) {
      const path = join(folder, name);
      if (!take(path)) continue;
      const stats = await stat(join(root, path));
      if (stats.isDirectory()) pending.push(path);
      else files.push({ path, size: stats.size });
    }
  }
  return files;
}

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that each step has copied. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Copies a file durably and reads the copy back.
 * @param mayLink the file never changes, so on the same disk a second name for it will do
 * @throws StrataError `digest-mismatch` if the disk gives other bytes back than it was given
 */
export async function copyVerified(
  from: string,
  to: string,
  mayLink: boolean,
  options: CopyOptions,
): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  if (mayLink && (await tryLink(from, to))) {
    options.onBytes((await stat(to)).size);
    return;
  }
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx+');
    try {
      const written = await transfer(source, options, async (chunk) => {
        await target.writeFile(chunk);
        options.onBytes(chunk.length);
      });
      await target.sync();
      const actual = await transfer(target, options, () => Promise.resolve());
      if (actual !== written) {
        throw new StrataError('digest-mismatch', { what: to, expected: written, actual });
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Not on another disk, nor where the file system has no hard links: then it must be copied. */
async function tryLink(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    () => false,
  );
}

/** Reads a file from its start. @returns the digest of its bytes */
async function transfer(
  file: FileHandle,
  { signal }: CopyOptions,
  take: (chunk: Buffer) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(BLOB_BATCH_BYTES);
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return `sha256:${hash.digest('hex')}`;
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    await take(chunk);
    position += bytesRead;
  }
}
