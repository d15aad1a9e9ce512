import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isExecutable } from '../../test/support/realParts.ts';
import { runOk } from '../../test/support/run.ts';
import type { RunOptions } from '../../test/support/run.ts';

/** The repository. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Where what is costly to make is kept between runs; ignored by git. */
export const CACHE = join(PROJECT, '.cache', 'bench');
/** Where results go; ignored by git, kept by CI. */
export const ARTIFACTS = join(PROJECT, 'artifacts');

const TIMEOUT_MS = 20 * 60_000;

/** Runs a command to its end, for at most twenty minutes. @returns its standard output; a status other than 0 throws */
export async function output(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return await runOk(command, args, { timeout: TIMEOUT_MS, ...options });
}

/** The full path of a program on the PATH or in the folders of the superuser, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** As findProgram, but a missing program is an error that names the Debian package. */
export function needProgram(name: string, debianPackage: string): string {
  const path = findProgram(name);
  if (path === undefined)
    throw new Error(`missing: ${debianPackage} (on Debian: apt-get install ${debianPackage})`);
  return path;
}
