import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from './run.ts';
import type { RunResult } from './run.ts';

/** Where buildCli() put the command line: an environment variable, so that it reaches the processes of all tests. */
export const CLI_FOLDER = 'STRATA_TEST_CLI';

export interface CliOptions {
  /** STRATA_ROOT. */
  readonly root: string;
  /** More variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds; 60,000 unless given. */
  readonly timeout?: number;
  /** Written to its standard input, which is empty unless given. */
  readonly input?: string | Uint8Array;
}

/** Runs the built command line to its end, with nothing of the environment of whoever runs the tests. */
export async function strata(args: readonly string[], options: CliOptions): Promise<RunResult> {
  const { timeout = 60_000, input } = options;
  const given = input === undefined ? {} : { input };
  return await run(process.execPath, [cliFile(), ...args], { env: environment(options), timeout, ...given });
}

export interface RunningCli {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Code or signal that ended it, and what it printed. */
  readonly ended: Promise<RunResult & { readonly signal: NodeJS.Signals | null }>;
}

/** Starts the built command line. The caller sees to its end. */
export function startStrata(args: readonly string[], options: CliOptions): RunningCli {
  const child = spawn(process.execPath, [cliFile(), ...args], {
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = async (): Promise<RunResult & { signal: NodeJS.Signals | null }> => {
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  };
  return { child, ended: end() };
}

export function cliFile(): string {
  const folder = process.env[CLI_FOLDER];
  if (folder === undefined)
    throw new Error(`${CLI_FOLDER} is not set: the global setup builds the command line`);
  return join(folder, 'cli.js');
}

/** The variables of a machine where nothing is configured. */
export function environment({ root, env }: CliOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: `${root}-home`,
    LANG: 'C',
    DOCKER_CONFIG: `${root}-home/docker`,
    STRATA_CONFIG: `${root}-home/config.json`,
    STRATA_ROOT: root,
    ...env,
  };
}
