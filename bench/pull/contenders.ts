import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram, output, PROJECT } from '../support/commands.ts';
import type { Measurable } from '../support/measure.ts';

/** The release of Docker that the project's figures and outputs are compared with. */
const DOCKER_VERSION = '20.10.24';

/** One way to fetch the image. `prepare` and what it returns as `cleanUp` are not timed. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  /** @param image `HOST/REPOSITORY:TAG` @param folder empty, removed afterwards @param digests of the layers */
  prepare(image: string, folder: string, digests: readonly string[]): Promise<Attempt>;
}

export interface Attempt {
  readonly measurable: Measurable;
  /** Throws if the image is not there. */
  verify(): Promise<unknown>;
  cleanUp(): Promise<unknown>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** Those that this machine has, in the order in which they run, and one line for each that it lacks. */
export async function findContenders(): Promise<{ present: Contender[]; missing: string[] }> {
  const present: Contender[] = [];
  const missing: string[] = [];
  for (const find of [floor, strata, podman, docker, skopeo]) {
    const found = await find();
    if (typeof found === 'string') missing.push(found);
    else present.push(found);
  }
  return { present, missing };
}

async function floor(): Promise<Contender> {
  const undici = JSON.parse(await readFile(join(PROJECT, 'node_modules/undici/package.json'), 'utf8')) as {
    version: string;
  };
  return {
    name: 'floor',
    version: `Node ${process.versions.node}, undici ${undici.version}`,
    prepare: async (image, folder, digests) => {
      await mkdir(folder, { recursive: true });
      const program = fileURLToPath(new URL('floor.mjs', import.meta.url));
      return {
        measurable: { command: [process.execPath, program, image, folder] },
        verify: () => expectBlobs(folder, digests),
        cleanUp: nothing,
      };
    },
  };
}

async function strata(): Promise<Contender | string> {
  const cli = join(PROJECT, 'dist/cli.js');
  try {
    await access(cli);
  } catch {
    return 'strata: dist/cli.js is missing (npm run build)';
  }
  return {
    name: 'strata pull',
    version: `${(await output(process.execPath, [cli, '--version'])).trim()}, Node ${process.versions.node}`,
    prepare: async (image, folder, digests) => {
      const root = join(folder, 'store');
      const config = join(folder, 'config');
      await mkdir(config, { recursive: true });
      const env = { ...process.env, STRATA_ROOT: root, XDG_CONFIG_HOME: config, DOCKER_CONFIG: config };
      return {
        measurable: { command: [process.execPath, cli, 'pull', image], env },
        verify: async () => {
          await expectBlobs(join(root, 'blobs/sha256'), digests);
          const ids = await output(process.execPath, [cli, 'images', '-q'], { env });
          if (ids.trim().split('\n').length !== 1) throw new Error(`strata lists ${JSON.stringify(ids)}`);
        },
        cleanUp: nothing,
      };
    },
  };
}

async function podman(): Promise<Contender | string> {
  const program = await findProgram('podman');
  if (program === undefined) return 'podman: not found (apt-get install podman)';
  return {
    name: 'podman pull',
    version: `${(await output(program, ['--version'])).trim()}, overlay`,
    prepare: async (image, folder) => {
      const root = join(folder, 'root');
      await mkdir(root, { recursive: true });
      const base = ['--root', root, '--runroot', join(folder, 'run'), '--storage-driver', 'overlay'];
      return {
        measurable: { command: [program, ...base, 'pull', '--quiet', '--tls-verify=false', image] },
        verify: () => output(program, [...base, 'image', 'exists', image]),
        // The overlay driver leaves its folder bind-mounted on itself.
        cleanUp: () => output('umount', [join(root, 'overlay')]).catch(() => ''),
      };
    },
  };
}

async function docker(): Promise<Contender | string> {
  const client = '/usr/bin/docker';
  const server = await findProgram('dockerd');
  if ((await findProgram(client)) === undefined || server === undefined) {
    return 'docker: /usr/bin/docker and dockerd not found (apt-get install docker.io)';
  }
  const version = (await output(client, ['--version'])).trim();
  if (!version.includes(` ${DOCKER_VERSION}`)) return `docker: ${version} is not ${DOCKER_VERSION}`;
  return {
    name: 'docker pull',
    version: `${version}, overlay2`,
    prepare: async (image, folder) => {
      await mkdir(folder, { recursive: true });
      const daemon = await startDockerd(server, client, folder);
      const command = [client, '-H', daemon.host] as const;
      return {
        measurable: { command: [...command, 'pull', '--quiet', image], daemons: [daemon.pid] },
        verify: () => output(client, ['-H', daemon.host, 'image', 'inspect', image]),
        cleanUp: daemon.stop,
      };
    },
  };
}

/** A daemon of its own, without network, on a socket of its own; its containerd is its child. */
async function startDockerd(
  server: string,
  client: string,
  folder: string,
): Promise<{ pid: number; host: string; stop: () => Promise<void> }> {
  // A socket's path may hold 107 bytes.
  const run = await mkdtemp(join(tmpdir(), 'sbd-'));
  const host = `unix://${run}/d.sock`;
  const child = spawn(
    server,
    [
      ...[
        '--data-root',
        join(folder, 'data'),
        '--exec-root',
        join(run, 'exec'),
        '--pidfile',
        join(run, 'pid'),
      ],
      ...['-H', host, '--storage-driver=overlay2', '--bridge=none', '--iptables=false', '--ip6tables=false'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(run, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 150 && child.exitCode === null; attempt++) {
    const driver = await output(client, ['-H', host, 'info', '--format', '{{.Driver}}']).catch(() => '');
    if (driver.trim() === 'overlay2' && child.pid !== undefined) return { pid: child.pid, host, stop };
    await sleep(200);
  }
  await stop();
  throw new Error(`dockerd did not start with overlay2: ${said}`);
}

async function skopeo(): Promise<Contender | string> {
  const program = await findProgram('skopeo');
  if (program === undefined) return 'skopeo: not found (apt-get install skopeo)';
  return {
    name: 'skopeo copy',
    version: `${(await output(program, ['--version'])).trim()}, to an OCI layout; neither unpacks nor checks diff IDs`,
    prepare: async (image, folder, digests) => {
      await mkdir(folder, { recursive: true });
      const layout = join(folder, 'layout');
      return {
        measurable: {
          command: [
            program,
            'copy',
            '--quiet',
            '--src-tls-verify=false',
            `docker://${image}`,
            `oci:${layout}:latest`,
          ],
        },
        verify: () => expectBlobs(join(layout, 'blobs/sha256'), digests),
        cleanUp: nothing,
      };
    },
  };
}

async function expectBlobs(folder: string, digests: readonly string[]): Promise<void> {
  for (const digest of digests) await access(join(folder, digest.slice('sha256:'.length)));
}
