import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the project. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Where what is costly to make is kept between runs; ignored by git. */
export const CACHE = join(PROJECT, '.cache', 'bench');
/** Where results go; ignored by git, kept by CI. */
export const ARTIFACTS = join(PROJECT, 'artifacts');

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end and gives its standard output; a status other than 0 throws with what it said. */
export async function output(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'unknown');
    });
  });
  if (status !== 0) {
    const said = Buffer.concat(err).toString().trim().slice(-2000);
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${said}`);
  }
  return Buffer.concat(out).toString();
}

/** The full path of a program on the PATH, or undefined. A name with a slash is looked at as it is. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = name.includes('/')
    ? ['']
    : [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = folder === '' ? name : join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** As findProgram, but a missing program is an error that names the Debian package. */
export async function needProgram(name: string, debianPackage: string): Promise<string> {
  const path = await findProgram(name);
  if (path === undefined) throw new Error(`${name} is missing: apt-get install ${debianPackage}`);
  return path;
}
