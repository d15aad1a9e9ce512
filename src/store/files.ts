import type { BigIntStats } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { StrataError, systemCode } from '../base/errors.ts';

/** True for the system errors that say "there is no such file". */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The value of a step, or undefined if what it looks for is not there. */
export async function ifPresent<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Changes whenever the file is replaced or written to. */
function identityOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
}

/** The identity of what stands at this path now, undefined if nothing does. */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const stats = await ifPresent(stat(path, { bigint: true }));
  return stats === undefined ? undefined : identityOf(stats);
}

/**
 * A whole file of at most `limit` bytes, with the identity that its bytes had.
 * @throws StrataError `too-large`, or the system error
 */
export async function readWhole(path: string, limit: number): Promise<{ bytes: Buffer; identity: string }> {
  const handle = await open(path, 'r');
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.size > BigInt(limit)) throw new StrataError('too-large', { what: path, limit });
    // One byte more than announced, so that a file that grows meanwhile is noticed and not read without end.
    const buffer = Buffer.allocUnsafe(Number(stats.size) + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: buffer.subarray(0, length), identity: identityOf(stats) };
  } finally {
    await handle.close();
  }
}

/** Names in a folder; none if it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await ifPresent(readdir(folder))) ?? [];
}

/** Removes a file; true if it was there. */
export async function removeFile(path: string): Promise<boolean> {
  return (await ifPresent(rm(path).then(() => true))) ?? false;
}

/** Runs a step on every item, at most `width` at a time; results in the items' order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  width: number,
  step: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += width) {
    results.push(...(await Promise.all(items.slice(start, start + width).map(step))));
  }
  return results;
}
