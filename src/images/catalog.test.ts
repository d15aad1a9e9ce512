import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildImage, buildIndex } from '../../test/support/images.ts';
import type { BuiltImage, ImageSpec } from '../../test/support/images.ts';
import { damageBlob, entryOf, openTestStore, storeImages } from '../../test/support/storedImages.ts';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import type { RefEntry, Store } from '../store/index.ts';
import { readCatalog } from './catalog.ts';
import { imageHistory } from './history.ts';
import { inspectImage } from './inspect.ts';
import type { ImageSummary } from './types.ts';

interface Catalog {
  readonly images: readonly ImageSummary[];
  readonly warnings: readonly string[];
  /** How often a layer was looked at. */
  readonly looks: number;
}

/** The layer's number of compressed bytes stands for its size. */
async function read(store: Store): Promise<Catalog> {
  const warnings: string[] = [];
  let looks = 0;
  const images = await readCatalog(
    {
      store,
      logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
      layerStats: ({ digest, diffId, size }) => {
        looks++;
        return Promise.resolve({
          diffId,
          blob: digest,
          entries: 0,
          tarBytes: 0,
          size: size * 10,
          unresolvedHardlinks: 0,
        });
      },
    },
    await store.entries(),
  );
  return { images, warnings, looks };
}

const NAME = 'docker.io/library/app';
const idOf = (image: BuiltImage): Digest => image.config.descriptor.digest;
const layerOf = (content: string): ImageSpec['layers'][number] => ({
  entries: [{ path: 'f', content }],
  createdBy: `ADD ${content}`,
});
const make = (content: string, spec: Partial<ImageSpec> = {}): BuiltImage =>
  buildImage({ layers: [layerOf(content)], ...spec });

async function storeOf(images: readonly BuiltImage[], entries: readonly RefEntry[]): Promise<Store> {
  const store = await openTestStore();
  await storeImages(store, images, entries);
  return store;
}

async function only(
  image: BuiltImage,
  more: Partial<RefEntry> = {},
): Promise<{ store: Store; summary: ImageSummary }> {
  const store = await storeOf([image], [entryOf(image, more)]);
  const [summary] = (await read(store)).images;
  if (summary === undefined) throw new Error('nothing is listed');
  return { store, summary };
}

