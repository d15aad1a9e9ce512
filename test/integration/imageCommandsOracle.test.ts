import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyFromDocker } from '../support/dockerStore.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { buildImage } from '../support/images.ts';
import type { ImageSpec } from '../support/images.ts';
import { Oracle, withoutGraphDriver } from '../support/oracle.ts';
import { noisyImage } from '../support/pullWorld.ts';
import { pushImage } from '../support/pushImage.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { runOk } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/**
 * images, history, inspect, tag, rmi and prune beside the real docker 20.10.24, on one set of images: pulled ones of
 * fixed age, and ones that docker itself has built, with parents. What differs on purpose is in docs/docker-parity.md.
 */

let registry: TestRegistry;
let folder: TempFolder;
let dockerd: Dockerd;
let oracle: Oracle;

const layer = (text: string): ImageSpec['layers'][number] => ({
  entries: [{ path: text, content: Buffer.from(text.repeat(100)) }],
  createdBy: `/bin/sh -c echo ${text} > ${text}\tand more of it, so long that it must be cut`,
});

const IMAGES: readonly (readonly [name: string, tag: string, spec: ImageSpec])[] = [
  [
    'list/a',
    '1',
    {
      layers: [layer('a'), { empty: true, createdBy: '/bin/sh -c #(nop)  CMD ["a"]', comment: 'said' }],
      config: { Labels: { a: '1', b: 'two', 'with space': 'x=y' }, Cmd: ['a'] },
      created: '2023-01-01T00:00:00Z',
      author: 'A <a@example.com> & Söhne',
    },
  ],
  [
    'list/a',
    '2',
    { layers: [layer('a'), layer('b')], config: { Labels: { a: '2' } }, created: '2023-02-01T00:00:00Z' },
  ],
  [
    'list/b',
    'latest',
    {
      layers: [
        { empty: true, createdBy: 'ENV x' },
        layer('b'),
        { empty: true, createdBy: '镜像'.repeat(20) },
      ],
      created: '2023-03-01T00:00:00.123456789Z',
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      config: {
        ExposedPorts: { '80/tcp': {} },
        Volumes: { '/data': {} },
        Healthcheck: { Test: ['CMD', 'true'], Interval: 5e9 },
      },
    },
  ],
  ['list/null', '1', { layers: [layer('n')], withoutHistory: true, configExtra: { created: null } }],
  ['list/none', '1', { layers: [layer('m')], created: '2022-01-01T00:00:00Z', config: { Labels: {} } }],
];

beforeAll(async () => {
  [registry, folder, dockerd] = await Promise.all([startRegistry(), tempFolder(), startDockerd()]);
  for (const [name, tag, spec] of IMAGES) {
    await pushImage(registry.url, name, tag, buildImage({ mediaTypes: 'docker', ...spec }));
    await docker('pull', '-q', `${registry.host}/${name}:${tag}`);
  }
  const byDigest = noisyImage([1200], { created: '2023-04-01T00:00:00Z' });
  await pushImage(registry.url, 'by/digest', 'x', byDigest);
  const { digest } = byDigest.manifest.descriptor;
  await docker('pull', '-q', `${registry.host}/by/digest@${digest}`);
  await docker('tag', `${registry.host}/list/a:1`, 'short:1');
  await docker('tag', `${registry.host}/list/a:1`, 'short:2');
  await docker('tag', `${registry.host}/list/none:1`, 'team/none:x');
  await build('child:1', 'FROM short:1\nLABEL c=1\nCOPY f /g\n');
  await build('child:2', 'FROM child:1\nENV x=1\nLABEL a=9\n');
  await build('', 'FROM child:1\nLABEL lost=1\nCOPY f /lost\n');
  await build('', 'FROM team/none:x\nLABEL lost=2 kept=\n');
  await copyFromDocker(dockerd, root());
  oracle = new Oracle(dockerd, root(), { '%': registry.host });
});
afterAll(async () => {
  await Promise.all([dockerd.close(), registry.close()]);
  await folder.remove();
});

const root = (): string => join(folder.path, 'store');

async function docker(...words: readonly string[]): Promise<string> {
  return await runOk(REAL_PARTS.docker.path, words, { env: { ...dockerd.env, DOCKER_BUILDKIT: '0' } });
}

/** The classic builder needs no network for these, and names each step's image as the next one's parent. */
async function build(name: string, dockerfile: string): Promise<void> {
  const context = join(folder.path, 'context');
  await mkdir(context, { recursive: true });
  await writeFile(join(context, 'f'), 'a file of the context');
  await writeFile(join(context, 'Dockerfile'), dockerfile);
  await docker('build', '-q', ...(name === '' ? [] : ['-t', name]), context);
}

