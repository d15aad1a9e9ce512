import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliFile, environment, strata } from '../support/cli.ts';
import { legacyArchive, ociArchive } from '../support/archives.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { buildImage, buildLayer } from '../support/images.ts';
import type { BuiltImage } from '../support/images.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { run, runOk } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';
import { tarOf } from '../support/tar.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** Archives that go from one tool to another and back: IDs and diff IDs must be the same at the end. */

let folder: TempFolder;
let dockerd: Dockerd;
let stores = 0;

beforeAll(async () => {
  [folder, dockerd] = await Promise.all([tempFolder(), startDockerd()]);
});
afterAll(async () => {
  await dockerd.close();
  await runOk(REAL_PARTS.podman.path, [...podmanFolders(), 'system', 'reset', '--force']).catch(() => '');
  await folder.remove();
});

const base = {
  entries: [{ path: 'bin/' }, { path: 'bin/tool', content: 'tool'.repeat(2000) }],
  createdBy: 'ADD base',
};
const image = buildImage({
  layers: [
    base,
    { empty: true, createdBy: 'CMD ["tool"]' },
    { entries: [{ path: 'etc/' }, { path: 'etc/motd', content: 'hello' }], createdBy: 'COPY motd' },
  ],
  config: { Cmd: ['tool'], Labels: { 'org.example': 'archives' } },
});
const second = buildImage({
  layers: [base, { entries: [{ path: 'second', content: '2' }], createdBy: 'COPY 2' }],
});
const idOf = ({ config }: BuiltImage): string => config.descriptor.digest;
const diffIdsOf = ({ layers }: BuiltImage): readonly string[] => layers.map(({ diffId }) => diffId);

const path = (name: string): string => join(folder.path, name);
const newStore = (): string => path(`store${++stores}`);