describe('readCatalog', () => {
  it('makes one image of all its entries', async () => {
    const image = make('one', { config: { Labels: { k: 'v' } } });
    const digests = [`${NAME}@${sha256('b')}`, `${NAME}@${sha256('a')}`, 'nonsense'];
    const store = await storeOf(
      [image],
      [
        entryOf(image, { name: `${NAME}:2`, repoDigests: digests, taggedAt: '2024-02-01T00:00:00Z' }),
        entryOf(image, { name: 'app:1', taggedAt: '2024-03-01T00:00:00Z', parent: sha256('p') }),
        entryOf(image, { name: 'not a name' }),
      ],
    );
    const { images } = await read(store);
    const [layer] = image.layers;
    expect(images).toEqual([
      expect.objectContaining({
        id: idOf(image),
        tags: [`${NAME}:1`, `${NAME}:2`],
        repoDigests: digests.slice(0, 2).sort(),
        labels: { k: 'v' },
        platform: { os: 'linux', architecture: 'amd64' },
        parent: sha256('p'),
        taggedAt: '2024-03-01T00:00:00Z',
        compressedSize: layer?.descriptor.size,
        size: (layer?.descriptor.size ?? 0) * 10,
      }),
    ]);
    expect(images[0]?.layers[0]).toMatchObject({ diffId: layer?.diffId, createdBy: 'ADD one' });
  });

  it('lists the newest first, those of one time by ID, those without a time last', async () => {
    const old = make('old', { created: '2020-01-01T00:00:00Z' });
    const fresh = make('fresh', { created: '2024-01-01T00:00:00Z' });
    const twin = make('twin', { created: '2024-01-01T00:00:00Z' });
    const timeless = make('timeless', { configExtra: { created: null } });
    const all = [timeless, old, fresh, twin];
    const { images } = await read(
      await storeOf(
        all,
        all.map((image) => entryOf(image)),
      ),
    );
    expect(images.map(({ id }) => id)).toEqual([
      ...[fresh, twin].map(idOf).sort(),
      idOf(old),
      idOf(timeless),
    ]);
    expect(images.at(-1)).not.toHaveProperty('created');
  });

  it('reads entries of other tools, an index among them, and passes over what is no image', async () => {
    const [one, two, broken] = [make('one'), make('two'), make('broken')];
    const index = buildIndex([two]);
    const foreign = (image: BuiltImage, name: string): RefEntry => ({
      name,
      manifest: image.manifest.descriptor,
      repoDigests: [],
    });
    const brokenIndex = { mediaType: index.index.descriptor.mediaType, digest: sha256('{'), size: 1 };
    const store = await storeOf(
      [one, two],
      [
        foreign(one, 'latest'),
        { name: 'two:1', manifest: index.index.descriptor, repoDigests: [] },
        foreign(broken, 'broken'),
        { name: 'index', manifest: brokenIndex, repoDigests: [] },
      ],
    );
    await store.writeBlob(index.index.bytes);
    await store.writeBlob(Buffer.from('{'));
    const { images, warnings } = await read(store);
    expect(images.map(({ id, tags }) => [id, tags]).sort()).toEqual(
      [
        [idOf(one), ['docker.io/library/latest:latest']],
        [idOf(two), ['docker.io/library/two:1']],
      ].sort(),
    );
    expect(warnings).toEqual([]);
  });

  it('leaves out an image whose documents are damaged, and says so', async () => {
    const [good, bad, liar] = [make('good'), make('bad'), make('liar')];
    const store = await storeOf(
      [good, bad, liar],
      [entryOf(good), entryOf(bad), { ...entryOf(liar), config: sha256('another') }],
    );
    await damageBlob(store, idOf(bad));
    const { images, warnings } = await read(store);
    expect(images.map(({ id }) => id)).toEqual([idOf(good)]);
    expect(warnings).toHaveLength(2);
  });

  it('reads documents once: then it knows them', async () => {
    const image = make('one');
    const store = await storeOf([image], [entryOf(image, { name: `${NAME}:1` })]);
    const first = await read(store);
    const second = await read(store);
    expect([first.looks, second.looks]).toEqual([1, 0]);
    expect(second.images).toEqual(first.images);
  });

  it.each([
    ['no JSON', '{'],
    ['another form', JSON.stringify({ version: 0, values: {} })],
  ])('rebuilds summaries that are damaged: %s', async (_, text) => {
    const image = make('one');
    const store = await storeOf([image], [entryOf(image)]);
    const first = await read(store);
    await writeFile(join(store.root, 'strata', 'summaries.json'), text);
    expect(await read(store)).toEqual(first);
  });

  it.each<[string, (facts: Record<string, unknown>) => unknown]>([
    ['null', () => null],
    ['no platform', (facts) => ({ ...facts, platform: null })],
    ['labels of another kind', (facts) => ({ ...facts, labels: 'x' })],
    ['a layer without a digest', (facts) => ({ ...facts, layers: [{ size: 1 }] })],
    ['another image', (facts) => ({ ...facts, id: sha256('x') })],
    ['no size', (facts) => ({ ...facts, size: '1' })],
    ['no compressed size', (facts) => ({ ...facts, compressedSize: null })],
  ])('reads anew what a summary cannot be: %s', async (_, spoil) => {
    const image = make('one');
    const store = await storeOf([image], [entryOf(image)]);
    const first = await read(store);
    const [facts] = (await store.readSummaries(1)).values();
    const key = image.manifest.descriptor.digest;
    await store.writeSummaries(1, new Map([[key, spoil(facts as Record<string, unknown>)]]));
    expect(await read(store)).toEqual(first);
  });
});