const ROWS = '{{.Repository}}|{{.Tag}}|{{.ID}}|{{.Size}}';

describe('images', () => {
  it.each([
    'images',
    'images -a',
    'images -q',
    'images --digests',
    'images --digests --no-trunc -a',
    'images -q --no-trunc',
    'image ls --all=false',
    'images -f dangling=true',
    'images -f dangling=false',
    'images -a -f dangling=true',
    'images -f dangling=true -f dangling=false',
    'images -q -f dangling=true --no-trunc',
  ])('%s', async (line) => await oracle.same(line, { sorted: true, young: true }));

  it.each([
    'images %/list/a',
    'images %/list/a:2',
    'images %/list/*:1',
    'images */none',
    'images nosuch',
    "images ''",
    'images docker.io/library/short',
    'images short:[12]',
    'images short:[^1]',
    'images sh?rt',
    'images sh\\ort',
    'images a b',
    'images [',
    'images short[',
    'images a-]',
    'images \\',
  ])('of some names: %s', async (line) => await oracle.same(line, { sorted: true, young: true }));

  it.each([
    'label=a',
    'label=a=1',
    'label=a -f label=b=two',
    'label=a=1 -f label=a=2',
    'label=b=t',
    'label=kept',
    'label=kept=',
    'label=',
    'LABEL=lost',
    'reference=%/list/*',
    'reference=*',
    'reference=*/*:x',
    'reference=short:* -f reference=child',
    'reference=child:1 -f label=c',
    'reference=%/list/a@sha256:*',
    'reference=* -f dangling=true',
    'before=%/list/b',
    'since=%/list/a:1 -f before=child:1',
    'since=%/list/null:1 -f label=a',
    'before=%/list/null:1',
    'since=short:1 -f dangling=true',
    'before=nosuch',
    'since=nosuch:1 -f label=a',
    'before=',
    'since=Upper',
    'before=%/list/a@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'dangling=maybe',
    'dangling=1',
    'dangling=',
    'size=1',
    '=x',
    'dangling',
  ])('-f %s', async (filter) => {
    const words = filter.split(' ');
    await oracle.same(['images', '--format', ROWS, '-f', ...words], { sorted: true });
  });

  it.each([
    'json',
    '{{json .}}',
    'table {{.ID}}\\t{{.Repository}}\\t{{.Size}}',
    'table {{.CreatedAt}}\\t{{.CreatedSince}}',
    'table',
    'raw',
    '{{.Repository}}@{{.Digest}}',
    '{{.VirtualSize}} {{.SharedSize}} {{.UniqueSize}} {{.Containers}} {{.CreatedAt}}',
    '{{upper .Repository | printf "%-30s|"}}',
    '{{if eq .Tag "1"}}one{{else}}{{.Tag}}{{end}}',
    '{{.Nope}}',
    '{{.ID',
    'table {{.Nope}}',
    '{{.repo}}',
  ])('--format %s', async (format) => {
    await oracle.same(['images', '--format', format], { sorted: true, young: true });
    await oracle.same(['images', '-q', '--format', format, '%/list/a'], { sorted: true });
    await oracle.same(['images', '--digests', '--no-trunc', '--format', format, '%/list/a'], {
      sorted: true,
    });
  });
});

describe('history', () => {
  it.each([
    'history %/list/a:1',
    'history --no-trunc %/list/b',
    'history -q %/list/b',
    'history %/list/null:1',
    'history -H=false %/list/a:2',
    'history --human=false --no-trunc %/list/b',
    'history child:2',
    'history -q --no-trunc child:2',
    'history --no-trunc child:2',
    'history -H=false child:1',
    'image history nosuch',
    'history Upper',
    'history sha256:abc',
  ])('%s', async (line) => await oracle.same(line, { young: true }));

  it.each([
    '{{json .}}',
    'table {{.ID}}\\t{{.CreatedAt}}\\t{{.Comment}}',
    '{{.CreatedSince}}/{{.Size}}/{{.CreatedBy}}',
    'table',
    'raw',
    '{{.Nope}}',
    '{{.h}}',
    '{{',
  ])('--format %s', async (format) => {
    for (const more of [[], ['-q'], ['--human=false', '--no-trunc']])
      await oracle.same(['history', '--format', format, ...more, '%/list/b'], { young: true });
    await oracle.same(['history', '--format', format, 'child:2'], { young: true });
  });
});

