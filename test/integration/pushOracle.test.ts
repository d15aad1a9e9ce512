import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliFile, environment, strata } from '../support/cli.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import type { DockerRegistry } from '../support/dockerRegistry.ts';
import { pushImage } from '../support/pushImage.ts';
import { noisyImage } from '../support/pullWorld.ts';
import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import { startRegistry } from '../support/registry/index.ts';
import { run, runOk } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/**
 * `strata push` beside the real `docker push` 20.10.24: the same images, each to a docker-registry of its own that has
 * nothing yet. `%` stands for that registry.
 */

const IMAGE = noisyImage([2000, 3_000_000, 40], { mediaTypes: 'docker', config: { Labels: { a: 'b' } } });
const WIDE = noisyImage(
  Array.from({ length: 8 }, (_, i) => 1000 + i),
  { mediaTypes: 'docker' },
);

let registries: { docker: DockerRegistry; strata: DockerRegistry };
let source: DockerRegistry;
let secured: DockerRegistry;
let folder: TempFolder;
let dockerd: Dockerd;
let root: string;

beforeAll(async () => {
  requireParts('skopeo', 'podman');
  const [docker, own, from, guarded] = await Promise.all([
    startDockerRegistry(),
    startDockerRegistry(),
    startDockerRegistry(),
    startDockerRegistry({ users: { bob: 'secret' } }),
  ]);
  registries = { docker, strata: own };
  source = from;
  secured = guarded;
  [folder, dockerd] = await Promise.all([tempFolder(), startDockerd()]);
  root = `${folder.path}/store`;
  const seeds = await startRegistry();
  for (const [name, image] of [
    ['team/app', IMAGE],
    ['team/wide', WIDE],
  ] as const) {
    await pushImage(seeds.url, name, '1', image);
    const seed = `${seeds.host}/${name}:1`;
    const from = `${source.host}/${name}:1`;
    // By docker and from elsewhere, so that manifest and layers are as docker prints and compresses them.
    for (const call of [
      ['pull', seed],
      ['tag', seed, from],
      ['push', from],
      ['rmi', seed],
    ]) {
      expect(await dockerd.docker(...call)).toMatchObject({ code: 0 });
    }
    expect(await strata(['pull', from], { root })).toMatchObject({ code: 0 });
    for (const tag of ['1', '2']) await both(`tag ${from} %/${name}:${tag}`);
    await both(`tag ${from} %/other/of-${name.slice(5)}`);
  }
  await seeds.close();
  await both(`tag ${source.host}/team/app:1 ${secured.host}/x:1`);
  await both(`tag ${source.host}/team/app:1 127.0.0.1:1/x`);
});
afterAll(async () => {
  await Promise.all([
    dockerd.close(),
    source.close(),
    secured.close(),
    ...Object.values(registries).map((r) => r.close()),
  ]);
  await folder.remove();
});

const words = (line: string, registry: DockerRegistry): string[] =>
  line
    .replaceAll('%', registry.host)
    .split(' ')
    .filter((word) => word !== '');

async function both(line: string): Promise<[RunResult, RunResult]> {
  return await Promise.all([
    dockerd.docker(...words(line, registries.docker)),
    strata(words(line, registries.strata), { root }),
  ]);
}

/** Layers are done in an order of chance, and whether one has to wait is chance, too; what is said before and after is not. */
function inOrder(stdout: string): unknown {
  const lines = stdout.split('\n').filter((line) => !line.endsWith(': Waiting'));
  const isDone = (line: string): boolean => /: (?:Pushed|Mounted from|Layer already exists)/.test(line);
  return { lines: lines.filter((line) => !isDone(line)), done: lines.filter(isDone).sort() };
}

const ESCAPE = '\u001b';
/** A layer's line, rewritten where it stands. */
const LAYER_LINE = new RegExp(
  `${ESCAPE}\\[\\dA${ESCAPE}\\[2K\\r[0-9a-f]{12}: [^\\r]*\\r${ESCAPE}\\[\\dB`,
  'g',
);

/** Our errors end in a line of advice, which docker lacks. */
const withoutHint = (text: string): string => text.replace(/\nHint: .*\n$/, '\n');