describe('imageHistory', () => {
  it('gives each layer its row, newest first, and a known parent its ID', async () => {
    const image = buildImage({
      layers: [layerOf('base'), { empty: true, createdBy: 'ENV A=1', comment: 'note' }, layerOf('top')],
      created: '2024-01-01T00:00:00Z',
    });
    const parent = make('parent');
    const { store, summary } = await only(image, { name: `${NAME}:1`, parent: idOf(parent) });
    const sizes = summary.layers.map(({ size }) => size);
    const rows = await imageHistory(store, summary, [summary]);
    expect(rows).toEqual([
      {
        id: summary.id,
        tags: ['app:1'],
        created: '2024-01-01T00:00:02Z',
        createdBy: 'ADD top',
        size: sizes[1],
        comment: '',
        emptyLayer: false,
      },
      {
        tags: [],
        created: '2024-01-01T00:00:01Z',
        createdBy: 'ENV A=1',
        size: 0,
        comment: 'note',
        emptyLayer: true,
      },
      {
        tags: [],
        created: '2024-01-01T00:00:00Z',
        createdBy: 'ADD base',
        size: sizes[0],
        comment: '',
        emptyLayer: false,
      },
    ]);
    const other: ImageSummary = { ...summary, id: idOf(parent), tags: [] };
    const { parent: _, ...orphan } = other;
    expect((await imageHistory(store, summary, [summary, orphan])).map(({ id }) => id)).toEqual([
      summary.id,
      idOf(parent),
      undefined,
    ]);
  });

  it('is empty where the configuration has none', async () => {
    const { store, summary } = await only(make('one', { withoutHistory: true }));
    expect(await imageHistory(store, summary, [summary])).toEqual([]);
    expect(summary.layers[0]).not.toHaveProperty('createdBy');
  });

  it('has no time where the row has none', async () => {
    const { store, summary } = await only(make('one', { configExtra: { history: [{ created: null }] } }));
    expect(await imageHistory(store, summary, [])).toEqual([
      { id: summary.id, tags: [], createdBy: '', size: summary.size, comment: '', emptyLayer: false },
    ]);
  });
});

describe('inspectImage', () => {
  it('has the keys and zero values of docker, in its order', async () => {
    const { store, summary } = await only(make('one', { config: {}, configExtra: { created: null } }));
    const document = await inspectImage(store, summary);
    expect(Object.keys(document).join(' ')).toBe(
      'Id RepoTags RepoDigests Parent Comment Created Container ContainerConfig DockerVersion Author Config ' +
        'Architecture Os Size VirtualSize GraphDriver RootFS Metadata',
    );
    const zero = {
      Hostname: '',
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Env: null,
      Cmd: null,
      Image: '',
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      OnBuild: null,
      Labels: null,
    };
    expect(JSON.stringify(document.Config)).toBe(JSON.stringify(zero));
    expect(JSON.stringify(document.ContainerConfig)).toBe(JSON.stringify(zero));
    expect(document).toMatchObject({
      RepoTags: [],
      RepoDigests: [],
      Parent: '',
      Created: '0001-01-01T00:00:00Z',
      Author: '',
      RootFS: { Type: 'layers', Layers: [summary.layers[0]?.diffId] },
      Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    });
  });

  it('prints what the configuration has, maps sorted and structures in their order', async () => {
    const config = {
      Labels: { b: '2', a: '1' },
      ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
      Healthcheck: { Retries: 3, Interval: 5, Test: ['CMD', 'x'] },
      Env: [],
      Cmd: ['sh'],
      StopSignal: 'SIGTERM',
      Unknown: 1,
    };
    const image = make('one', {
      config,
      author: 'me',
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      configExtra: { comment: 'said', docker_version: '20.10', container: 'c', 'os.version': '10' },
    });
    const { store, summary } = await only(image, {
      name: `${NAME}:1`,
      repoDigests: [`${NAME}@${sha256('d')}`],
      parent: sha256('p'),
    });
    const document = await inspectImage(store, summary);
    expect(document).toMatchObject({
      RepoTags: ['app:1'],
      RepoDigests: [`app@${sha256('d')}`],
      Parent: sha256('p'),
      Comment: 'said',
      Container: 'c',
      DockerVersion: '20.10',
      Author: 'me',
      Variant: 'v7',
      OsVersion: '10',
    });
    const text = JSON.stringify(document.Config);
    expect(text).toContain('"ExposedPorts":{"443/tcp":{},"80/tcp":{}}');
    expect(text).toContain('"Healthcheck":{"Test":["CMD","x"],"Interval":5,"Retries":3}');
    expect(text).toContain('"Labels":{"a":"1","b":"2"},"StopSignal":"SIGTERM"');
    expect(text).toContain('"Env":[],"Cmd":["sh"]');
    expect(text).not.toContain('Unknown');
  });

  it('takes the last comment of the history, and prints null for no configuration', async () => {
    const layers = [{ ...layerOf('one'), comment: 'last' }];
    const { store, summary } = await only(buildImage({ layers, configExtra: { config: null } }));
    expect(await inspectImage(store, summary)).toMatchObject({ Comment: 'last', Config: null });
  });
});
