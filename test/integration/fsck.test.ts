import { cp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import type { FsckReport } from '../../src/images/index.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';

/** One file of each kind is broken in each way: what fsck says, what its repair does, and that a pull makes all well. */

const image = noisyImage([20_000, 30_000], { mediaTypes: 'docker' });
const other = noisyImage([20_000, 5_000]);
const seed = Number(process.env.STRATA_TEST_SEED ?? Date.now() % 1_000_000);

let world: PullWorld;
let name: string;
let otherName: string;
let template: string;
let root: string;
let app: App;
let count = 0;

/** A store with both images, and all that is derived from them. */
beforeAll(async () => {
  world = await createPullWorld();
  name = await world.push('x/image', image);
  otherName = await world.push('x/other', other);
  template = join(world.folder, 'template');
  const first = world.open({ root: template });
  for (const each of [name, otherName]) await first.pull({ name: each });
  await first.list();
  await (await first.store()).update((entries) => entries, { sweep: true });
  await first.close();
});
afterAll(() => world.close());

beforeEach(async () => {
  root = join(world.folder, `store-${count++}`);
  await cp(template, root, { recursive: true });
  app = world.open({ root });
  return () => app.close();
});

const kinds = (report: FsckReport, harmless = false): string[] =>
  report.problems.filter((problem) => problem.harmless === harmless).map(({ kind }) => kind);
const left = (report: FsckReport): string[] =>
  report.problems
    .filter(({ harmless, repaired }) => !harmless && repaired === undefined)
    .map(({ kind }) => kind);

const blob = (digest: Digest): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;

async function files(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string): Promise<[string, string]> => [
    relative(folder, path),
    (await readFile(path)).toString('latin1'),
  ];
  return new Map(await Promise.all(found.sort().map(read)));
}

const breakage = {
  async flip(path: string): Promise<void> {
    const bytes = await readFile(path);
    const at = (seed * 7919) % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (seed % 7));
    await writeFile(path, bytes);
  },
  truncate: async (path: string): Promise<void> =>
    await truncate(path, Math.floor((await stat(path)).size / 2)),
  remove: async (path: string): Promise<void> => await rm(path),
};

interface Kind {
  /** Path in the store. */
  readonly file: () => Promise<string>;
  /** What is found, harmless things aside; `lost` where the file is gone. */
  readonly found: readonly string[];
  readonly lost: readonly string[];
  /** What a repair leaves to the next pull. */
  readonly left: readonly string[];
}

const manifestOf = async (wanted: string): Promise<Digest> => (await app.find(wanted)).manifest.digest;

const cases: Readonly<Record<string, Kind>> = {
  'a layer': {
    file: () => Promise.resolve(blob(image.layers[1]?.descriptor.digest ?? image.config.descriptor.digest)),
    found: ['blob-corrupt', 'reference-broken'],
    lost: ['blob-missing', 'reference-broken'],
    left: ['reference-broken'],
  },
  'a layer of two images': {
    file: () => Promise.resolve(blob(image.layers[0]?.descriptor.digest ?? image.config.descriptor.digest)),
    found: ['blob-corrupt', 'reference-broken', 'reference-broken'],
    lost: ['blob-missing', 'reference-broken', 'reference-broken'],
    left: ['reference-broken', 'reference-broken'],
  },
  'a configuration': {
    file: () => Promise.resolve(blob(image.config.descriptor.digest)),
    found: ['blob-corrupt', 'reference-broken'],
    lost: ['blob-missing', 'reference-broken'],
    left: ['reference-broken'],
  },
  'a manifest': {
    file: async () => blob(await manifestOf(name)),
    found: ['blob-corrupt', 'reference-broken'],
    lost: ['blob-missing', 'reference-broken'],
    left: ['reference-broken'],
  },
  "the registry's manifest": {
    file: () => Promise.resolve(blob(image.manifest.descriptor.digest)),
    found: ['blob-corrupt'],
    lost: [],
    left: [],
  },
  'the index of a layer': {
    file: () => Promise.resolve(`strata/layers/${image.layers[1]?.diffId.slice('sha256:'.length) ?? ''}.idx`),
    found: ['index-damaged'],
    lost: [],
    left: [],
  },
  'the summaries': {
    file: () => Promise.resolve('strata/summaries.json'),
    found: ['index-damaged'],
    lost: [],
    left: [],
  },
  'what the sweep remembers': {
    file: () => Promise.resolve('strata/reach.json'),
    found: ['index-damaged'],
    lost: [],
    left: [],
  },
  'oci-layout': {
    file: () => Promise.resolve('oci-layout'),
    found: ['store-damaged'],
    lost: ['store-damaged'],
    left: [],
  },
};

