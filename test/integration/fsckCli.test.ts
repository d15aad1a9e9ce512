import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/oci/digest.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { startStrata, strata } from '../support/cli.ts';
import { buildIndex } from '../support/images.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import { pushImage } from '../support/pushImage.ts';
import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import { blobs, holdUntil } from '../support/registry/index.ts';
import { runOk } from '../support/run.ts';

/** fsck at the terminal, beside other processes and other tools, and killed. STRATA_TEST_SEED repeats a run. */

const seed = Number(process.env.STRATA_TEST_SEED ?? Date.now() % 1_000_000);

let world: PullWorld;
let root: string;
beforeEach(async () => {
  world = await createPullWorld();
  ({ root } = world);
});
afterEach(() => world.close());

const blobPath = (digest: Digest): string => join(root, 'blobs/sha256', digest.slice('sha256:'.length));
const fsck = (...args: string[]): ReturnType<typeof strata> => strata(['fsck', ...args], { root });

async function pull(name: string): Promise<void> {
  const { code, stderr } = await strata(['pull', '-q', name], { root });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

/** Every blob's name tells the truth. @returns how many there are */
async function verifyBlobs(): Promise<number> {
  const names = await readdir(join(root, 'blobs/sha256'));
  for (const name of names) {
    expect(sha256(await readFile(join(root, 'blobs/sha256', name)))).toBe(`sha256:${name}`);
  }
  return names.length;
}

describe('at the terminal', () => {
  const image = noisyImage([2000, 3000]);
  const layer = image.layers[1]?.descriptor.digest ?? image.config.descriptor.digest;

  it('says what it found and did, and exits with 1 while something is wrong', async () => {
    const name = await world.push('x/image', image);
    await pull(name);
    const clean = await fsck();
    expect(clean).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^Checked 4 blobs \([\d.]+kB\), 1 reference and 2 layer indexes\.\nNothing is wrong\.\n$/,
      ) as string,
      stderr: '',
    });
    expect(await fsck('-q')).toEqual({ code: 0, stdout: '', stderr: '' });

    const wrong = Buffer.from('wrong');
    await writeFile(blobPath(layer), wrong);
    const lines = [
      `damaged blob ${layer}: its bytes have the digest ${sha256(wrong)}`,
      `broken image ${name}:latest: its layer ${layer.slice(7, 19)} is damaged: pull it again`,
    ];
    const found = await fsck();
    expect([found.code, found.stdout.split('\n').slice(0, 2)]).toEqual([1, lines]);
    expect(found.stdout).toContain("\n2 problems. 'strata fsck --repair' mends what can be mended.\n");
    expect(await fsck('--quiet')).toEqual({ code: 1, stdout: `${lines.join('\n')}\n`, stderr: '' });
    const json = JSON.parse((await fsck('--format', 'json')).stdout) as { problems: { kind: string }[] };
    expect(json.problems.map(({ kind }) => kind)).toEqual(['blob-corrupt', 'reference-broken']);

    const mended = await fsck('--repair');
    expect(mended.code).toBe(1);
    expect(mended.stdout).toContain(
      `${lines[0] ?? ''} (moved to strata/quarantine/sha256-${layer.slice(7)})\n`,
    );
    expect(mended.stdout).toContain('\n2 problems, 1 mended, 1 left: see above what to do.\n');
    const chinese = await strata(['fsck'], { root, env: { LANG: 'zh_CN.UTF-8' } });
    expect(chinese.stdout).toContain('镜像不完整');
    await pull(name);
    expect((await fsck()).code).toBe(0);
    expect(await readFile(join(root, 'strata/quarantine', `sha256-${layer.slice(7)}`))).toEqual(wrong);
  });

  it('prints nothing that a terminal would obey', async () => {
    const app = world.open();
    const descriptor = { mediaType: image.manifest.descriptor.mediaType, digest: layer, size: 1 };
    await (await app.store()).update(() => [{ name: 'x\u001b[2Jy', manifest: descriptor, repoDigests: [] }]);
    const { code, stdout } = await fsck();
    expect(code).toBe(1);
    expect(stdout).toContain('broken image x\\u{1b}[2Jy: its manifest');
    expect(stdout).not.toContain('\u001b');
  });

  it('names the file of a store that cannot be opened', async () => {
    await pull(await world.push('x/image', image));
    await writeFile(join(root, 'index.json'), '{');
    const { code, stdout } = await fsck('--repair');
    expect(code).toBe(1);
    expect(stdout).toContain(`damaged file ${join(root, 'index.json')}: `);
    expect(await readFile(join(root, 'index.json'), 'utf8')).toBe('{');
  });
});

