import { access, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError } from '../../src/base/errors.ts';
import { startDockerd } from '../../test/support/dockerd.ts';
import { REAL_PARTS, requireParts } from '../../test/support/realParts.ts';
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
  const program = findProgram('podman');
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
  const client = REAL_PARTS.docker.path;
  try {
    requireParts('docker', 'dockerd');
  } catch (error) {
    return `docker: ${describeError(error)}`;
  }
  const version = (await output(client, ['--version'])).trim();
  if (!version.includes(` ${DOCKER_VERSION}`)) return `docker: ${version} is not ${DOCKER_VERSION}`;
  return {
    name: 'docker pull',
    version: `${version}, overlay2`,
    prepare: async (image) => {
      const daemon = await startDockerd();
      const pid = Number(
        await readFile(join(dirname(new URL(daemon.env['DOCKER_HOST'] ?? '').pathname), 'pid'), 'utf8'),
      );
      return {
        measurable: { command: [client, 'pull', '--quiet', image], env: daemon.env, daemons: [pid] },
        verify: () => output(client, ['image', 'inspect', image], { env: daemon.env }),
        cleanUp: () => daemon.close(),
      };
    },
  };
}

async function skopeo(): Promise<Contender | string> {
  const program = findProgram('skopeo');
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
