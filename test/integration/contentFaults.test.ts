import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import { strata } from '../support/cli.ts';
import { buildImage, buildLayer } from '../support/images.ts';
import type { BuiltImage, ImageSpec, LayerSpec } from '../support/images.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import { answer, blobs, manifests, oversize, schema1 } from '../support/registry/index.ts';
import { tarOf } from '../support/tar.ts';

/** Images that are not what they say, and stores that are not as we left them. */

const MiB = 1024 * 1024;

let world: PullWorld;
let app: App;
beforeEach(async () => {
  world = await createPullWorld();
  app = world.open();
});
afterEach(() => world.close());

async function expectNothingListed(): Promise<void> {
  expect(await app.list({ all: true })).toEqual([]);
  expect(await app.activePulls()).toEqual([]);
  expect(await world.unfinished()).toEqual([]);
}

const oneLayer: LayerSpec = { entries: [{ path: 'file', content: 'content' }] };

/** An image whose manifest says something else of its only layer or its configuration. */
function lying(change: (image: BuiltImage) => Partial<ImageSpec>): BuiltImage {
  const spec: ImageSpec = { layers: [oneLayer] };
  return buildImage({ ...spec, ...change(buildImage(spec)) });
}

describe('manifests', () => {
  it.each([
    ['schema 1', schema1(), { code: 'manifest-unsupported', params: { schema1: true } }],
    [
      'an unknown type',
      answer({
        status: 200,
        headers: { 'content-type': 'application/vnd.example+json' },
        body: '{"schemaVersion":2}',
      }),
      { code: 'manifest-unsupported', params: { schema1: false, mediaType: 'application/vnd.example+json' } },
    ],
    ['one too big, announced', oversize(5 * MiB, { announced: true }), { code: 'too-large' }],
    ['one too big, not announced', oversize(5 * MiB, { announced: false }), { code: 'too-large' }],
    [
      'no JSON',
      answer({
        status: 200,
        headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
        body: '{"layers":',
      }),
      { code: 'content-invalid' },
    ],
    [
      'a page of a proxy',
      answer({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Please sign in</html>' }),
      { code: 'content-invalid' },
    ],
  ])('%s is refused by its name', async (_, action, error) => {
    const name = await world.push('bad/manifest', buildImage({ layers: [oneLayer] }));
    world.registry.faults.add({ match: manifests(), action });
    await expect(app.pull({ name })).rejects.toMatchObject(error);
    await expectNothingListed();
  });

  it('a manifest with other bytes than its digest says is refused', async () => {
    const image = buildImage({ layers: [oneLayer] });
    const name = await world.push('other/manifest', image);
    const other = buildImage({ layers: [{ entries: [] }] }).manifest;
    const headers = { 'content-type': image.manifest.descriptor.mediaType };
    world.registry.faults.add({
      match: manifests(),
      action: answer({ status: 200, headers, body: other.bytes }),
    });
    const { digest } = image.manifest.descriptor;
    await expect(app.pull({ name: `${name}@${digest}` })).rejects.toMatchObject({ code: 'digest-mismatch' });
    await expectNothingListed();
  });

  it.each([
    ['bigger', 1],
    ['smaller', -1],
  ])('a layer that is said to be %s than it is is refused by its size', async (_, by) => {
    const image = lying(({ layers }) => ({
      manifestExtra: {
        layers: layers.map(({ descriptor }) => ({ ...descriptor, size: descriptor.size + by })),
      },
    }));
    const name = await world.push('lying/layer', image);
    const { size } = image.layers[0]?.descriptor ?? { size: 0 };
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: 'size-mismatch',
      params: { expected: size + by, actual: size },
    });
    await expectNothingListed();
  });

  it.each([1, -1])('a configuration whose size is %i off is refused', async (by) => {
    const image = lying(({ config }) => ({
      manifestExtra: { config: { ...config.descriptor, size: config.descriptor.size + by } },
    }));
    const name = await world.push('lying/config', image);
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:size-mismatch|too-large)$/) as string,
    });
    await expectNothingListed();
  });

  it.each([
    [
      'another diff ID',
      { rootfs: { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] } },
      'digest-mismatch',
    ],
    [
      'too many diff IDs',
      { rootfs: { type: 'layers', diff_ids: [1, 2].map((i) => `sha256:${String(i).repeat(64)}`) } },
      'content-invalid',
    ],
    [
      'a diff ID that is a path',
      { rootfs: { type: 'layers', diff_ids: ['sha256:../../../etc/passwd'] } },
      'content-invalid|digest-invalid',
    ],
    ['no rootfs', { rootfs: null }, 'content-invalid'],
    ['more history than layers', { history: [{ created_by: 'a' }, { created_by: 'b' }] }, 'content-invalid'],
  ])('a configuration with %s is refused', async (_, configExtra, code) => {
    const name = await world.push('lying/config', buildImage({ layers: [oneLayer], configExtra }));
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: expect.stringMatching(`^(?:${code})$`) as string,
    });
    await expectNothingListed();
  });

  it('an artifact that is no image is refused', async () => {
    const image = lying(({ config }) => ({
      manifestExtra: { config: { ...config.descriptor, mediaType: 'application/vnd.example.config+json' } },
    }));
    const name = await world.push('some/artifact', image);
    await expect(app.pull({ name })).rejects.toMatchObject({ code: 'manifest-unsupported' });
    await expectNothingListed();
  });
});