it(`survives kills in the middle of a repair (seed ${seed})`, async () => {
  const image = noisyImage(Array.from({ length: 12 }, (_, i) => 50_000 + i));
  const name = await world.push('x/image', image);
  await pull(name);
  // What a list shows is remembered, so that the image stays to be seen.
  await strata(['images'], { root });
  const damaged = new Map<Digest, string>();
  for (const { descriptor } of image.layers) {
    const bytes = `damaged ${descriptor.digest}`;
    damaged.set(descriptor.digest, bytes);
    await writeFile(blobPath(descriptor.digest), bytes);
  }
  const indexes = await readdir(join(root, 'strata/layers'));
  for (const index of indexes) await writeFile(join(root, 'strata/layers', index), 'damaged');
  for (let i = 0; i < 15; i++) {
    const { child, ended } = startStrata(['fsck', '--repair'], { root });
    // From before the first step to behind the last, wherever the machine's speed puts them.
    await sleep(40 + ((seed * 31 + i * 37) % 160));
    child.kill('SIGKILL');
    await ended;
    // Wrong bytes stand in one place or the other, whole: nothing is dropped.
    for (const [digest, bytes] of damaged) {
      const aside = join(root, 'strata/quarantine', `sha256-${digest.slice(7)}`);
      const found = await Promise.all(
        [blobPath(digest), aside].map((path) => readFile(path, 'utf8').catch(() => '')),
      );
      expect(found.filter((text) => text !== '')).toEqual([bytes]);
    }
    const listed = await strata(['images', '-q'], { root });
    expect([listed.code, listed.stdout]).toEqual([0, `${image.config.descriptor.digest.slice(7, 19)}\n`]);
  }
  expect((await fsck('--repair')).code).toBe(1);
  await pull(name);
  expect((await fsck()).stdout).toContain('Nothing is wrong.');
  expect(await verifyBlobs()).toBe(14);
});

describe('beside a pull', () => {
  it('spares what it has fetched so far, and what it relies on', async () => {
    const [shared, other] = [noisyImage([40_000, 1000]), noisyImage([40_000, 60_000])];
    await pull(await world.push('x/shared', shared));
    const name = await world.push('x/other', other);
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const last = other.layers[1]?.descriptor.digest;
    world.registry.faults.add({ match: blobs(last), action: holdUntil(held) });
    const { ended } = startStrata(['pull', '-q', name], { root });
    while (world.fetchesOf(last ?? '').length === 0) await sleep(10);
    // The layer that both have turns out to be wrong while the pull counts on it.
    const first = other.layers[0]?.descriptor.digest ?? other.config.descriptor.digest;
    const good = await readFile(blobPath(first));
    await writeFile(blobPath(first), 'wrong');
    const report = await fsck('--repair');
    expect(report.stdout).toContain('another command is using it');
    await writeFile(blobPath(first), good);
    letGo();
    expect((await ended).code).toBe(0);
    expect((await fsck()).stdout).toContain('Nothing is wrong.');
  });

  it('lets pulls and removals go on, again and again', async () => {
    const images = [noisyImage([30_000, 1000]), noisyImage([30_000, 2000]), noisyImage([3000])];
    const names = await Promise.all(images.map((image, i) => world.push(`x/image${i}`, image)));
    let isOver = false;
    const checks = async (): Promise<void> => {
      while (!isOver) {
        const { code, stdout, stderr } = await fsck('--repair', '-q');
        expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
      }
    };
    const pulls = async (): Promise<void> => {
      for (let i = 0; i < 8; i++) {
        const name = names[i % names.length] ?? '';
        await pull(name);
        const { code, stderr } = await strata(['rmi', name], { root });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      }
      isOver = true;
    };
    await Promise.all([checks(), pulls()]);
    for (const name of names) await pull(name);
    expect((await fsck()).stdout).toContain('Nothing is wrong.');
    await verifyBlobs();
  });
});

describe('what other tools wrote', () => {
  const platforms = ['amd64', 'arm64'].map((architecture, i) =>
    noisyImage([1000 + i], { platform: { os: 'linux', architecture } }),
  );

  beforeEach(async () => {
    requireParts('skopeo', 'umoci');
    await pushImage(world.registry.url, 'x/index', 'latest', buildIndex(platforms));
  });
  const skopeo = (...args: string[]): Promise<string> =>
    runOk(REAL_PARTS.skopeo.path, ['copy', '--quiet', '--src-tls-verify=false', ...args]);
  const layout = async (): Promise<Map<string, Buffer>> => {
    const files = [
      'index.json',
      'oci-layout',
      ...(await readdir(join(root, 'blobs/sha256'))).map((name) => `blobs/sha256/${name}`),
    ];
    return new Map(
      await Promise.all(files.map(async (file) => [file, await readFile(join(root, file))] as const)),
    );
  };

  it('is sound, and stays as it is', async () => {
    await runOk(REAL_PARTS.umoci.path, ['init', '--layout', root]);
    await runOk(REAL_PARTS.umoci.path, ['new', '--image', `${root}:empty`]);
    const source = `docker://${world.registry.host}/x/index`;
    await skopeo(source, `oci:${root}:one`);
    await skopeo('--all', source, `oci:${root}:all`);
    // An index whose other platform is not here.
    await skopeo('--preserve-digests', '--multi-arch', 'index-only', source, `oci:${root}:index`).catch(
      () => '',
    );
    const before = await layout();
    for (const option of [[], ['--repair'], ['--repair']]) {
      const { code, stdout } = await fsck(...option);
      expect([code, stdout]).toEqual([0, expect.stringContaining('Nothing is wrong.')]);
      expect(await layout()).toEqual(before);
    }
  });

  it('is told where it is broken, and kept while a name can bring it back', async () => {
    await skopeo('--all', `docker://${world.registry.host}/x/index`, `oci:${root}:all`);
    const index = await readFile(join(root, 'index.json'), 'utf8');
    await rm(
      blobPath(
        platforms[1]?.layers[0]?.descriptor.digest ?? platforms[1]?.config.descriptor.digest ?? sha256(''),
      ),
    );
    const { code, stdout } = await fsck('--repair');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^broken image all: its layer \w{12} is missing: pull it again$/m);
    expect(await readFile(join(root, 'index.json'), 'utf8')).toBe(index);
  });
});
