import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { REAL_PARTS, requireParts } from './realParts.ts';
import { runOk } from './run.ts';
import { tempFolder } from './tempFolder.ts';

export interface DockerRegistryOptions {
  /** Password by name: HTTP Basic is asked for then. */
  readonly users?: Readonly<Record<string, string>>;
}

export interface DockerRegistry {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `127.0.0.1:PORT`, as it stands in an image name. */
  readonly host: string;
  /** Where it keeps what it is given; gone after close(). */
  readonly folder: string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

/**
 * Starts Debian's docker-registry (distribution 2.8) on a free loopback port with a folder of its own; deleting is allowed.
 * @throws Error naming the package when it is not installed.
 */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  requireParts('dockerRegistry');
  const folder = await tempFolder('strata-docker-registry-');
  const configPath = join(folder.path, 'config.json');
  await writeFile(configPath, JSON.stringify(await configuration(folder.path, options)));
  const child = spawn(REAL_PARTS.dockerRegistry.path, ['serve', configPath], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stopWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  const close = async (): Promise<void> => {
    process.off('exit', stopWithUs);
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
    await folder.remove();
  };
  try {
    const host = await listeningAddress(child);
    return { url: `http://${host}`, host, folder: folder.path, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Its YAML configuration: JSON is YAML too. */
async function configuration(folder: string, { users }: DockerRegistryOptions): Promise<unknown> {
  const base = {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: '127.0.0.1:0' },
  };
  if (users === undefined) return base;
  const path = join(folder, 'htpasswd');
  const lines = await Promise.all(Object.entries(users).map(htpasswdLine));
  await writeFile(path, lines.join(''));
  return { ...base, auth: { htpasswd: { realm: 'docker-registry', path } } };
}

/** It takes bcrypt only, which Node lacks and Perl (always there on Debian) has through crypt(3). */
async function htpasswdLine([user, password]: [string, string]): Promise<string> {
  const hash = await runOk('perl', [
    '-e',
    'print crypt($ARGV[0], $ARGV[1])',
    password,
    `$2y$04$${'x'.repeat(21)}u`,
  ]);
  return `${user}:${hash}\n`;
}

/** It takes port 0 and logs the one that it got. Its log is read to the end, so that it never blocks on a full pipe. */
async function listeningAddress(child: ChildProcess): Promise<string> {
  const log: string[] = [];
  return await new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`docker-registry ${why}:\n${log.join('\n')}`));
    const timer = setTimeout(() => fail('does not answer'), START_TIMEOUT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      fail('ended at once');
    });
    if (child.stderr === null) return;
    createInterface(child.stderr).on('line', (line) => {
      if (log.length < 50) log.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}
