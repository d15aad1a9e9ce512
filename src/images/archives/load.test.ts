import { mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { createArchiveWorld, inChunks } from '../../../test/support/archiveWorld.ts';
import type { ArchiveWorld } from '../../../test/support/archiveWorld.ts';
import {
  dockerArchive,
  dockerEntries,
  layoutEntries,
  legacyArchive,
  ociArchive,
} from '../../../test/support/archives.ts';
import { blobOf, buildImage, buildIndex } from '../../../test/support/images.ts';
import type { BuiltImage } from '../../../test/support/images.ts';
import { tarOf } from '../../../test/support/tar.ts';
import type { TarSpec } from '../../../test/support/tar.ts';
import { MAX_ARCHIVE_NAMES } from '../../base/limits.ts';
import { silentLogger } from '../../base/logger.ts';
import { sha256 } from '../../oci/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../oci/mediaTypes.ts';
import { hostPlatform } from '../../oci/platform.ts';
import { imageHistory } from '../history.ts';
import { LayerWorkers } from '../worker/workers.ts';
import type { ArchiveEvent } from '../types.ts';

const workers = new LayerWorkers(join(import.meta.dirname, '../worker/worker.ts'), silentLogger);
afterAll(() => workers.close());
const createWorld = async (): Promise<ArchiveWorld> => await createArchiveWorld(workers);

const base = { entries: [{ path: 'base', content: 'b'.repeat(5000) }], createdBy: 'ADD base' };
const parent = buildImage({ layers: [base] });
const child = buildImage({
  layers: [base, { entries: [{ path: 'top', content: 'top' }], createdBy: 'COPY top' }],
});
const idOf = (image: BuiltImage): string => image.config.descriptor.digest;

/** Both ways in must come to the same. */
const ways = ['file', 'stream'] as const;

describe.each(ways)('load from a %s', (way) => {
  it('reads a docker-archive with several images, a linked layer, a parent and one image without a name', async () => {
    const world = await createWorld();
    const bytes = dockerArchive(
      { image: parent, names: ['app:base', 'other/app:1'] },
      { image: child, parent: parent.config.descriptor.digest },
    );
    expect(await world[way](bytes)).toEqual([
      { id: idOf(parent), names: ['app:base', 'other/app:1'], replaced: [] },
      { id: idOf(child), names: [], replaced: [] },
    ]);
    const images = await world.list();
    expect(images.map(({ id }) => id).sort()).toEqual([idOf(parent), idOf(child)].sort());
    const [dangling] = images.filter(({ id }) => id === idOf(child));
    expect(dangling).toMatchObject({ tags: [], parent: idOf(parent) });
    expect(dangling?.layers.map(({ diffId, digest }) => [diffId, digest])).toEqual(
      child.layers.map(({ diffId }) => [diffId, diffId]),
    );
    // Docker sets no time of tagging at a load.
    expect((await world.find('app:base')).taggedAt).toBeUndefined();
  });

  it.each([
    ['manifest.json first', (entries: TarSpec[]) => entries.toReversed()],
    [
      'names that begin with ./',
      (entries: TarSpec[]) => entries.map((entry) => ({ ...entry, path: `./${String(entry.path)}` })),
    ],
  ])('takes an archive with %s', async (_, change) => {
    const world = await createWorld();
    const bytes = tarOf(change(dockerEntries([{ image: child, names: ['a:1'] }])));
    expect(await world[way](bytes)).toMatchObject([{ id: idOf(child), names: ['a:1'] }]);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('unpacks a whole archive of %s', async (_, compress) => {
    const world = await createWorld();
    const bytes = Buffer.from(compress(dockerArchive({ image: child, names: ['a:1'] })));
    expect(await world[way](bytes)).toMatchObject([{ id: idOf(child) }]);
  });

  it('keeps compressed layers of a docker-archive as they are', async () => {
    const world = await createWorld();
    const entries = dockerEntries([{ image: child, names: ['a:1'] }]);
    const packed = entries.map((entry) => {
      const layer = child.layers.find(({ tar }) => entry.content === tar);
      return layer === undefined ? entry : { ...entry, content: layer.bytes };
    });
    expect(await world[way](tarOf(packed))).toMatchObject([{ id: idOf(child) }]);
    const { layers } = await world.find('a:1');
    expect(layers.map(({ digest }) => digest)).toEqual(
      child.layers.map(({ descriptor }) => descriptor.digest),
    );
  });

  it('keeps the manifest of an oci-archive, digest and all', async () => {
    const world = await createWorld();
    expect(await world[way](ociArchive(child, 'team/app:2'))).toEqual([
      { id: idOf(child), names: ['team/app:2'], replaced: [] },
    ]);
    expect((await world.find('team/app:2')).manifest.digest).toBe(child.manifest.descriptor.digest);
  });

  it('gives no name to an image whose archive has only a tag for it', async () => {
    const world = await createWorld();
    expect(await world[way](ociArchive(child, 'latest'))).toMatchObject([{ id: idOf(child), names: [] }]);
  });

  it("takes the machine's platform of an index, and says which", async () => {
    const world = await createWorld();
    const host = hostPlatform();
    const own = buildImage({ layers: [base], platform: host });
    const other = buildImage({ layers: [base], platform: { os: 'linux', architecture: 's390x' } });
    const events: ArchiveEvent[] = [];
    const bytes = ociArchive(buildIndex([other, own]), 'multi:1');
    const path = join(world.folder, 'multi.tar');
    await writeFile(path, bytes);
    const source = way === 'file' ? path : inChunks(bytes);
    const loaded = await world.load(source, { onProgress: (event) => events.push(event) });
    expect(loaded).toMatchObject([{ id: idOf(own) }]);
    const platforms = [`linux/${host.architecture}`, 'linux/s390x'];
    expect(events).toContainEqual({ kind: 'platform', name: 'docker.io/library/multi:1', platforms });
  });

  it('reads an archive of before Docker 1.10, with the images beneath', async () => {
    const world = await createWorld();
    const steps = child.layers.map(({ tar }, i) => ({
      tar,
      json: {
        created: `2014-01-0${i + 1}T10:00:00Z`,
        docker_version: '1.9.1',
        architecture: 'amd64',
        os: 'linux',
        container_config: { Cmd: ['/bin/sh', '-c', `step <${i}>`] },
        config: { Env: ['A=1'] },
      },
    }));
    const loaded = await world[way](legacyArchive(steps, 'old/app', '0.1'));
    expect(loaded.map(({ names }) => names)).toEqual([['old/app:0.1']]);
    const top = await world.find('old/app:0.1');
    expect((await world.list()).map(({ id }) => id)).toContain(top.parent);
    expect(top.layers.map(({ diffId }) => diffId)).toEqual(child.layers.map(({ diffId }) => diffId));
    const rows = await imageHistory(world.store, top, await world.list());
    expect(rows.map(({ createdBy }) => createdBy)).toEqual(['/bin/sh -c step <1>', '/bin/sh -c step <0>']);
  });

  it('moves a name from another image, and says so', async () => {
    const world = await createWorld();
    await world[way](dockerArchive({ image: parent, names: ['a:1'] }));
    expect(await world[way](dockerArchive({ image: child, names: ['a:1'] }))).toEqual([
      { id: idOf(child), names: ['a:1'], replaced: [{ name: 'a:1', id: idOf(parent) }] },
    ]);
    expect((await world.find(idOf(parent))).tags).toEqual([]);
  });

  it('leaves nothing of what proved to be no layer', async () => {
    const world = await createWorld();
    const notes = { path: 'notes.txt', content: 'n'.repeat(100_000) };
    const stray = { path: 'stray.tar', content: tarOf([{ path: 'stray' }]) };
    await world[way](tarOf([notes, stray, ...dockerEntries([{ image: parent, names: ['a:1'] }])]));
    expect(await world.blobs()).toHaveLength(3);
  });

  const entries = dockerEntries([{ image: child, names: ['a:1'] }]);
  const replaced = (path: RegExp, more: Partial<TarSpec>): Buffer =>
    tarOf(entries.map((entry) => (path.test(String(entry.path)) ? { ...entry, ...more } : entry)));
  const wrongLayer = tarOf([{ path: 'wrong', content: 'w'.repeat(2000) }]);
  const layout = layoutEntries([{ top: child, refName: 'a:1' }]);
  const layerPath = `blobs/sha256/${child.layers[0]?.descriptor.digest.slice(7) ?? ''}`;

  it.each([
    ['random bytes', Buffer.from('no tar at all '.repeat(100)), 'content-invalid'],
    ['nothing', Buffer.alloc(0), 'content-invalid'],
    ['a tar without images', tarOf([{ path: 'x', content: 'y' }]), 'content-invalid'],
    [
      'a tar that is cut',
      dockerArchive({ image: child, names: ['a:1'] }).subarray(0, 9000),
      'content-invalid',
    ],
    ['a gzip that is cut', gzipSync(dockerArchive({ image: child })).subarray(0, 300), 'content-invalid'],
    ['a layer that is another', replaced(/layer\.tar$/, { content: wrongLayer }), 'digest-mismatch'],
    ['a layer that is no tar', replaced(/layer\.tar$/, { content: 'z'.repeat(4000) }), 'any'],
    [
      'a layer that is missing',
      tarOf(entries.filter(({ path }) => !String(path).endsWith('layer.tar'))),
      'content-invalid',
    ],
    [
      'a configuration that is missing',
      tarOf(entries.filter(({ path }) => !/^[0-9a-f]{64}\.json$/.test(String(path)))),
      'content-invalid',
    ],
    ['a configuration that is no JSON', replaced(/^[0-9a-f]{64}\.json$/, { content: '{' }), 'any'],
    ['a manifest.json that is no list', replaced(/^manifest\.json$/, { content: '{}' }), 'content-invalid'],
    [
      'a name that is none',
      replaced(/^manifest\.json$/, {
        content: JSON.stringify([{ Config: 'c', RepoTags: ['A B'], Layers: [] }]),
      }),
      'content-invalid',
    ],
    [
      'a layer behind links without end',
      replaced(/layer\.tar$/, { type: 'symlink', link: './layer.tar/../layer2', content: '' }),
      'content-invalid',
    ],
    [
      'a layer outside',
      replaced(/layer\.tar$/, { type: 'symlink', link: '../../../../etc/passwd', content: '' }),
      'content-invalid',
    ],
    [
      'an OCI layer with other bytes',
      tarOf(
        layout.map((entry) =>
          entry.path === layerPath
            ? { ...entry, content: Buffer.alloc(String(entry.content).length + 3, 7) }
            : entry,
        ),
      ),
      'any',
    ],
    [
      'an OCI manifest that is missing',
      tarOf(
        layout.filter(({ path }) => path !== `blobs/sha256/${child.manifest.descriptor.digest.slice(7)}`),
      ),
      'content-invalid',
    ],
    [
      'a size in the header beyond the file',
      replaced(/^manifest\.json$/, { statedSize: 1e9 }),
      'content-invalid',
    ],
  ])('lists nothing of %s', async (_, bytes, code) => {
    const world = await createWorld();
    const failure: unknown = await world[way](bytes).catch((error: unknown) => error);
    expect(failure).toMatchObject(code === 'any' ? { name: 'StrataError' } : { name: 'StrataError', code });
    expect(await world.list()).toEqual([]);
  });

  it('counts the later of two entries of one name', async () => {
    const world = await createWorld();
    const wrong = { path: 'manifest.json', content: '[]' };
    expect(await world[way](tarOf([wrong, ...entries]))).toMatchObject([{ id: idOf(child) }]);
    expect(await world[way](tarOf([...entries, wrong]))).toEqual([]);
  });

  it('reads nothing of layers that the store has in another form', async () => {
    const world = await createWorld();
    await world[way](ociArchive(child, 'a:1'));
    const before = await world.blobs();
    await world[way](dockerArchive({ image: child, names: ['b:1'] }));
    const image = await world.find('b:1');
    expect(image.tags).toEqual(['docker.io/library/a:1', 'docker.io/library/b:1']);
    expect(image.manifest.digest).toBe(child.manifest.descriptor.digest);
    expect((await world.blobs()).toSorted()).toEqual(before.toSorted());
  });
});

describe('load', () => {
  it('reads the folder of a layout', async () => {
    const world = await createWorld();
    const folder = join(world.folder, 'layout');
    for (const { path, content = '' } of layoutEntries([{ top: child, refName: 'a:1' }])) {
      await mkdir(dirname(join(folder, String(path))), { recursive: true });
      await writeFile(join(folder, String(path)), content);
    }
    expect(await world.load(folder)).toMatchObject([{ id: idOf(child), names: ['a:1'] }]);
  });

  it('follows no link out of a folder', async () => {
    const world = await createWorld();
    const folder = join(world.folder, 'layout');
    await mkdir(folder);
    await writeFile(join(world.folder, 'secret'), '[]');
    await symlink('../secret', join(folder, 'manifest.json'));
    await expect(world.load(folder)).rejects.toMatchObject({ code: 'content-invalid' });
  });

  it('says that a file is not there', async () => {
    const world = await createWorld();
    await expect(world.load(join(world.folder, 'none.tar'))).rejects.toMatchObject({
      code: 'file-unreadable',
      params: { detail: 'no such file or directory' },
    });
  });

  it('stops when it is cancelled, and leaves no half blob', async () => {
    const world = await createWorld();
    const big = buildImage({
      layers: [{ entries: [{ path: 'big', content: Buffer.alloc(30_000_000, 'x') }], compression: 'none' }],
    });
    const stop = new AbortController();
    const bytes = dockerArchive({ image: big, names: ['a:1'] });
    const never = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 20_000_000);
        stop.abort();
        await new Promise(() => undefined);
      })(),
    );
    await expect(world.load(never, { signal: stop.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await world.blobs()).toEqual([]);
    expect(await readdir(join(world.folder, 'store/strata/partial'))).toEqual([]);
  });

  it('passes on what its stream fails with', async () => {
    const world = await createWorld();
    const broken = Readable.from(
      (async function* () {
        yield dockerArchive({ image: child }).subarray(0, 3000);
        await Promise.resolve();
        throw new Error('the pipe broke');
      })(),
    );
    await expect(world.load(broken)).rejects.toThrow('the pipe broke');
  });

  it('refuses an archive with more entries than it may have', async () => {
    const world = await createWorld();
    const header = tarOf([{ path: 'x' }], { end: 'none' });
    const many = Buffer.concat(Array.from({ length: 100_001 }, () => header));
    await expect(world.file(many)).rejects.toMatchObject({ code: 'content-invalid' });
  });

  it('puts the same image under the ID of its configuration', async () => {
    const world = await createWorld();
    await world.file(dockerArchive({ image: child, names: ['a:1'] }));
    expect((await world.find('a:1')).id).toBe(sha256(child.config.bytes));
  });
});

describe('what a layer is said to unpack to', () => {
  it('is read from the layer itself, though the store has an index of such contents', async () => {
    const world = await createWorld();
    await world.file(dockerArchive({ image: parent, names: ['app:base'] }));
    const other = buildImage({ layers: [{ entries: [{ path: 'evil', content: 'e'.repeat(3000) }] }] });
    const [evil] = other.layers;
    const [real] = parent.layers;
    if (evil === undefined || real === undefined) throw new Error('the images have layers');
    // The blob is here, but no image that is listed says what it is.
    await world.store.writeBlob(evil.bytes);
    const config = JSON.parse(other.config.bytes.toString()) as { rootfs: { diff_ids: string[] } };
    config.rootfs.diff_ids = [real.diffId];
    const configBlob = blobOf(OCI_CONFIG, Buffer.from(JSON.stringify(config)));
    const document = { schemaVersion: 2, config: configBlob.descriptor, layers: [evil.descriptor] };
    const manifest = blobOf(OCI_MANIFEST, Buffer.from(JSON.stringify(document)));
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [manifest.descriptor] }));
    const blobs = [configBlob, manifest, evil].map(({ descriptor, bytes }) => ({
      path: `blobs/sha256/${descriptor.digest.slice('sha256:'.length)}`,
      content: bytes,
    }));
    const archive = tarOf([{ path: 'index.json', content: index }, ...blobs]);
    await expect(world.file(archive)).rejects.toMatchObject({ code: 'digest-mismatch' });
    await expect(world.stream(archive)).rejects.toMatchObject({ code: 'digest-mismatch' });
  });
});

