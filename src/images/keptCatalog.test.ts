import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildImage } from '../../test/support/images.ts';
import type { BuiltImage } from '../../test/support/images.ts';
import { entryOf, openTestStore, storeImages } from '../../test/support/storedImages.ts';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import type { RefEntry, Store } from '../store/index.ts';
import { readCatalog } from './catalog.ts';
import { keepCatalog, readKeptCatalog } from './keptCatalog.ts';
import type { ImageSummary } from './types.ts';

const A = 'docker.io/library/a';
const layer = (content: string): { entries: { path: string; content: string }[]; createdBy: string } => ({
  entries: [{ path: 'f', content }],
  createdBy: `ADD ${content}`,
});
const one = buildImage({
  layers: [layer('base'), layer('one')],
  created: '2024-02-01T00:00:00Z',
  config: { Labels: { k: 'v' } },
  configExtra: { variant: 'v8', 'os.version': '10.0.1' },
});
const two = buildImage({ layers: [layer('base'), layer('two')], configExtra: { created: null } });

async function openWith(...entries: readonly RefEntry[]): Promise<Store> {
  const store = await openTestStore();
  await storeImages(store, [one, two], entries);
  return store;
}

async function keep(store: Store): Promise<readonly ImageSummary[]> {
  const entries = await store.entries();
  const images = await readCatalog(
    {
      store,
      logger: silentLogger,
      layerStats: ({ digest, diffId, size }) =>
        Promise.resolve({ diffId, blob: digest, entries: 0, tarBytes: 0, size, unresolvedHardlinks: 0 }),
    },
    entries,
  );
  await keepCatalog(store, silentLogger, entries, images);
  return images;
}

const named = (image: BuiltImage, name: string): RefEntry => entryOf(image, { name });
const fileOf = (store: Store): string => join(store.root, 'strata/catalog.json');

describe('the kept catalogue', () => {
  it('says of each image all that its summary says', async () => {
    const annotations = { 'org.example.note': 'kept' };
    const store = await openWith(
      ...[`${A}:1`, `${A}:2`, 'docker.io/x/a:1', '[::1]:5000/a:1'].map((name) =>
        entryOf(one, {
          name,
          manifest: { ...one.manifest.descriptor, annotations },
          repoDigests: [`${A}@${sha256('a')}`, `${A}@${sha256('b')}`],
          taggedAt: '2024-05-06T07:08:09.123Z',
          parent: sha256('parent'),
          source: sha256('source'),
        }),
      ),
      entryOf(two),
    );
    const images = await keep(store);
    expect(images.map(({ tags, layers }) => [tags.length, layers.length])).toEqual([
      [4, 2],
      [0, 2],
    ]);
    expect(await readKeptCatalog(store)).toStrictEqual(images);
  });

  it('holds for one version of index.json', async () => {
    const store = await openWith(named(one, `${A}:1`));
    expect(await readKeptCatalog(store)).toBeUndefined();
    await keep(store);
    expect(await readKeptCatalog(store)).toHaveLength(1);
    await store.update((entries) => [...entries, entryOf(two)]);
    expect(await readKeptCatalog(store)).toBeUndefined();
  });

  it('is not made where another tool has written, nor where an image is left out', async () => {
    const { config: _, ...foreign } = named(one, `${A}:1`);
    const store = await openWith(foreign);
    expect(await keep(store)).toHaveLength(1);
    expect(await readKeptCatalog(store)).toBeUndefined();
    await store.update(() => [entryOf(two), named(one, `${A}:1`), entryOf(two, { config: sha256('gone') })]);
    expect(await keep(store)).toHaveLength(2);
    expect(await readKeptCatalog(store)).toBeUndefined();
  });

  it('writes a layer that two images share once', async () => {
    const store = await openWith(named(one, `${A}:1`), named(two, `${A}:2`));
    const images = await keep(store);
    const digest = images[0]?.layers[0]?.digest ?? '';
    expect(images[1]?.layers[0]?.digest).toBe(digest);
    expect((await readFile(fileOf(store), 'utf8')).split(digest)).toHaveLength(2);
  });

  it.each(['', 'rubbish', '{"version":1,"crc32":0}\n[]'])('counts as none when damaged: %j', async (text) => {
    const store = await openWith(named(one, `${A}:1`));
    await keep(store);
    await writeFile(fileOf(store), text);
    expect(await readKeptCatalog(store)).toBeUndefined();
  });

  it.each([
    ['nothing', (): string => 'null'],
    ['an ID that is none', (body: string): string => body.replace(/"images":\[\["[^"]+"/, '"images":[["x"')],
    ['a layer that is not there', (body: string): string => body.replace('[0,1]', '[0,7]')],
    ['a part of a layer’s number', (body: string): string => body.replace('[0,1]', '[0,0.5]')],
    ['a platform that is none', (body: string): string => body.replace('"os":', '"so":')],
    ['a manifest that is none', (body: string): string => body.replace('"mediaType":', '"type":')],
    [
      'a layer’s digest that is none',
      (body: string): string => body.replace('"layers":[["', '"layers":[["../'),
    ],
    ['a label that is no text', (body: string): string => body.replace('"k":"v"', '"k":{}')],
  ])('counts as none where its bytes are whole and it says %s', async (_, change) => {
    const store = await openWith(named(one, `${A}:1`));
    await keep(store);
    const [head = '', body = ''] = (await readFile(fileOf(store), 'utf8')).split('\n');
    const changed = change(body);
    expect(changed).not.toBe(body);
    const write = async (text: string): Promise<void> => {
      const fields = JSON.parse(head) as object;
      await writeFile(fileOf(store), `${JSON.stringify({ ...fields, crc32: crc32(text) })}\n${text}`);
    };
    await write(changed);
    expect(await readKeptCatalog(store)).toBeUndefined();
    await write(body);
    expect(await readKeptCatalog(store)).toHaveLength(1);
  });
});
