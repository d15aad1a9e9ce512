import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOrThrow, startProcess } from './processes.mjs';

/** The repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

const WANTED_MAJOR = 24;
const nodePackage = join(root, 'node_modules/node');
const nodeBinary = join(nodePackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage */

/**
 * Whether what npm says it installed (node_modules/.package-lock.json) is what the lock file asks for. Optional
 * packages may be absent: most of them are for other machines.
 * @param {Record<string, LockedPackage>} wanted @param {Record<string, LockedPackage>} installed
 */
export function matchesLock(wanted, installed) {
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const found = installed[path];
    if (path === '' || (!found && optional)) return true;
    return found?.version === version && found?.integrity === integrity;
  });
}

/** Whether `npm ci` has to run. @param {string} folder holds a package-lock.json */
export function needsInstall(folder) {
  const installed = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return true;
  /** @param {string} path */
  const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  return !matchesLock(packages(join(folder, 'package-lock.json')), packages(installed));
}

/**
 * Runs npm in a folder and gives back its output; throws with it when npm fails. Native packages are built for
 * the Node 24 of node_modules, whose package brings the headers.
 * @param {string} folder @param {readonly string[]} args
 */
export function npm(folder, args) {
  // The user agent of the npm that started this script names another Node, and code-server's install believes it.
  const env = { ...nodeEnvironment(), npm_config_user_agent: undefined };
  const cli = process.env.npm_execpath;
  // Here npm's own Node, for that of node_modules is replaced while `npm ci` runs; elsewhere this one, Node 24.
  const node = (folder === root && process.env.npm_node_execpath) || process.execPath;
  if (cli?.endsWith('.js')) return runOrThrow(node, [cli, ...args], { cwd: folder, env });
  if (process.platform === 'win32') {
    return runOrThrow('cmd.exe', ['/d', '/c', 'npm', ...args], { cwd: folder, env });
  }
  return runOrThrow('npm', args, { cwd: folder, env });
}

/** This process's environment with the package binaries, Node 24 among them, first on the PATH. */
export function nodeEnvironment() {
  const path = join(root, 'node_modules/.bin') + delimiter + (process.env.PATH ?? '');
  return { ...process.env, PATH: path, ...headers() };
}

function headers() {
  const folder = join(nodePackage, 'node_modules');
  if (!existsSync(folder)) return {};
  const holder = readdirSync(folder).find((name) => existsSync(join(folder, name, 'include/node/node.h')));
  return holder ? { npm_config_nodedir: join(folder, holder) } : {};
}

/**
 * When this process is older than Node 24: runs the same script under the Node 24 of node_modules and ends with its
 * code. Whoever stops this process's processes (stopAll) stops that one, which then stops its own.
 */
export async function continueUnderNode24() {
  if (Number.parseInt(process.versions.node, 10) >= WANTED_MAJOR) return;
  const { exited } = startProcess(nodeBinary, process.argv.slice(1), { env: nodeEnvironment(), show: true });
  process.exit(await exited);
}
