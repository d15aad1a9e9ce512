import { existsSync } from 'node:fs';
import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runOk } from './run.ts';
import { tempFolder } from './tempFolder.ts';
import type { TempFolder } from './tempFolder.ts';

const repository = join(import.meta.dirname, '../..');
const dist = join(repository, 'dist');
const SOURCES = ['src', 'scripts/build', 'esbuild.mjs', 'package.json', 'package-lock.json'];

/**
 * Builds dist/ where it is older than its sources, and copies what the command line needs of it, so that a build
 * that somebody starts meanwhile does not pull it from under the tests.
 * @returns the folder with cli.js in it
 */
export async function buildCli(): Promise<TempFolder> {
  if ((await lastChange(join(dist, 'cli.js'))) <= (await lastSourceChange())) {
    await runOk(process.execPath, ['esbuild.mjs'], { cwd: repository });
  }
  const folder = await tempFolder('strata-cli-');
  await cp(dist, folder.path, { recursive: true });
  return folder;
}

async function lastSourceChange(): Promise<number> {
  return Math.max(...(await Promise.all(SOURCES.map((name) => lastChange(join(repository, name))))));
}

/** @returns milliseconds since 1970; 0 for what is absent */
async function lastChange(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  const own = await stat(path);
  if (!own.isDirectory()) return own.mtimeMs;
  const children = await readdir(path, { recursive: true });
  const times = children
    .filter((child) => !child.endsWith('.test.ts'))
    .map(async (child) => (await stat(join(path, child))).mtimeMs);
  return Math.max(...(await Promise.all(times)));
}