describe('layers', () => {
  const badHeader = Buffer.concat([
    tarOf([{ path: 'good', content: 'x' }], { end: 'none' }),
    tarOf([{ path: 'bad', content: 'y', checksum: 'wrong' }]),
  ]);
  const gzipOfNoise = (): Buffer => Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), randomBytes(1000)]);

  it.each([
    ['a tar header with a wrong checksum', { tar: badHeader }],
    [
      'a tar that ends in the middle of a file',
      { tar: tarOf([{ path: 'f', content: 'x'.repeat(2000) }]).subarray(0, 1024) },
    ],
    ['no tar at all', { tar: Buffer.from('this is no tar'.repeat(100)) }],
    ['a broken gzip stream', { tar: gzipOfNoise(), compression: 'none' }],
  ] as const)('%s is refused, and leaves nothing', async (_, layer) => {
    const image = buildImage({ layers: [oneLayer, layer] });
    const name = await world.push('bad/layer', image);
    await expect(app.pull({ name })).rejects.toMatchObject({ code: 'content-invalid' });
    expect(await app.list({ all: true })).toEqual([]);
    const store = await app.store();
    expect(await store.hasBlob(image.layers[1]?.descriptor.digest ?? image.manifest.descriptor.digest)).toBe(
      false,
    );
    expect(await world.unfinished()).toEqual([]);
  });

  it('a blob that unpacks to thousands of times its size is refused before it is unpacked', async () => {
    const image = buildImage({ layers: [{ tar: Buffer.alloc(200 * MiB), compression: 'zstd' }] });
    expect(image.layers[0]?.descriptor.size).toBeLessThan(40_000);
    await expect(app.pull({ name: await world.push('zstd/bomb', image) })).rejects.toMatchObject({
      code: 'content-invalid',
      params: { detail: 'it unpacks to far more than a layer would' },
    });
    await expectNothingListed();
  });

  it('gzip cannot do so: what it unpacks to is counted and never kept', async () => {
    const content = Buffer.alloc(200 * MiB);
    const image = buildImage({ layers: [{ entries: [{ path: 'zeros', content }] }] });
    await app.pull({ name: await world.push('gzip/bomb', image) });
    expect(await app.list()).toMatchObject([{ size: 200 * MiB }]);
    const onDisk = await readdir(world.root, { recursive: true });
    expect(onDisk.length).toBeGreaterThan(5);
    const layer = image.layers[0] ?? buildLayer(oneLayer);
    expect((await readFile(join(world.root, 'blobs/sha256', layer.descriptor.digest.slice(7)))).length).toBe(
      layer.descriptor.size,
    );
  });

  it('one bad layer among good ones: the good ones stay for the next pull', async () => {
    const image = noisyImage([1000, 2000, 3000]);
    const name = await world.push('partly/bad', image);
    const bad = image.layers[0]?.descriptor.digest ?? '';
    const fault = world.registry.faults.add({
      match: blobs(bad),
      action: answer({ status: 200, body: Buffer.alloc(image.layers[0]?.descriptor.size ?? 0) }),
    });
    const one = world.open({ configuration: { concurrentDownloads: 1 } });
    await expect(one.pull({ name })).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(await app.list({ all: true })).toEqual([]);
    fault.remove();
    world.registry.requests.length = 0;
    await app.pull({ name });
    // The smallest comes last: both others were there.
    const layers = world.registry.requests.filter(({ path }) =>
      image.layers.some((l) => path.endsWith(l.descriptor.digest)),
    );
    expect(layers.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))).toEqual([bad]);
  });
});