describe('inspect', () => {
  it.each([
    'inspect %/list/a:1',
    'image inspect %/list/b child:2 %/list/null:1',
    'inspect child:1 nosuch short:1 nosuch2',
    'image inspect nosuch child:1',
    'inspect --type image short:1',
    'inspect --type container short:1',
    'inspect --type image nosuch',
    'inspect --type bogus short:1',
    "inspect --type '' short:1",
    'inspect -s short:1 nosuch',
    "inspect ''",
    "image inspect ''",
    'inspect Upper',
    'image inspect Upper short:1',
    'image inspect a:b:c',
    'inspect --type image Upper',
    'inspect sha256:abc',
  ])('%s', async (line) => await oracle.same(line, withoutGraphDriver));
});

describe('inspect -f', () => {
  it.each([
    ['{{.Id}}', 'short:1', '%/list/b'],
    ['{{.ID}} {{.Size}}', 'short:1'],
    ['{{json .Config}}', '%/list/b', 'nosuch'],
    ['{{json .}}', 'nosuch'],
    [
      '{{.RepoTags}} {{.Config.Labels}} {{.Created}} {{.Os}}/{{.Architecture}} {{.Variant}}',
      '%/list/a:1',
      '%/list/b',
    ],
    ['{{range .RootFS.Layers}}{{println .}}{{end}}', '%/list/a:2'],
    ['{{index .RootFS.Layers 9}}', '%/list/a:2'],
    ['{{.Nope}}', 'short:1', 'nosuch', 'child:1'],
    ['{{.Id}} {{.Nope}}', 'short:1'],
    ['{{.Config.ExposedPorts}} {{.Config.Healthcheck.Interval}} {{json .Config.Volumes}}', '%/list/b'],
    ['{{', 'short:1'],
    ['{{.Id | nofunc}}', 'nosuch'],
    ['json', 'short:1'],
    ['', 'nosuch'],
    ['{{.Author}} {{json .Author}} {{.Comment}} {{.Parent}}', '%/list/a:1', 'child:1'],
  ])('%s', async (format, ...names) => {
    const real = names.filter((name) => typeof name === 'string');
    await oracle.same(['inspect', '-f', format, ...real]);
    await oracle.same(['image', 'inspect', '--format', format, ...real]);
  });
});