it('finds nothing where nothing is wrong', async () => {
  const before = await files(root);
  const events: { current: number; total: number }[] = [];
  const report = await app.fsck({ onProgress: (event) => events.push(event) });
  expect(report.problems).toEqual([]);
  expect(report.checked).toEqual({ blobs: 8, references: 2, indexes: 3 });
  const bytes = [...before]
    .filter(([path]) => path.startsWith('blobs/'))
    .reduce((n, [, text]) => n + text.length, 0);
  expect(report.bytes).toBe(bytes);
  expect(events.at(-1)).toEqual({ current: bytes, total: bytes });
  expect((await app.fsck({ repair: true })).problems).toEqual([]);
  expect(await files(root)).toEqual(before);
});

describe.each(Object.entries(cases))('%s', (_, kind) => {
  it.each(Object.keys(breakage) as (keyof typeof breakage)[])(`%s (seed ${seed})`, async (how) => {
    const path = join(root, await kind.file());
    await breakage[how](path);
    const broken = await files(root);
    const wanted = how === 'remove' ? kind.lost : kind.found;
    const report = await app.fsck();
    expect(kinds(report).sort()).toEqual([...wanted].sort());
    expect(report.problems.map((problem) => problem.repaired)).toEqual(report.problems.map(() => undefined));
    expect(await files(root)).toEqual(broken);

    const repaired = await app.fsck({ repair: true });
    expect(kinds(repaired).sort()).toEqual([...wanted].sort());
    const isMissingBlob = how === 'remove' && kind.lost.includes('blob-missing');
    expect(left(repaired).sort()).toEqual([...(isMissingBlob ? ['blob-missing'] : []), ...kind.left].sort());
    if (wanted.includes('blob-corrupt')) {
      const bytes = broken.get(relative(root, path));
      const quarantined = await files(join(root, 'strata/quarantine'));
      expect([...quarantined.values()]).toContain(bytes);
      await expect(stat(path)).rejects.toThrow('ENOENT');
    }

    // Removal works again, whatever was lost.
    const stray = await (await app.store()).writeBlob(Buffer.from(`stray ${count}`));
    const { removedBlobs } = await (await app.store()).update((entries) => entries, { sweep: true });
    expect(removedBlobs).toContain(stray);

    for (const each of [name, otherName]) await app.pull({ name: each });
    expect(
      (await app.list())
        .map(({ tags }) => tags)
        .flat()
        .sort(),
    ).toEqual([`${name}:latest`, `${otherName}:latest`]);
    const after = await app.fsck();
    expect(after.problems).toEqual([]);
  });
});

describe('index.json', () => {
  it.each(['truncate', 'remove'] as const)('%s: it is told, and left as it is', async (how) => {
    await app.close();
    await breakage[how](join(root, 'index.json'));
    const broken = await files(root);
    app = world.open({ root });
    for (const repair of [false, true]) {
      const report = await app.fsck({ repair });
      expect(kinds(report)).toEqual(['store-damaged']);
      expect(left(report)).toEqual(['store-damaged']);
      expect(report.problems[0]?.detail).toMatch(/restore it from a backup/);
    }
    expect(await files(root)).toEqual(broken);
  });
});

it('finds wrong sizes, and documents that are none', async () => {
  const store = await app.store();
  const text = await store.writeBlob(Buffer.from('no manifest'));
  const mediaType = image.manifest.descriptor.mediaType;
  await store.update((entries) => [
    ...entries.map((entry) => ({ ...entry, manifest: { ...entry.manifest, size: entry.manifest.size + 1 } })),
    { name: 'docker.io/library/text:1', manifest: { mediaType, digest: text, size: 11 }, repoDigests: [] },
  ]);
  const report = await app.fsck({ repair: true });
  expect(report.problems.map(({ what, detail }) => `${what}: ${detail}`)).toEqual([
    expect.stringMatching(
      /^127.*x\/image:latest: its manifest \w{12} has \d+ bytes where \d+ are announced: pull it again$/,
    ),
    expect.stringMatching(/x\/other:latest: its manifest/),
    expect.stringMatching(/^text:1: its manifest \w{12} is wrong: it is not JSON: pull it again$/),
  ]);
  expect(left(report)).toEqual(['reference-broken', 'reference-broken', 'reference-broken']);
  expect(await store.hasBlob(text)).toBe(true);
});

