import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { dockerArchive, ociArchive } from '../../../test/support/archives.ts';
import { createArchiveWorld } from '../../../test/support/archiveWorld.ts';
import type { ArchiveWorld } from '../../../test/support/archiveWorld.ts';
import { buildImage } from '../../../test/support/images.ts';
import type { BuiltImage } from '../../../test/support/images.ts';
import { damageBlob } from '../../../test/support/storedImages.ts';
import { TarReader } from '../../archive/index.ts';
import { silentLogger } from '../../base/logger.ts';
import { LayerWorkers } from '../worker/workers.ts';
import type { ArchiveEvent, SaveRequest } from '../types.ts';
import { openArchive } from './openArchive.ts';
import { save } from './save.ts';

const workers = new LayerWorkers(join(import.meta.dirname, '../worker/worker.ts'), silentLogger);
afterAll(() => workers.close());

const base = { entries: [{ path: 'base', content: 'b'.repeat(5000) }], createdBy: 'ADD base' };
const parent = buildImage({ layers: [base] });
const child = buildImage({
  layers: [base, { entries: [{ path: 'top', content: 'top' }], createdBy: 'COPY top' }],
});
const zstd = buildImage({
  layers: [{ entries: [{ path: 'z', content: 'z'.repeat(3000) }], compression: 'zstd' }],
});
const idOf = ({ config }: BuiltImage): string => config.descriptor.digest;
const pathOf = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;

/** A store with both images, gzip layers as pulled. */
async function createWorld(): Promise<ArchiveWorld> {
  const world = await createArchiveWorld(workers);
  await world.file(ociArchive(parent, 'app:base'));
  await world.file(ociArchive(child, 'app:top'));
  await world.file(
    dockerArchive(
      { image: parent, names: ['app:other'] },
      { image: child, parent: parent.config.descriptor.digest },
    ),
  );
  return world;
}

async function saved(
  world: ArchiveWorld,
  request: SaveRequest,
  onProgress: (event: ArchiveEvent) => void = () => undefined,
): Promise<{ bytes: Buffer; paths: readonly string[]; json: (path: string) => unknown }> {
  const sink = new PassThrough();
  const collected = buffer(sink);
  await save(await world.deps(), request, sink, { onProgress });
  sink.end();
  const bytes = await collected;
  const found = new Map<string, Buffer>();
  const reader = new TarReader((entry) => {
    found.set(entry.path.toString(), bytes.subarray(entry.dataOffset, entry.dataOffset + entry.storedSize));
  });
  reader.push(bytes);
  reader.end();
  const json = (path: string): unknown => JSON.parse((found.get(path) ?? Buffer.alloc(0)).toString());
  return { bytes, paths: [...found.keys()], json };
}

