import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from '../support/commands.ts';
import type { Measurable } from '../support/measure.ts';
import { NAME } from './stage.ts';
import type { Stage } from './stage.ts';

/** One way to save or to load. */
export interface Contender {
  readonly name: string;
  /** What it is held against, and the most that the ratio of their median wall times may be. */
  readonly against?: { readonly name: string; readonly limit: number };
  /** Not timed. @param folder empty, removed afterwards */
  prepare(folder: string): Promise<Attempt>;
}

export interface Attempt {
  readonly measurable: Measurable;
  /** Throws if the work was not done. */
  verify(): Promise<unknown>;
}

/** What the issue promises. */
const LIMIT = 0.5;

export function savers(stage: Stage): readonly Contender[] {
  const { docker, skopeo, layout, store } = stage;
  const writing = (
    name: string,
    command: (file: string) => Measurable,
    against?: Contender['against'],
  ): Contender => ({
    name,
    ...(against === undefined ? {} : { against }),
    prepare: (folder) => {
      const file = join(folder, 'out.tar');
      return Promise.resolve({ measurable: command(file), verify: () => access(file) });
    },
  });
  return [
    writing(
      'strata save',
      (file) => ({ command: stage.strata('save', '-o', file, NAME), env: stage.environment(store) }),
      { name: 'docker save', limit: LIMIT },
    ),
    writing('docker save', (file) => ({
      command: [docker.program, 'save', '-o', file, NAME],
      env: docker.daemon.env,
      daemons: [docker.pid],
    })),
    writing('skopeo copy oci → oci-archive', (file) => ({
      command: [skopeo, 'copy', '--quiet', `oci:${layout}:latest`, `oci-archive:${file}:latest`],
    })),
    writing('skopeo copy oci → docker-archive', (file) => ({
      command: [skopeo, 'copy', '--quiet', `oci:${layout}:latest`, `docker-archive:${file}:${NAME}`],
    })),
  ];
}

export function loaders(stage: Stage): readonly Contender[] {
  const { docker, skopeo, archives } = stage;
  const strata = (name: string, archive: string, fromPipe: boolean, against: string): Contender => ({
    name,
    against: { name: against, limit: LIMIT },
    prepare: (folder) => {
      const env = stage.environment(join(folder, 'store'));
      const [node, ...words] = stage.strata('load', ...(fromPipe ? [] : ['-i', archive]));
      const shell = ['/bin/sh', '-c', 'input=$1; shift; exec "$@" < "$input"', 'sh', archive] as const;
      const command: readonly [string, ...string[]] = fromPipe
        ? [...shell, node, ...words]
        : [node, ...words];
      const [program, ...list] = stage.strata('images', '-q');
      const verify = async (): Promise<void> => {
        if ((await output(program, list, { env })).trim() === '') throw new Error(`${name} lists nothing`);
      };
      return Promise.resolve({ measurable: { command, env }, verify });
    },
  });
  const dockerLoad = (name: string, archive: string): Contender => ({
    name,
    prepare: async () => {
      const { env } = docker.daemon;
      // Only what nobody has is loaded.
      await output(docker.program, ['rmi', '-f', NAME], { env });
      return {
        measurable: { command: [docker.program, 'load', '-q', '-i', archive], env, daemons: [docker.pid] },
        verify: () => output(docker.program, ['image', 'inspect', NAME], { env }),
      };
    },
  });
  const copy = (name: string, source: string): Contender => ({
    name,
    prepare: (folder) => {
      const target = join(folder, 'layout');
      return Promise.resolve({
        measurable: { command: [skopeo, 'copy', '--quiet', source, `oci:${target}:latest`] },
        verify: () => access(join(target, 'index.json')),
      });
    },
  });
  return [
    strata('strata load, hybrid', archives.hybrid, false, 'docker load, hybrid'),
    strata('strata load, hybrid from a pipe', archives.hybrid, true, 'docker load, hybrid'),
    dockerLoad('docker load, hybrid', archives.hybrid),
    copy('skopeo copy oci-archive → oci', `oci-archive:${archives.hybrid}`),
    strata("strata load, docker's", archives.docker, false, "docker load, docker's"),
    strata("strata load, docker's from a pipe", archives.docker, true, "docker load, docker's"),
    dockerLoad("docker load, docker's", archives.docker),
    copy('skopeo copy docker-archive → oci', `docker-archive:${archives.docker}`),
  ];
}