describe('a store that somebody damaged', () => {
  const image = noisyImage([20_000, 30_000]);
  let name: string;
  beforeEach(async () => {
    name = await world.push('stored/image', image);
    await app.pull({ name });
  });

  const summary = async (of: App): Promise<unknown> => await of.list();

  it.each([
    ['no JSON', '{"schemaVersion":2,"manifests":[{"mediaTy'],
    ['an empty file', ''],
    ['zeros', '\0'.repeat(500)],
    ['another schema', '{"schemaVersion":1,"manifests":[]}'],
    ['an entry without a digest', '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":1}]}'],
    [
      'a digest that is a path',
      '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":1,"digest":"sha256:../x"}]}',
    ],
    ['a list', '[]'],
  ])('an index.json of %s is named, and never written over', async (_, content) => {
    const path = join(world.root, 'index.json');
    await writeFile(path, content);
    const error = { code: 'store-corrupt', params: { path } };
    for (const each of [app, world.open()]) {
      await expect(each.list()).rejects.toMatchObject(error);
      await expect(each.pull({ name })).rejects.toMatchObject(error);
      await expect(each.remove(name)).rejects.toMatchObject(error);
    }
    expect(await readFile(path, 'utf8')).toBe(content);
    for (const { descriptor, bytes } of [image.manifest, image.config, ...image.layers]) {
      const blob = await readFile(join(world.root, 'blobs/sha256', descriptor.digest.slice(7)));
      expect(blob.equals(bytes)).toBe(true);
    }
    const { code, stdout, stderr } = await strata(['images'], { root: world.root });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${path} is damaged`);
    expect(stderr).toContain('\nHint: ');
  });

  it('an index.json that is gone is no empty store', async () => {
    await rm(join(world.root, 'index.json'));
    await expect(world.open().list()).rejects.toMatchObject({ code: 'store-corrupt' });
    await expect(world.open().pull({ name })).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('layer indexes, summaries and the whole folder of derived data are made anew', async () => {
    const wanted = await summary(app);
    const layers = join(world.root, 'strata/layers');
    const indexes = (await readdir(layers)).sort();
    const before = await Promise.all(indexes.map((file) => readFile(join(layers, file))));
    expect(indexes).toHaveLength(2);
    const damages: (() => Promise<unknown>)[] = [
      () => Promise.all(indexes.map((file) => writeFile(join(layers, file), 'no index'))),
      () => Promise.all(indexes.map((file) => writeFile(join(layers, file), ''))),
      () => Promise.all(indexes.map((file) => rm(join(layers, file)))),
      () => writeFile(join(world.root, 'strata/summaries.json'), 'no JSON'),
      () => writeFile(join(world.root, 'strata/summaries.json'), '{"version":1,"values":{"sha256:0":5}}'),
      () => writeFile(join(world.root, 'strata/reach.json'), '[1]'),
      () => rm(join(world.root, 'strata'), { recursive: true }),
    ];
    for (const damage of damages) {
      await damage();
      // What was summed up before is not read again: the indexes are asked for where the summaries are gone too.
      await rm(join(world.root, 'strata/summaries.json'), { force: true });
      expect(await summary(world.open())).toEqual(wanted);
      expect(await summary(app)).toEqual(wanted);
      expect((await readdir(layers)).sort()).toEqual(indexes);
      const after = await Promise.all(indexes.map((file) => readFile(join(layers, file))));
      expect(after.map((bytes, i) => before[i]?.equals(bytes))).toEqual([true, true]);
    }
    // Summaries alone, while all else stands.
    await writeFile(join(world.root, 'strata/summaries.json'), 'no JSON');
    expect(await summary(world.open())).toEqual(wanted);
    world.registry.requests.length = 0;
    expect(await world.open().pull({ name })).toMatchObject({ newer: false });
    expect(world.registry.requests.filter(({ path }) => path.includes('/blobs/'))).toEqual([]);
  });

  it('a pull goes on where strata/ was deleted under a running app', async () => {
    await rm(join(world.root, 'strata'), { recursive: true });
    const second = noisyImage([20_000, 31_000]);
    await app.pull({ name: await world.push('second/image', second) });
    expect(await app.list()).toHaveLength(2);
    await app.remove(name);
    expect(await app.list()).toHaveLength(1);
  });

  it('a layer that is gone or was changed is fetched again by the next pull', async () => {
    const layer = image.layers[0] ?? buildLayer(oneLayer);
    const path = join(world.root, 'blobs/sha256', layer.descriptor.digest.slice(7));
    await rm(path);
    await world.open().pull({ name });
    expect((await readFile(path)).equals(layer.bytes)).toBe(true);
    // Cut short: its size tells.
    await writeFile(path, layer.bytes.subarray(0, 100));
    await world.open().pull({ name });
    expect((await readFile(path)).equals(layer.bytes)).toBe(true);
  });

  it('a manifest or configuration that was changed is fetched again, and leaves the other images alone', async () => {
    const other = noisyImage([5000]);
    await app.pull({ name: await world.push('other/image', other) });
    for (const { descriptor, bytes } of [image.manifest, image.config]) {
      const path = join(world.root, 'blobs/sha256', descriptor.digest.slice(7));
      await writeFile(path, Buffer.alloc(bytes.length, ' '));
      await rm(join(world.root, 'strata/summaries.json'), { force: true });
      expect(await world.open().list()).toMatchObject([{ id: other.config.descriptor.digest }]);
      await world.open().pull({ name });
      expect((await readFile(path)).equals(bytes)).toBe(true);
      expect(await world.open().list()).toHaveLength(2);
    }
  });

  it('a folder that is no store is refused, and stays as it is', async () => {
    const folder = join(world.folder, 'documents');
    await mkdir(folder);
    await writeFile(join(folder, 'letter.txt'), 'Dear all');
    await expect(world.open({ root: folder }).list()).rejects.toMatchObject({ code: 'store-folder-invalid' });
    expect(await readdir(folder)).toEqual(['letter.txt']);
    const file = join(world.folder, 'file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    await expect(world.open({ root: file }).list()).rejects.toMatchObject({
      code: expect.stringMatching(/^store-/) as string,
    });
  });
});
