import { cp, link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startDockerd } from '../../test/support/dockerd.ts';
import type { Dockerd } from '../../test/support/dockerd.ts';
import { REAL_PARTS } from '../../test/support/realParts.ts';
import type { BenchImage } from '../pull/image.ts';
import { needProgram, output, PROJECT } from '../support/commands.ts';

export const NAME = 'bench/image:1';

/** What all contenders begin with, made before anything is timed. */
export interface Stage {
  readonly folder: string;
  /** An OCI layout with the image. */
  readonly layout: string;
  /** A store with it, and how a command gets at a store. */
  readonly store: string;
  /** What `strata save` writes, 625 MB, and what `docker save` writes, 1,960 MB. */
  readonly archives: { readonly hybrid: string; readonly docker: string };
  readonly docker: { readonly daemon: Dockerd; readonly pid: number; readonly program: string };
  readonly skopeo: string;
  strata(...args: readonly string[]): readonly [string, ...string[]];
  environment(store: string): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** @param folder empty; the caller removes it */
export async function prepareStage(
  folder: string,
  image: BenchImage,
  log: (line: string) => void,
): Promise<Stage> {
  // A copy: somebody may build anew meanwhile.
  const dist = join(folder, 'dist');
  await cp(join(PROJECT, 'dist'), dist, { recursive: true });
  const layout = join(folder, 'layout');
  await makeLayout(layout, image);
  const store = join(folder, 'store');
  const hybrid = join(folder, 'hybrid.tar');
  const dockerArchive = join(folder, 'docker.tar');
  const environment = (root: string): NodeJS.ProcessEnv => ({
    ...process.env,
    STRATA_ROOT: root,
    STRATA_CONFIG: join(folder, 'config.json'),
    DOCKER_CONFIG: join(folder, 'docker-config'),
  });
  const strata = (...args: readonly string[]): [string, ...string[]] => [
    process.execPath,
    join(dist, 'cli.js'),
    ...args,
  ];
  const runStrata = async (...args: readonly string[]): Promise<string> => {
    const [command, ...words] = strata(...args);
    return await output(command, words, { env: environment(store) });
  };
  log('Filling a store and a daemon …');
  const loaded = await runStrata('load', '-i', layout);
  const id = /sha256:[0-9a-f]{64}/.exec(loaded)?.[0];
  await runStrata('tag', id ?? NAME, NAME);
  await runStrata('save', '-o', hybrid, NAME);
  const daemon = await startDockerd();
  const program = REAL_PARTS.docker.path;
  try {
    await output(program, ['load', '-q', '-i', hybrid], { env: daemon.env });
    await output(program, ['save', '-o', dockerArchive, NAME], { env: daemon.env });
    const socket = new URL(daemon.env['DOCKER_HOST'] ?? '').pathname;
    const pid = Number(await readFile(join(dirname(socket), 'pid'), 'utf8'));
    return {
      folder,
      layout,
      store,
      archives: { hybrid, docker: dockerArchive },
      docker: { daemon, pid, program },
      skopeo: needProgram('skopeo', 'skopeo'),
      strata,
      environment,
      close: () => daemon.close(),
    };
  } catch (error) {
    await daemon.close();
    throw error;
  }
}

/** The cache's blobs as an OCI layout, by hard links. */
async function makeLayout(layout: string, image: BenchImage): Promise<void> {
  const blobs = join(layout, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  for (const { digest } of [image.manifest, image.config, ...image.layers]) {
    const hex = digest.slice('sha256:'.length);
    await link(join(image.blobs, hex), join(blobs, hex));
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  const manifests = [{ mediaType, ...image.manifest, annotations }];
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}
