import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { REAL_PARTS, requireParts } from './realParts.ts';
import { runOk } from './run.ts';
import { tempFolder } from './tempFolder.ts';

const cache = join(import.meta.dirname, '../../.cache');
const MIRROR = 'http://deb.debian.org/debian';
const DEBOOTSTRAP_TIMEOUT_MS = 300_000;

/**
 * The tar of a real Debian 12 (debootstrap, minbase), made once and kept in .cache/. Needs root, and a network the first time.
 * @returns its path
 */
export async function debianRoot(): Promise<string> {
  const path = join(cache, 'debootstrap.tar');
  if (existsSync(path)) return path;
  requireParts('debootstrap');
  const folder = await tempFolder('strata-debootstrap-');
  const unfinished = `${path}.${process.pid}`;
  try {
    const tree = join(folder.path, 'root');
    const args = ['--variant=minbase', 'bookworm', tree, MIRROR];
    await runOk(REAL_PARTS.debootstrap.path, args, { timeout: DEBOOTSTRAP_TIMEOUT_MS });
    await mkdir(cache, { recursive: true });
    const exclude = ['--exclude=./dev/*', '--exclude=./var/cache/apt/archives/*.deb'];
    await runOk('tar', ['--numeric-owner', '--xattrs', ...exclude, '-cf', unfinished, '-C', tree, '.']);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
    await folder.remove();
  }
  return path;
}