it.each(['remove', 'flip'] as const)('lets removal work again where a manifest is lost: %s', async (how) => {
  const store = await app.store();
  const swept = async (): Promise<readonly Digest[]> =>
    (await store.update((entries) => entries, { sweep: true })).removedBlobs;
  await rm(join(root, 'strata/reach.json'));
  await breakage[how](store.blobPath(await manifestOf(name)));
  const stray = await store.writeBlob(Buffer.from('stray'));
  expect(await swept()).toEqual([]);
  await app.fsck({ repair: true });
  // The repair itself sweeps nothing, so that a pull finds the layers that the lost manifest led to.
  const layer = image.layers[1]?.descriptor.digest ?? stray;
  expect([await store.hasBlob(stray), await store.hasBlob(layer)]).toEqual([true, true]);
  const removed = await swept();
  expect(removed).toContain(stray);
  expect(removed).toContain(layer);
  expect(removed).not.toContain(image.layers[0]?.descriptor.digest);
  await app.pull({ name });
  expect((await app.fsck({ repair: true })).problems).toEqual([]);
});

it('drops an entry only where neither its manifest nor its configuration is left', async () => {
  const store = await app.store();
  const [lost] = await store.entries();
  await rm(store.blobPath(await manifestOf(name)));
  expect(left(await app.fsck({ repair: true }))).toEqual(['blob-missing', 'reference-broken']);
  expect(await store.entries()).toHaveLength(2);
  await writeFile(store.blobPath(image.config.descriptor.digest), 'damaged');
  const before = await readFile(join(root, 'index.json'), 'utf8');
  const report = await app.fsck({ repair: true });
  const entry = report.problems.find(({ kind }) => kind === 'reference-broken');
  expect(entry?.repaired).toMatch(
    /^taken out of index.json, which is kept as strata\/quarantine\/index-\d+\.json$/,
  );
  const copy = entry?.repaired?.split(' ').at(-1) ?? '';
  expect(await readFile(join(root, copy), 'utf8')).toBe(before);
  expect(await store.entries()).not.toContainEqual(lost);
  expect(left(await app.fsck())).toEqual([]);
});

it('drops an entry without a name where its manifest is lost', async () => {
  const store = await app.store();
  await store.update((entries) =>
    entries.map(({ name: tag, ...rest }) =>
      tag?.includes('x/image') === true ? { ...rest, repoDigests: [] } : { ...rest, name: tag ?? '' },
    ),
  );
  const [lost] = (await store.entries()).filter((entry) => entry.name === undefined);
  await rm(store.blobPath(lost?.manifest.digest ?? image.config.descriptor.digest));
  const report = await app.fsck({ repair: true });
  expect(left(report)).toEqual(['blob-missing']);
  expect(await store.entries()).toHaveLength(1);
  expect((await app.fsck()).problems).toEqual([]);
});

it('names strays and foreign files, and sweeps only the strays', async () => {
  const store = await app.store();
  const stray = await store.writeBlob(Buffer.from('stray'));
  await writeFile(join(root, 'blobs/sha256/README'), 'mine');
  const report = await app.fsck();
  expect(kinds(report)).toEqual([]);
  expect(kinds(report, true)).toEqual(['file-unknown', 'blob-stray']);
  const repaired = await app.fsck({ repair: true });
  expect(repaired.problems.map(({ what, repaired: done }) => [what, done])).toEqual([
    [join(root, 'blobs/sha256/README'), undefined],
    [stray, 'removed'],
  ]);
});

it('spares what a running command relies on', async () => {
  const store = await app.store();
  const digest = image.layers[1]?.descriptor.digest ?? image.config.descriptor.digest;
  const stray = await store.writeBlob(Buffer.from('leased'));
  const lease = await store.lease({ kind: 'pull', name: 'x', digests: [digest, stray] });
  await breakage.flip(store.blobPath(digest));
  const report = await app.fsck({ repair: true });
  expect(left(report)).toEqual(['blob-corrupt', 'reference-broken']);
  expect(report.problems[0]?.detail).toContain('another command is using it');
  expect([await store.hasBlob(digest), await store.hasBlob(stray)]).toEqual([true, true]);
  await lease.release();
  expect(left(await app.fsck({ repair: true }))).toEqual(['reference-broken']);
  expect([await store.hasBlob(digest), await store.hasBlob(stray)]).toEqual([false, false]);
});

it('stops when it is told to', async () => {
  const controller = new AbortController();
  const report = app.fsck({
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(report).rejects.toThrow('enough');
});

it('finds nothing where there is no store, and makes none', async () => {
  const absent = world.open({ root: join(world.folder, 'absent') });
  expect((await absent.fsck({ repair: true })).problems).toEqual([]);
  await expect(stat(join(world.folder, 'absent'))).rejects.toThrow('ENOENT');
  await absent.close();
});