describe('what an archive may ask for', () => {
  const [layer] = parent.layers;
  if (layer === undefined) throw new Error('the image has a layer');
  const archiveOf = (config: Buffer, images: readonly unknown[]): Buffer =>
    tarOf([
      { path: 'config.json', content: config },
      { path: 'layer.tar', content: layer.tar },
      { path: 'manifest.json', content: JSON.stringify(images) },
    ]);
  const image = { Config: 'config.json', Layers: ['layer.tar'] };

  it('is no more memory than its documents take, though images share a large one', async () => {
    const world = await createWorld();
    const raw = JSON.parse(parent.config.bytes.toString()) as object;
    const config = Buffer.from(JSON.stringify({ ...raw, padding: 'x'.repeat(3_000_000) }));
    const images = Array.from({ length: 100 }, () => image);
    await expect(world.file(archiveOf(config, images))).rejects.toMatchObject({ code: 'too-large' });
  });

  it('is a bounded number of names, which are set in one go', async () => {
    const world = await createWorld();
    const named = (count: number): Buffer =>
      archiveOf(parent.config.bytes, [
        { ...image, RepoTags: Array.from({ length: count }, (_, i) => `app:${i}`) },
      ]);
    expect((await world.file(named(3000)))[0]?.names).toHaveLength(3000);
    await expect(world.file(named(MAX_ARCHIVE_NAMES + 1))).rejects.toMatchObject({ code: 'content-invalid' });
    expect(await world.store.entries()).toHaveLength(3000);
  });
});

it.runIf(process.platform === 'linux')('closes a compressed file that proves to be no archive', async () => {
  const world = await createWorld();
  const noise = Buffer.concat([
    dockerArchive({ image: parent }).subarray(0, 512),
    Buffer.alloc(20_000_000, 7),
  ]);
  await expect(world.file(gzipSync(noise, { level: 0 }))).rejects.toMatchObject({ code: 'content-invalid' });
  const open = async (): Promise<readonly string[]> => {
    const names = await readdir('/proc/self/fd');
    const paths = await Promise.all(
      names.map(async (name) => await readlink(`/proc/self/fd/${name}`).catch(() => '')),
    );
    return paths.filter((path) => path.startsWith(world.folder) && path.endsWith('.tar'));
  };
  await expect.poll(open).toEqual([]);
});
