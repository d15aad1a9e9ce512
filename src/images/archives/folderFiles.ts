import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { StrataError, systemCode } from '../../base/errors.ts';
import { cleanPath, invalidArchive } from './paths.ts';
import type { ArchiveFile, ArchiveFiles } from './types.ts';

/** The files of a layout, or of an archive that somebody has unpacked. @throws the system's error */
export async function openFolderFiles(path: string): Promise<ArchiveFiles> {
  const root = await realpath(path);
  const name = basename(root);
  return {
    name,
    paths: [],
    find: async (wanted) => {
      const clean = cleanPath(wanted);
      return clean === undefined ? undefined : await findFile(root, name, clean);
    },
    close: () => Promise.resolve(),
  };
}

/** @throws `content-invalid` for a link that leads out of the folder */
async function findFile(root: string, name: string, clean: string): Promise<ArchiveFile | undefined> {
  let path;
  try {
    path = await realpath(join(root, clean));
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP') throw invalidArchive(name, `${clean} is a link that leads nowhere`);
    throw error;
  }
  const inside = relative(root, path);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw invalidArchive(name, `${clean} leads out of the folder`);
  const stats = await stat(path);
  if (!stats.isFile()) return undefined;
  const { size } = stats;
  return {
    size,
    slice: { path, offset: 0, size },
    read: async (limit) => {
      if (size > limit) throw new StrataError('too-large', { what: clean, limit });
      return await readFile(path);
    },
  };
}
