import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeEnvironment, root } from './node24.mjs';
import { runOrThrow } from './processes.mjs';

/** Where scripts/package.mjs writes the packaged extension. */
export const vsixPath = join(root, 'artifacts/strata.vsix');

/** All that the VSIX is made from. */
const SOURCES = [
  'src',
  'webview-ui',
  'media',
  'l10n',
  'scripts/build',
  'scripts/package.mjs',
  'esbuild.mjs',
  'package.json',
  'package.nls.json',
  'package.nls.zh-cn.json',
  'package-lock.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
];

/** Packages the extension unless a package newer than all its sources is there. @returns {Promise<string>} its path */
export async function ensureVsix() {
  const built = existsSync(vsixPath) ? (await stat(vsixPath)).mtimeMs : 0;
  const changes = await Promise.all(SOURCES.map((name) => lastChange(join(root, name))));
  if (built <= Math.max(...changes)) {
    await runOrThrow(process.execPath, ['scripts/package.mjs'], { cwd: root, env: nodeEnvironment() });
  }
  return vsixPath;
}

/** @param {string} path a file or folder; one that is absent changed never @returns {Promise<number>} ms */
async function lastChange(path) {
  if (!existsSync(path)) return 0;
  const own = await stat(path);
  if (!own.isDirectory()) return own.mtimeMs;
  const children = await readdir(path, { recursive: true });
  const times = children.map(async (child) => (await stat(join(path, child))).mtimeMs);
  return Math.max(own.mtimeMs, ...(await Promise.all(times)));
}
