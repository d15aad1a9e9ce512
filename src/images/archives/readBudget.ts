import { MAX_ARCHIVE_READ_BYTES } from '../../base/limits.ts';
import { StrataError } from '../../base/errors.ts';
import type { ArchiveFiles } from './types.ts';

/**
 * The same files, of which so many bytes can be read in all: a small archive with thousands of images that point at one
 * large configuration would fill the memory else.
 * @returns files whose `read` throws `too-large` beyond that
 */
export function withReadBudget(files: ArchiveFiles, limit = MAX_ARCHIVE_READ_BYTES): ArchiveFiles {
  let left = limit;
  return {
    name: files.name,
    paths: files.paths,
    find: async (path) => {
      const file = await files.find(path);
      if (file === undefined) return undefined;
      return {
        ...file,
        read: async (most) => {
          if (file.size <= most) left -= file.size;
          if (left < 0) throw new StrataError('too-large', { what: `documents of ${files.name}`, limit });
          return await file.read(most);
        },
      };
    },
    close: async () => await files.close(),
  };
}
