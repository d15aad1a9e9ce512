import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { REAL_PARTS, requireParts } from './realParts.ts';
import { run, runOk } from './run.ts';
import type { RunResult } from './run.ts';
import { tempFolder } from './tempFolder.ts';

/** The Docker whose words and figures ours are held against. */
const ORACLE_VERSION = '20.10.24';
const START_TIMEOUT_MS = 60_000;

export interface Dockerd {
  /** Runs `docker` against this daemon. */
  docker(...args: readonly string[]): Promise<RunResult>;
  /** The variables that a `docker` of this daemon needs. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Starts Debian's Docker daemon with folders of its own: overlay2, no network, so that nothing of the machine changes.
 * Registries on 127.0.0.0/8 may speak plain HTTP to it. Needs root.
 * @throws Error naming the package when it is not installed, and when it is of another version.
 */
export async function startDockerd(): Promise<Dockerd> {
  requireParts('docker', 'dockerd');
  const version = await runOk(REAL_PARTS.docker.path, ['--version']);
  if (!version.includes(` ${ORACLE_VERSION}+`))
    throw new Error(`docker ${ORACLE_VERSION} is wanted: ${version}`);
  const folder = await tempFolder('strata-dockerd-');
  const socket = `unix://${join(folder.path, 'docker.sock')}`;
  await mkdir(join(folder.path, 'home'));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: join(folder.path, 'home'),
    LANG: 'C',
    DOCKER_HOST: socket,
  };
  const options = [
    `--data-root=${join(folder.path, 'data')}`,
    `--exec-root=${join(folder.path, 'exec')}`,
    `--pidfile=${join(folder.path, 'pid')}`,
    `--host=${socket}`,
    '--iptables=false',
    '--ip6tables=false',
    '--bridge=none',
    '--storage-driver=overlay2',
  ];
  const child = spawn(REAL_PARTS.dockerd.path, options, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const stopWithUs = (): void => void child.kill('SIGTERM');
  process.once('exit', stopWithUs);
  const close = async (): Promise<void> => {
    process.off('exit', stopWithUs);
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM'))
      await once(child, 'exit');
    await folder.remove();
  };
  try {
    await listening(child.stderr, once(child, 'exit'));
  } catch (error) {
    await close();
    throw error;
  }
  const docker = (...args: readonly string[]): Promise<RunResult> =>
    run(REAL_PARTS.docker.path, args, { env, timeout: 120_000 });
  return { docker, env, close };
}

/** Resolves when its log says that it listens. The log is read to the end, so that it never blocks on a full pipe. */
async function listening(stderr: NodeJS.ReadableStream, exit: Promise<unknown>): Promise<void> {
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`dockerd ${why}:\n${log.slice(-20).join('\n')}`));
    const timer = setTimeout(() => fail('does not answer'), START_TIMEOUT_MS);
    void exit.then(() => {
      clearTimeout(timer);
      fail('ended at once');
    });
    createInterface(stderr).on('line', (line) => {
      log.push(line);
      if (!line.includes('API listen on')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