describe('save', () => {
  it('writes a hybrid: every blob once, in an order of its own, the documents that name them at the end', async () => {
    const world = await createWorld();
    const { paths, json } = await saved(world, { names: ['app', idOf(child)] });
    const [shared, top] = child.layers.map(({ descriptor }) => pathOf(descriptor.digest));
    expect(paths).toEqual(
      [
        'blobs/',
        'blobs/sha256/',
        pathOf(parent.manifest.descriptor.digest),
        pathOf(idOf(parent)),
        shared,
        pathOf(child.manifest.descriptor.digest),
        pathOf(idOf(child)),
        top,
        'index.json',
        'manifest.json',
        'oci-layout',
        'repositories',
      ].sort((a, b) => paths.indexOf(a ?? '') - paths.indexOf(b ?? '')),
    );
    expect(json('manifest.json')).toEqual(
      expect.arrayContaining([
        { Config: pathOf(idOf(parent)), RepoTags: ['app:base', 'app:other'], Layers: [shared] },
        {
          Config: pathOf(idOf(child)),
          RepoTags: ['app:top'],
          Layers: [shared, top],
          Parent: idOf(parent),
        },
      ]),
    );
    expect(json('index.json')).toMatchObject({ schemaVersion: 2 });
  });

  it.each([
    ['a repository alone: all its tags', ['app'], { 'app:base': 1, 'app:other': 1, 'app:top': 1 }],
    ['one tag of several', ['app:other'], { 'app:other': 1 }],
    ['an ID: no name', [idOf(parent)], {}],
    ['the beginning of an ID: no name', [idOf(parent).slice(7, 20)], {}],
    ['an ID and a name: the name', [idOf(parent), 'app:base'], { 'app:base': 1 }],
  ])('takes %s', async (_, names, tags) => {
    const world = await createWorld();
    const { json } = await saved(world, { names, format: 'docker-archive' });
    const items = json('manifest.json') as readonly { RepoTags: readonly string[] | null }[];
    expect(items.flatMap((item) => item.RepoTags ?? []).sort()).toEqual(Object.keys(tags));
  });

  it.each([
    ['docker-archive', ['manifest.json', 'repositories'], ['index.json', 'oci-layout']],
    ['oci-archive', ['index.json', 'oci-layout'], ['manifest.json', 'repositories']],
  ] as const)('writes %s alone', async (format, there, absent) => {
    const world = await createWorld();
    const { paths } = await saved(world, { names: ['app:top'], format });
    for (const path of there) expect(paths).toContain(path);
    for (const path of absent) expect(paths).not.toContain(path);
  });

  it('makes the same bytes every time', async () => {
    const world = await createWorld();
    const once = await saved(world, { names: ['app'] });
    const again = await saved(world, { names: ['app'] });
    expect(again.bytes.equals(once.bytes)).toBe(true);
  });

  it('keeps zstd layers, and warns, but unpacks them for a docker-archive', async () => {
    const world = await createWorld();
    await world.file(ociArchive(zstd, 'z:1'));
    const events: ArchiveEvent[] = [];
    const hybrid = await saved(world, { names: ['z:1'] }, (event) => events.push(event));
    expect(hybrid.paths).toContain(pathOf(zstd.layers[0]?.descriptor.digest ?? ''));
    expect(events.filter(({ kind }) => kind === 'warning')).toHaveLength(1);
    const docker = await saved(world, { names: ['z:1'], format: 'docker-archive' });
    expect(docker.paths).toContain(pathOf(zstd.layers[0]?.diffId ?? ''));
    expect(docker.paths).not.toContain(pathOf(zstd.layers[0]?.descriptor.digest ?? ''));
  });

  it.each([undefined, 'docker-archive', 'oci-archive'] as const)(
    'loads again what it wrote as %s',
    async (format) => {
      const world = await createWorld();
      const { bytes } = await saved(world, { names: ['app'], ...(format === undefined ? {} : { format }) });
      const other = await createArchiveWorld(workers);
      const loaded = await other.stream(bytes);
      expect(new Set(loaded.map(({ id }) => id))).toEqual(new Set([idOf(parent), idOf(child)]));
      const image = await other.find('app:top');
      expect(image.layers.map(({ digest }) => digest)).toEqual(
        child.layers.map(({ descriptor }) => descriptor.digest),
      );
      if (format !== 'docker-archive') expect(image.manifest.digest).toBe(child.manifest.descriptor.digest);
    },
  );

  it.each([
    ['nope', 'image-not-found'],
    ['app:nope', 'image-not-found'],
    ['Upper', 'reference-invalid'],
    ['ffffffffffff', 'image-not-found'],
  ])('writes nothing for %s', async (name, code) => {
    const world = await createWorld();
    const sink = new PassThrough();
    await expect(save(await world.deps(), { names: ['app', name] }, sink)).rejects.toMatchObject({ code });
    expect(sink.readableLength).toBe(0);
  });

  it('fails on a layer that is damaged or gone', async () => {
    const world = await createWorld();
    const [layer] = child.layers;
    if (layer === undefined) throw new Error('no layer');
    const { digest } = layer.descriptor;
    await writeFile(world.store.blobPath(digest), Buffer.alloc(layer.descriptor.size, 1));
    await expect(saved(world, { names: ['app:top'] })).rejects.toMatchObject({ code: 'digest-mismatch' });
    await damageBlob(world.store, digest);
    await expect(saved(world, { names: ['app:top'] })).rejects.toMatchObject({ code: 'size-mismatch' });
    await rm(world.store.blobPath(digest));
    await expect(saved(world, { names: ['app:top'] })).rejects.toMatchObject({ code: 'blob-missing' });
  });

  it('fails with what its sink fails with, and lets go of the store', async () => {
    const world = await createWorld();
    const broken = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error('disk full')) });
    await expect(save(await world.deps(), { names: ['app'] }, broken)).rejects.toThrow('disk full');
    expect(await world.store.activeLeases()).toEqual([]);
  });

  it('stops when it is cancelled', async () => {
    const world = await createWorld();
    const stop = new AbortController();
    const sink = new Writable({
      write: (_chunk, _encoding, callback) => {
        stop.abort();
        callback();
      },
    });
    const options = { signal: stop.signal };
    await expect(save(await world.deps(), { names: ['app'] }, sink, options)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('stops when it is cancelled while its sink takes nothing', async () => {
    const world = await createWorld();
    const stop = new AbortController();
    // Never calls back: a pipe that nobody reads.
    const sink = new Writable({ highWaterMark: 1, write: () => setImmediate(() => stop.abort()) });
    const options = { signal: stop.signal };
    await expect(save(await world.deps(), { names: ['app'] }, sink, options)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await world.store.activeLeases()).toEqual([]);
  });

  it('writes what openArchive reads, blob by blob', async () => {
    const world = await createWorld();
    const { bytes } = await saved(world, { names: ['app:top'] });
    const path = join(world.folder, 'hybrid.tar');
    await writeFile(path, bytes);
    for (const format of [undefined, 'docker-archive', 'oci-archive'] as const) {
      const archive = await openArchive(path, { format });
      const [image] = archive.images;
      expect(image?.names).toEqual(['docker.io/library/app:top']);
      const manifest = JSON.parse(
        (await archive.read(image?.top.digest ?? child.manifest.descriptor.digest, 10_000)).toString(),
      ) as { layers: readonly { digest: string }[] };
      expect(manifest.layers.map(({ digest }) => digest)).toEqual(
        child.layers.map(({ descriptor }) => descriptor.digest),
      );
      for (const { descriptor, bytes: content } of child.layers) {
        expect((await buffer(await archive.open(descriptor.digest))).equals(content)).toBe(true);
      }
      await archive.close();
    }
  });
});