describe('tag', () => {
  it.each([
    'tag short:1 Upper',
    "tag short:1 ''",
    "tag '' x",
    'tag a:b:c x',
    'tag nosuch x',
    'tag nosuch Upper',
    'tag short:1 x@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'tag short:1 x:1@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'tag short:1 x@sha256:abc',
    'tag short:1 sha256:abc',
    'tag short:1 0000000000000000000000000000000000000000000000000000000000000000',
    'tag 0000000000000000000000000000000000000000000000000000000000000000 x',
    `tag short:1 ${'a'.repeat(300)}`,
    'tag short:1',
    'tag -x short:1 y',
    'tag short:1 new',
    'image tag short:1 index.docker.io/library/new:2',
    'tag child:2 new:2',
    'tag new:2 localhost:5000/x/y:z',
    'tag short:1 short:1',
  ])('%s', async (line) => {
    await oracle.same(line);
    await oracle.same(['images', '--format', ROWS], { sorted: true });
  });

  it('by an ID', async () => {
    const id = (await docker('images', '-q', '--no-trunc', 'child:1')).trim();
    await oracle.same(`tag ${id.slice(7, 19)} byid`);
    await oracle.same(`tag ${id} byid:2`);
    await oracle.same(`tag ${id.slice(7)} byid:3`);
    await oracle.same(['inspect', '--format', '{{json .RepoTags}}', 'child:1']);
  });

  it('notes the time', async () => {
    const before = Date.now();
    const format = ['inspect', '--format', '{{json .Metadata.LastTagTime}}', 'short:1'];
    await oracle.same('tag short:1 timed');
    const { docker: theirs, own } = await oracle.both(format);
    for (const { stdout } of [theirs, own]) {
      const time = Date.parse(JSON.parse(stdout) as string);
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
  });
});

describe('prune', () => {
  it.each([
    'until=abc',
    'until=',
    'until=10d',
    'until=24H',
    'until=1h2',
    'until=24:00',
    'until=2024-13-01',
    'until=2024-02-30',
    'until=2024-1-1',
    'until=2024-01-01T25:00',
    'until=2024-01-01T10:61',
    'until=2024-01-01T1:1',
    'until=2024-01-01Tx',
    'until=2024-01-01X',
    'until=2024-01-01T00:00:00+0200',
    'until=2024-01-01T00:00:00Z1',
    'until=2024-01-01-',
    'until=1e3',
    'until=1.x',
    'until=99999999999999999999',
    'until=9223372037h',
    'until=1h --filter until=2h',
    'until=1h --filter until=1h --filter label=nosuch',
    'size=1',
    'before=x',
    'label!',
    // Each of these is before the dangling images were made.
    'until=2023-01-01',
    'until=2023-01-01T00',
    'until=2023-01-01T00:00',
    'until=2023-01-01T00:00:00',
    'until=2023-01-01T00:00:00.5',
    'until=2023-01-01Z',
    'until=2023-01-01T00Z',
    'until=2023-01-01T00:00:00+02:00',
    'until=1700000000',
    'until=1700000000.123',
    'until=10h',
    'until=1.5h30m',
    'until=+.5h',
    'until=5',
    'until=0',
    'label=nosuch',
    'label=lost --filter label=nosuch',
    'label=lost=3',
    'label!=lost',
    'dangling=x --filter label=nosuch',
  ])('takes nothing: --filter %s', async (filter) => {
    await oracle.same(['image', 'prune', '-f', '--filter', ...filter.split(' ')]);
  });

  it.each([
    ['image prune', ''],
    ['image prune', 'n\n'],
    ['image prune', 'yes\n'],
    ['image prune', ' y\n'],
    ['image prune -a', 'no\ny\n'],
    ['image prune --filter label=nosuch', 'Y\r\n'],
    ['image prune -a --filter label=nosuch', 'y'],
  ])('asks: %s < %j', async (line, input) => await oracle.same(line, { input }));

  it.each([
    'image prune x',
    'image prune -z',
    'image prune -f --filter until=-1h --filter label=lost=2 --filter label!=nosuch',
    'images -a --format {{.Repository}}:{{.Tag}}:{{.ID}}',
    'image prune -f --filter label!=c',
    'image prune -f',
    'image prune -f',
    'image prune -af --filter label=a=2',
    'image prune -f --filter dangling=0 --filter label=a=9',
    'images -a --format {{.Repository}}:{{.Tag}}:{{.ID}}',
  ])('%s', async (line) => await oracle.same(line, { sorted: true, young: true }));
});

describe('rmi', () => {
  it.each([
    "rmi ''",
    "rmi -f '' nosuch",
    'rmi Upper',
    'rmi -f Upper nosuch',
    'rmi a:b:c %/list/null:1 nosuch',
    'rmi sha256:abc',
    'rmi child:1',
    'rmi short:2 short:2',
    'rmi %/list/b@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'images -a --format {{.Repository}}:{{.Tag}}:{{.ID}}',
  ])('%s', async (line) => await oracle.same(line, { young: true, sorted: line.startsWith('images') }));

  const idOf = async (name: string): Promise<string> =>
    (await docker('images', '-qa', '--no-trunc', name)).trim().split('\n')[0] ?? '';

  it('of parents: a child forbids it, force or not; untagged ones go with the last child', async () => {
    await build('deep:1', 'FROM %/list/none:1\nENV a=1\nENV b=2\nCOPY f /deep\n'.replace('%', registry.host));
    await build('deep:2', 'FROM deep:1\nENV c=1\n');
    await copyFromDocker(dockerd, root());
    const parent = await idOf('deep:1');
    await oracle.same(`rmi ${parent}`);
    await oracle.same(`rmi -f ${parent.slice(7, 17)}`);
    await oracle.same('rmi deep:1');
    await oracle.same('rmi --no-prune deep:2');
    await oracle.same('images -a', { sorted: true, young: true });
    await oracle.same('rmi deep:2');
    await oracle.same(`rmi ${parent}`);
    await oracle.same('images -a', { sorted: true, young: true });
  });

  it('of an image that a container uses', async () => {
    // Containers are not ours yet: docker's refusals are the text that remove.test.ts expects.
    const container = (await docker('create', '--net=none', `${registry.host}/list/b`, 'x'))
      .trim()
      .slice(0, 12);
    const id = (await idOf(`${registry.host}/list/b`)).slice(7, 19);
    const { stderr } = await dockerd.docker('rmi', `${registry.host}/list/b`);
    expect(stderr).toBe(
      `Error response from daemon: conflict: unable to remove repository reference "${registry.host}/list/b" ` +
        `(must force) - container ${container} is using its referenced image ${id}\n`,
    );
    expect((await dockerd.docker('rmi', id)).stderr).toBe(
      `Error response from daemon: conflict: unable to delete ${id} (must be forced) - ` +
        `image is being used by stopped container ${container}\n`,
    );
    await docker('rm', container);
  });

  it('-f of all that images -qa lists empties the store', async () => {
    const ids = (await docker('images', '-qa')).trim().split('\n');
    // Which of two docker meets first is its chance: what goes is compared, and that nothing is left.
    await oracle.same(['rmi', '-f', ...ids], { sorted: true });
    await oracle.same('images -a');
    await oracle.same('image prune -af');
  });
});
