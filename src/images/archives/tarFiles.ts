import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { scanTar } from '../../archive/index.ts';
import { StrataError } from '../../base/errors.ts';
import { LinkedFiles } from './linkedFiles.ts';
import type { ArchiveFile, ArchiveFiles } from './types.ts';

/**
 * The files of an uncompressed tar, found by its headers; content is read where it lies.
 * @throws `content-invalid`, the system's error, the signal's reason
 */
export async function openTarFiles(path: string, signal?: AbortSignal): Promise<ArchiveFiles> {
  const name = basename(path);
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const files = new LinkedFiles(name);
    for (const entry of await scanTar(handle, size, { signal })) {
      if (entry.type === 'symlink' || entry.type === 'hardlink') {
        files.addLink(entry.path, entry.link ?? '', entry.type);
      } else if (entry.type === 'file') {
        files.add(entry.path, sliceOf(handle, path, entry));
      }
    }
    return {
      name,
      paths: files.paths,
      find: (wanted) => Promise.resolve(files.find(wanted)),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function sliceOf(
  handle: FileHandle,
  path: string,
  entry: { path: string; offset: number; size: number },
): ArchiveFile {
  const { offset, size } = entry;
  return {
    size,
    slice: { path, offset, size },
    read: async (limit) => {
      if (size > limit) throw new StrataError('too-large', { what: entry.path, limit });
      const bytes = Buffer.allocUnsafe(size);
      let length = 0;
      while (length < size) {
        const { bytesRead } = await handle.read(bytes, length, size - length, offset + length);
        if (bytesRead === 0)
          throw new StrataError('size-mismatch', { what: entry.path, expected: size, actual: length });
        length += bytesRead;
      }
      return bytes;
    },
  };
}