async function same(line: string, theirs: (text: string) => string = (text) => text): Promise<void> {
  const [docker, own] = await both(line);
  const shown = ({ code, stdout, stderr }: RunResult, { host }: DockerRegistry): unknown => ({
    code,
    stdout: inOrder(stdout.replaceAll(host, '%')),
    stderr: withoutHint(stderr.replaceAll(host, '%')),
  });
  const expected = { ...docker, stderr: theirs(docker.stderr.replaceAll('docker', 'strata')) };
  expect(shown(own, registries.strata)).toEqual(shown(expected, registries.docker));
}

describe('push', () => {
  it.each([
    'push %/team/app:1',
    'push %/team/app:1',
    'push %/other/of-app',
    'push %/team/wide:1',
    'push -a %/team/app',
    'push --all-tags %/team/wide',
    'push -q %/team/app:2',
    'push --quiet=true -a %/team/app',
    'image push %/other/of-wide:latest',
    'push %/team/app',
    'push %/none',
    'push %/none:x',
    'push -a %/none',
    'push -q %/none',
    'push -a %/team/app:1',
    'push --disable-content-trust %/team/app:1',
    `push %/team/app@sha256:${'a'.repeat(64)}`,
    'push BAD',
    'push a:b:c',
    'push 0123456789ab',
    `push ${'a'.repeat(64)}`,
    'push',
    'push a b',
    'push --zz a',
  ])('%s', async (line) => await same(line));

  it('says which registry does not answer', async () => {
    const theirs = (text: string): string =>
      text.replace(
        'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: ',
        'cannot reach 127.0.0.1:1: ',
      );
    await same('push 127.0.0.1:1/x', theirs);
  });

  it('says that nobody is signed in', async () => {
    await same(`push ${secured.host}/x:1`);
  });

  it('says that the password is wrong, or goes through', async () => {
    for (const [pair, code, stderr] of [
      ['bob:wrong', 1, 'unauthorized: authentication required'],
      ['bob:secret', 0, ''],
    ] as const) {
      const config = join(folder.path, `docker-${pair.slice(4)}`);
      await mkdir(config);
      const auths = { [secured.host]: { auth: Buffer.from(pair).toString('base64') } };
      await writeFile(join(config, 'config.json'), JSON.stringify({ auths }));
      const result = await strata(['push', `${secured.host}/x:1`], { root, env: { DOCKER_CONFIG: config } });
      expect(result.code).toBe(code);
      expect(withoutHint(result.stderr).trim()).toBe(stderr);
    }
  });

  it('shows on a terminal what docker shows', async () => {
    const screens = await Promise.all(
      Object.entries(registries).map(async ([who, registry]) => {
        const command =
          who === 'docker'
            ? `${REAL_PARTS.docker.path} push ${registry.host}/team/app:1`
            : `${process.execPath} ${cliFile()} push ${registry.host}/team/app:1`;
        const env = who === 'docker' ? dockerd.env : environment({ root });
        const { stdout } = await run(
          REAL_PARTS.script.path,
          ['-qec', `stty cols 120; ${command}`, '/dev/null'],
          {
            env: { ...env, TERM: 'xterm' },
          },
        );
        return stdout.replaceAll(registry.host, '%').replaceAll(LAYER_LINE, '');
      }),
    );
    expect(screens[1]).toBe(screens[0]);
    expect(screens[1]).toContain('1: digest: sha256:');
  });
});

/** Of the manifest that docker made. */
async function digestOf(): Promise<string> {
  const text = await runOk(REAL_PARTS.skopeo.path, [
    'inspect',
    '--tls-verify=false',
    `docker://${source.host}/team/app:1`,
  ]);
  return (JSON.parse(text) as { Digest: string }).Digest;
}

