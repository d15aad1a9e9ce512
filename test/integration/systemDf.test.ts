import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strata } from '../support/cli.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { buildImage } from '../support/images.ts';
import type { LayerSpec } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** `system df` beside the real docker's, of images that share layers in every way. */

const OWN_SUMMARY = 'Show how much disk the images use';

let registry: TestRegistry;
let folder: TempFolder;
let dockerd: Dockerd;
let root: string;

const layer = (name: string, size: number): LayerSpec => ({
  entries: [{ path: name, content: Buffer.alloc(size, name) }],
  createdBy: name,
});

beforeAll(async () => {
  [registry, folder, dockerd] = await Promise.all([startRegistry(), tempFolder(), startDockerd()]);
  root = `${folder.path}/store`;
});
afterAll(async () => {
  await Promise.all([dockerd.close(), registry.close()]);
  await folder.remove();
});

const both = async (...args: string[]): Promise<void> => {
  const [docker, own] = await Promise.all([dockerd.docker(...args), strata(args, { root })]);
  expect([own.code, docker.code]).toEqual([0, 0]);
};

async function pull(name: string, layers: readonly LayerSpec[], year: number): Promise<void> {
  const [path = '', tag = ''] = name.split(':');
  await pushImage(registry.url, path, tag, buildImage({ layers, created: `${year}-02-03T04:05:06Z` }));
  await both('pull', '-q', `${registry.host}/${name}`);
}

/** @returns our output without the lines of our own */
async function same(...args: string[]): Promise<void> {
  const words = ['system', 'df', ...args];
  const [docker, own] = await Promise.all([dockerd.docker(...words), strata(words, { root })]);
  const stdout = own.stdout.replace(/\nAll images together: .*\nOn disk: .*\n$/, '');
  // The summary is in words of our own.
  const theirs = docker.stderr
    .replaceAll('docker', 'strata')
    .replace(/^Show strata disk usage$/m, OWN_SUMMARY);
  expect({ ...own, stdout }).toEqual({ ...docker, stderr: theirs });
  expect(stdout === own.stdout).toBe(args.includes('--format') || own.code !== 0);
}

const compared = (): void => {
  it.each([
    [],
    ['-v'],
    ['--verbose=true'],
    ['--format', '{{.Type}}|{{.TotalCount}}|{{.Active}}|{{.Size}}|{{.Reclaimable}}'],
    ['--format', 'table {{.Type}}\t{{.Size}}'],
    ['--format', 'table'],
    ['--format', 'raw'],
    ['--format', '{{json .}}'],
    ['-v', '--format', '{{json .}}'],
    ['-v', '--format', 'table'],
    [
      '-v',
      '--format',
      '{{range .Images}}{{.Repository}}:{{.Tag}} {{.SharedSize}} {{.UniqueSize}} {{.ID}}\n{{end}}',
    ],
    ['-v', '--format', 'table {{len .Images}}{{len .Containers}}{{len .Volumes}}'],
  ])('%j', async (...args) => await same(...args));
};

describe('of an empty store', compared);

describe('of images that share', () => {
  beforeAll(async () => {
    const base = [layer('a', 100_000), layer('b', 23_456)];
    await pull('x/base:1', base, 2020);
    await pull('x/app:1', [...base, layer('c', 5_000)], 2021);
    await pull('x/app:2', [...base, layer('d', 7_000_000)], 2022);
    // The same layer, but not on the same layers below.
    await pull('x/other:1', [layer('b', 23_456)], 2019);
    // Twice in one image.
    await pull('x/twice:1', [layer('e', 4_000), layer('e', 4_000)], 2018);
    await both('tag', `${registry.host}/x/app:2`, 'another/name:tag');
    // A tag that moves leaves an image without one.
    await pull('x/base:1', [layer('f', 77_777)], 2023);
  });

  compared();

  it.each([
    ['--format', '{{.Nope}}'],
    ['-v', '--format', 'a{{.Nope}}'],
    ['--format', '{{'],
    ['-v', '--format', '{{'],
    ['a'],
    ['--zz'],
    ['-x'],
  ])('%j fails alike', async (...args) => await same(...args));

  it('says what sharing saves', async () => {
    const { stdout } = await strata(['system', 'df'], { root });
    expect(stdout).toMatch(
      /\n\nAll images together: 7\.485MB\. With each layer counted once: 7\.238MB \(sharing saves 246\.9kB\)\.\nOn disk: [\d.]+kB, since layers stay compressed\.\n$/,
    );
    const chinese = await strata(['system', 'df'], { root, env: { LANG: 'zh_CN.UTF-8' } });
    expect(chinese.stdout).toMatch(/\n\n所有镜像合计：7\.485MB。/);
  });
});