async function ok(result: Promise<RunResult>): Promise<string> {
  const { code, stdout, stderr } = await result;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

function podmanFolders(): readonly string[] {
  return ['--root', path('podman'), '--runroot', path('podman-run'), '--storage-driver', 'vfs'];
}

function inspected(output: string): { id: string; diffIds: readonly string[] } {
  const [found] = JSON.parse(output) as readonly [{ Id: string; RootFS: { Layers: readonly string[] } }];
  return { id: found.Id.replace(/^(?:sha256:)?/, 'sha256:'), diffIds: found.RootFS.Layers };
}

interface Tool {
  /** What it shows of an image. */
  inspect(name: string): Promise<{ id: string; diffIds: readonly string[] }>;
  load(file: string): Promise<unknown>;
  save(file: string, names: readonly string[]): Promise<unknown>;
  clear(): Promise<unknown>;
}

const tools: Readonly<Record<'docker' | 'podman', Tool>> = {
  docker: {
    inspect: async (name) => inspected(await ok(dockerd.docker('image', 'inspect', name))),
    load: (file) => ok(dockerd.docker('load', '-i', file)),
    save: (file, names) => ok(dockerd.docker('save', '-o', file, ...names)),
    clear: async () => {
      const ids = (await ok(dockerd.docker('images', '-qa'))).split('\n').filter((line) => line !== '');
      if (ids.length > 0) await dockerd.docker('rmi', '-f', ...new Set(ids));
    },
  },
  podman: {
    inspect: async (name) =>
      inspected(await runOk(REAL_PARTS.podman.path, [...podmanFolders(), 'image', 'inspect', name])),
    load: (file) => runOk(REAL_PARTS.podman.path, [...podmanFolders(), 'load', '-i', file]),
    save: async (file, names) => {
      await rm(file, { force: true });
      const options = ['save', '--quiet', '--multi-image-archive', '-o', file];
      await runOk(REAL_PARTS.podman.path, [...podmanFolders(), ...options, ...names]);
    },
    clear: () => runOk(REAL_PARTS.podman.path, [...podmanFolders(), 'rmi', '--all', '--force']),
  },
};

/** A store with both images, their layers gzip as a registry has them. */
async function seeded(): Promise<string> {
  const root = newStore();
  for (const [built, name] of [
    [image, 'cross/app:1'],
    [second, 'cross/second:2'],
  ] as const) {
    const file = path('seed.tar');
    await writeFile(file, ociArchive(built, name));
    expect(await ok(strata(['load', '-i', file], { root }))).toBe(`Loaded image: ${name}\n`);
  }
  return root;
}

/** Podman puts `localhost/` before the names of a docker-archive: by its ID the image is the same everywhere. */
const shortId = idOf(image).slice('sha256:'.length, 20);

async function inStrata(root: string, name: string): Promise<{ id: string; diffIds: readonly string[] }> {
  return inspected(await ok(strata(['image', 'inspect', name], { root })));
}

describe.each(['docker', 'podman'] as const)('with %s', (name) => {
  const names = ['cross/app:1', 'cross/second:2'];

  it.each([
    ['the hybrid', []],
    ['a docker-archive', ['--format', 'docker-archive']],
  ])('goes there and back as %s, gzip layers and all', async (_, format) => {
    const tool = tools[name];
    const root = await seeded();
    const file = path(`${name}-there.tar`);
    await ok(strata(['save', ...format, '-o', file, ...names], { root }));
    await tool.clear();
    await tool.load(file);
    expect(await tool.inspect('cross/app:1')).toEqual({ id: idOf(image), diffIds: diffIdsOf(image) });
    if (name === 'docker' || format.length > 0) {
      expect(await tool.inspect('cross/second:2')).toEqual({ id: idOf(second), diffIds: diffIdsOf(second) });
    }

    const back = path(`${name}-back.tar`);
    await tool.save(back, name === 'docker' || format.length > 0 ? names : ['cross/app:1']);
    const fresh = newStore();
    await ok(strata(['load', '-i', back], { root: fresh }));
    expect(await inStrata(fresh, shortId)).toEqual({ id: idOf(image), diffIds: diffIdsOf(image) });

    const again = path(`${name}-again.tar`);
    await ok(
      strata(['save', '-o', again, name === 'podman' ? `localhost/cross/app:1` : 'cross/app:1'], {
        root: fresh,
      }),
    );
    await tool.clear();
    await tool.load(again);
    expect(await tool.inspect('cross/app:1')).toEqual({ id: idOf(image), diffIds: diffIdsOf(image) });
  });

  it('comes through a pipe as from a file', async () => {
    const tool = tools[name];
    const root = await seeded();
    const file = path(`${name}-pipe.tar`);
    await ok(strata(['save', '--format', 'docker-archive', '-o', file, 'cross/app:1'], { root }));
    await tool.clear();
    await tool.load(file);
    const back = path(`${name}-pipe-back.tar`);
    await tool.save(back, ['cross/app:1']);
    const fresh = newStore();
    const piped = await strata(['load'], { root: fresh, input: await readFile(back) });
    expect(piped.code).toBe(0);
    expect(await inStrata(fresh, shortId)).toEqual({ id: idOf(image), diffIds: diffIdsOf(image) });
  });
});

describe('with skopeo', () => {
  it.each([
    ['docker-archive', [], (file: string) => `docker-archive:${file}`],
    ['docker-archive', ['--format', 'docker-archive'], (file: string) => `docker-archive:${file}`],
    ['oci-archive', [], (file: string) => `oci-archive:${file}`],
    ['oci-archive', ['--format', 'oci-archive'], (file: string) => `oci-archive:${file}`],
  ])('is read as %s written with %j', async (_, format, source) => {
    const root = await seeded();
    const file = path('skopeo.tar');
    await ok(strata(['save', ...format, '-o', file, 'cross/app:1'], { root }));
    const config = await runOk(REAL_PARTS.skopeo.path, ['inspect', '--config', '--raw', source(file)]);
    expect(config).toBe(image.config.bytes.toString());
    const layout = path('skopeo-layout');
    await rm(layout, { recursive: true, force: true });
    await runOk(REAL_PARTS.skopeo.path, ['copy', '--quiet', source(file), `oci:${layout}:x`]);
    const fresh = newStore();
    await ok(strata(['load', '-i', layout], { root: fresh }));
    // skopeo writes the configuration of a docker-archive anew.
    const [id = ''] = (await ok(strata(['images', '-q'], { root: fresh }))).split('\n');
    expect((await inStrata(fresh, id)).diffIds).toEqual(diffIdsOf(image));
  });

  it.each([
    ['docker-archive', 'cross/app:1'],
    ['oci-archive', 'cross/app:1'],
    ['oci', 'cross/app:1'],
  ])('writes a %s that loads', async (transport, name) => {
    const root = await seeded();
    const file = path('ours.tar');
    await ok(strata(['save', '-o', file, name], { root }));
    const target = path(`theirs-${transport}`);
    await rm(target, { recursive: true, force: true });
    await runOk(REAL_PARTS.skopeo.path, [
      'copy',
      '--quiet',
      `docker-archive:${file}`,
      `${transport}:${target}:${name}`,
    ]);
    const fresh = newStore();
    expect(await ok(strata(['load', '-i', target], { root: fresh }))).toBe(`Loaded image: ${name}\n`);
    expect((await inStrata(fresh, name)).diffIds).toEqual(diffIdsOf(image));
  });
});

it('gives an archive of before Docker 1.10 the IDs that Docker gives it', async () => {
  await tools.docker.clear();
  for (const version of ['0.9.0', '1.9.1']) {
    const steps = image.layers.map(({ tar }, i) => ({
      tar,
      json: {
        created: `2014-0${i + 1}-02T03:04:05.678901234Z`,
        container: 'c0ffee',
        container_config: {
          Hostname: 'h',
          Cmd: ['/bin/sh', '-c', `#(nop) <step> & ${i}`],
          Env: ['A=1'],
          Image: 'x',
        },
        docker_version: version,
        author: 'someone',
        config: { Hostname: 'h', Cmd: ['tool'], ExposedPorts: { '80/tcp': {} }, Memory: 0 },
        architecture: 'amd64',
        os: 'linux',
        Size: 12,
        unknown: { kept: true },
      },
    }));
    const file = path('legacy.tar');
    await writeFile(file, legacyArchive(steps, 'old/app', version));
    await ok(dockerd.docker('load', '-i', file));
    const theirs = await tools.docker.inspect(`old/app:${version}`);
    for (const input of [undefined, await readFile(file)]) {
      const root = newStore();
      const words = input === undefined ? ['load', '-i', file] : ['load'];
      const loaded = await strata(words, { root, ...(input === undefined ? {} : { input }) });
      // Docker says nothing of what such an archive brought.
      expect(loaded).toMatchObject({ code: 0, stdout: `Loaded image: old/app:${version}\n` });
      expect(await inStrata(root, `old/app:${version}`)).toEqual(theirs);
    }
  }
});

describe('import', () => {
  const changes = [
    'CMD ["x"]',
    'ENV A=b C="d e"',
    'EXPOSE 80 443/udp',
    'LABEL "c d"=e',
    'USER me',
    'WORKDIR /w',
    'VOLUME /v',
    'ONBUILD RUN x',
    'HEALTHCHECK --interval=5s CMD curl x',
    'ENTRYPOINT sh',
  ];

  it('makes the configuration that Docker makes', async () => {
    const file = path('root.tar');
    await writeFile(file, buildLayer({ ...base, compression: 'none' }).bytes);
    const words = [
      'import',
      '-m',
      'by hand',
      ...changes.flatMap((change) => ['--change', change]),
      file,
      'im/port:1',
    ];
    const root = newStore();
    expect(await ok(strata(words, { root }))).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    await ok(dockerd.docker(...words));
    const [theirs] = JSON.parse(await ok(dockerd.docker('image', 'inspect', 'im/port:1'))) as readonly [
      Record<string, unknown>,
    ];
    const [ours] = JSON.parse(await ok(strata(['image', 'inspect', 'im/port:1'], { root }))) as readonly [
      Record<string, unknown>,
    ];
    for (const key of [
      'Config',
      'ContainerConfig',
      'RootFS',
      'Comment',
      'Architecture',
      'Os',
      'RepoTags',
      'Author',
      'Size',
    ]) {
      expect({ [key]: ours[key] }).toEqual({ [key]: theirs[key] });
    }
  });

  it.each([
    ['nothing there', ['import', 'NONE'], undefined],
    ['a bad name', ['import', '-', 'Upper'], 'x'],
    ['a digest', ['import', '-', `a@sha256:${'a'.repeat(64)}`], 'x'],
    ['a bad instruction', ['import', '-c', 'RUN x', '-'], 'x'],
    ['an instruction that lacks something', ['import', '-c', 'ENV a', '-'], 'x'],
  ])('refuses %s in the words of Docker', async (_, words, input) => {
    const given = words.map((word) => (word === 'NONE' ? path('none.tar') : word));
    const theirs = await run(REAL_PARTS.docker.path, given, {
      env: dockerd.env,
      ...(input === undefined ? {} : { input }),
    });
    const ours = await strata(given, { root: newStore(), ...(input === undefined ? {} : { input }) });
    expect(ours).toEqual(theirs);
  });
});

describe('errors', () => {
  it.each([
    [['save', 'nope']],
    [['save', 'nope:1']],
    [['save', 'Upper']],
    [['save', '-o', '/no/such/folder/x.tar', 'a']],
    [['load', '-i', '/no/such/file']],
    [['save']],
    [['load', 'x']],
  ])('%j says what Docker says', async (words) => {
    const theirs = await dockerd.docker(...words);
    const ours = await strata(words, { root: newStore() });
    const named = (text: string): string =>
      text.replaceAll('docker', 'strata').replace(/Load an image from.*|Save one or more.*/, '…');
    expect(named(ours.stderr).replace(/Load images from.*/, '…')).toBe(named(theirs.stderr));
    expect(ours.code).toBe(theirs.code);
  });
});

it('unpacks zstd layers for the Docker that cannot read them', async () => {
  await tools.docker.clear();
  const zstd = buildImage({ layers: [{ ...base, compression: 'zstd' }] });
  const root = newStore();
  const file = path('zstd.tar');
  await writeFile(file, ociArchive(zstd, 'cross/zstd:1'));
  await ok(strata(['load', '-i', file], { root }));
  const hybrid = await strata(['save', '-o', path('zstd-hybrid.tar'), 'cross/zstd:1'], { root });
  expect(hybrid).toMatchObject({ code: 0, stderr: expect.stringContaining('WARNING: layer ') as string });
  await ok(strata(['save', '--format', 'docker-archive', '-o', file, 'cross/zstd:1'], { root }));
  await tools.docker.load(file);
  expect(await tools.docker.inspect('cross/zstd:1')).toEqual({ id: idOf(zstd), diffIds: diffIdsOf(zstd) });
  const fresh = newStore();
  await ok(strata(['load', '-i', path('zstd-hybrid.tar')], { root: fresh }));
  expect(await inStrata(fresh, 'cross/zstd:1')).toEqual({ id: idOf(zstd), diffIds: diffIdsOf(zstd) });
});

it('moves a name as Docker does', async () => {
  await tools.docker.clear();
  const root = newStore();
  const files = await Promise.all(
    [image, second].map(async (built, i) => {
      const seed = newStore();
      const oci = path(`move${i}.oci.tar`);
      await writeFile(oci, ociArchive(built, 'move/me:1'));
      await ok(strata(['load', '-q', '-i', oci], { root: seed }));
      const file = path(`move${i}.tar`);
      await ok(strata(['save', '-o', file, 'move/me:1'], { root: seed }));
      return file;
    }),
  );
  for (const file of files) {
    expect(await ok(strata(['load', '-i', file], { root }))).toBe(
      await ok(dockerd.docker('load', '-i', file)),
    );
  }
  const list = ['images', '--no-trunc', '--format', '{{.ID}} {{.Repository}} {{.Tag}}'];
  expect((await ok(strata(list, { root }))).split('\n').sort()).toEqual(
    (await ok(dockerd.docker(...list))).split('\n').sort(),
  );
});

/** The peak of a call's resident memory, in bytes. @param input its standard input */
async function peakOf(args: readonly string[], root: string, input?: string): Promise<number> {
  const stdin = input === undefined ? 'ignore' : openSync(input, 'r');
  const child = spawn(process.execPath, [cliFile(), ...args], {
    env: environment({ root }),
    stdio: [stdin, 'ignore', 'pipe'],
  });
  const stderr = text(child.stderr ?? Readable.from([]));
  let peak = 0;
  // The kernel's own high-water mark: a look that comes late misses nothing but the end.
  const look = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    peak = Math.max(peak, Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
  }, 10);
  await once(child, 'exit');
  clearInterval(look);
  if (typeof stdin === 'number') closeSync(stdin);
  expect({ code: child.exitCode, stderr: await stderr }).toEqual({ code: 0, stderr: '' });
  expect(peak).toBeGreaterThan(0);
  return peak;
}

it('holds little of a large archive in memory', async () => {
  const content = Buffer.alloc(400_000_000, 'a');
  const file = path('big.tar');
  await writeFile(file, tarOf([{ path: 'big', content }]));
  const archive = path('big-saved.tar');
  const limit = 250e6;
  const root = newStore();
  expect(await peakOf(['import', '-', 'big/one:1'], root, file)).toBeLessThan(limit);
  expect(await peakOf(['save', '-o', archive, 'big/one:1'], root)).toBeLessThan(limit);
  expect(await peakOf(['load', '-i', archive], newStore())).toBeLessThan(limit);
  expect(await peakOf(['load'], newStore(), archive)).toBeLessThan(limit);
});