describe('what was pushed', () => {
  it('has the digest that docker would give it, here and there', async () => {
    const [docker, own] = await both('images --digests --no-trunc');
    const rows = (result: RunResult, { host }: DockerRegistry): string[] =>
      result.stdout
        .split('\n')
        .filter((row) => row.startsWith(host) && !row.includes('/x '))
        .map((row) =>
          row
            .replaceAll(host, '%')
            .split(/\s{2,}/)
            .slice(0, 4)
            .join(' '),
        )
        .sort();
    expect(rows(own, registries.strata)).toEqual(rows(docker, registries.docker));
    const name = `${registries.strata.host}/team/app:1`;
    const inspected = await strata(['inspect', '-f', '{{json .RepoDigests}}', name], { root });
    expect(inspected.stdout).toContain(`${registries.strata.host}/team/app@${await digestOf()}`);
  });

  it('is read by skopeo, docker and podman', async () => {
    const name = `${registries.strata.host}/team/app:1`;
    const seen = JSON.parse(
      await runOk(REAL_PARTS.skopeo.path, ['inspect', '--tls-verify=false', `docker://${name}`]),
    ) as { Digest: string };
    expect(seen.Digest).toBe(await digestOf());
    const pulled = await dockerd.docker('pull', '-q', name);
    expect(pulled).toMatchObject({ code: 0, stderr: '' });
    const id = await dockerd.docker('image', 'inspect', '-f', '{{.Id}}', name);
    expect(id.stdout.trim()).toBe(IMAGE.config.descriptor.digest);
    const podman = [
      '--root',
      join(folder.path, 'podman'),
      '--runroot',
      join(folder.path, 'podman-run'),
      '--storage-driver',
      'vfs',
    ];
    const got = await runOk(REAL_PARTS.podman.path, [...podman, 'pull', '-q', '--tls-verify=false', name]);
    expect(`sha256:${got.trim()}`).toBe(IMAGE.config.descriptor.digest);
    await run(REAL_PARTS.podman.path, [...podman, 'rmi', '-af']);
  });
});

it('brings an image of docker save to a registry, its layers compressed, once', async () => {
  const file = join(folder.path, 'saved.tar');
  const saved = `${source.host}/team/app:1`;
  expect(await dockerd.docker('save', '-o', file, saved)).toMatchObject({ code: 0, stderr: '' });
  // A store that knows nothing of a registry.
  const own = { root: join(folder.path, 'loaded') };
  expect(await strata(['load', '-q', '-i', file], own)).toMatchObject({ code: 0, stderr: '' });
  const name = `${registries.strata.host}/loaded/app:1`;
  for (const call of [
    ['tag', saved, name],
    ['push', name],
  ]) {
    expect(await strata(call, own)).toMatchObject({ code: 0, stderr: '' });
  }
  const manifest = JSON.parse(await skopeoInspect('--raw', name)) as {
    config: { digest: string };
    layers: { mediaType: string; size: number }[];
  };
  expect(manifest.layers).toHaveLength(3);
  for (const { mediaType } of manifest.layers) expect(mediaType).toMatch(/[.+]gzip$/);
  expect(manifest.config.digest).toBe(IMAGE.config.descriptor.digest);
  const diffIds = IMAGE.layers.map(({ diffId }) => diffId);
  const config = JSON.parse(await skopeoInspect('--config', name)) as { rootfs: { diff_ids: string[] } };
  expect(config.rootfs.diff_ids).toEqual(diffIds);
  // skopeo unpacks the layers, and compares them with these diff IDs.
  const unpacked = `docker-archive:${join(folder.path, 'unpacked.tar')}`;
  await runOk(REAL_PARTS.skopeo.path, ['copy', '-q', '--src-tls-verify=false', `docker://${name}`, unpacked]);
  // The layers come from the registry, and not from the image that docker still has.
  const fresh = await startDockerd();
  try {
    expect(await fresh.docker('pull', '-q', name)).toMatchObject({ code: 0, stderr: '' });
    const format = '{{.Id}} {{json .RootFS.Layers}}';
    const { stdout } = await fresh.docker('image', 'inspect', '-f', format, name);
    expect(stdout.trim()).toBe(`${IMAGE.config.descriptor.digest} ${JSON.stringify(diffIds)}`);
  } finally {
    await fresh.close();
  }
  const digest = (JSON.parse(await skopeoInspect(name)) as { Digest: string }).Digest;
  const again = await strata(['push', name], own);
  expect(again.stdout.match(/: Layer already exists$/gm)).toHaveLength(3);
  expect(again.stdout).not.toMatch(/: (?:Pushed|Mounted)/);
  expect(again.stdout).toContain(`1: digest: ${digest} `);
});

async function skopeoInspect(...args: readonly string[]): Promise<string> {
  const name = `docker://${args.at(-1) ?? ''}`;
  return await runOk(REAL_PARTS.skopeo.path, ['inspect', '--tls-verify=false', ...args.slice(0, -1), name]);
}
