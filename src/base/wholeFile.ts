import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { renameReplacing, TEMP_PREFIX } from './atomicFile.ts';
import { describeError, isStrataError, StrataError, systemCode } from './errors.ts';

/**
 * Writes a file that a person named whole or not at all: what stood at the path stays until the new file is complete.
 * @param write fills the stream; that is ended here
 * @returns its size in bytes
 * @throws StrataError `file-unwritable`, `disk-full`, and what `write` throws
 */
export async function writeWhole(path: string, write: (sink: Writable) => Promise<void>): Promise<number> {
  // Beside its place, so that the rename stays on one disk.
  const temp = join(dirname(path), `${TEMP_PREFIX}${randomBytes(8).toString('hex')}`);
  const stream = createWriteStream(temp, { flags: 'wx' });
  const closed = finished(stream);
  closed.catch(() => undefined);
  try {
    await write(stream);
    if (!stream.writableEnded) stream.end();
    await closed;
    await renameReplacing(temp, path);
    return (await stat(path)).size;
  } catch (error) {
    stream.destroy();
    await closed.catch(() => undefined);
    await rm(temp, { force: true });
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
