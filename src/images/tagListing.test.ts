import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildImage } from '../../test/support/images.ts';
import type { BuiltImage } from '../../test/support/images.ts';
import { entryOf, openTestStore, storeImages } from '../../test/support/storedImages.ts';
import { silentLogger } from '../base/logger.ts';
import type { Store } from '../store/index.ts';
import { readCatalog } from './catalog.ts';
import { byRepository, keepListing, readListing } from './listing.ts';
import { tagImage } from './tag.ts';
import type { ImageSummary } from './types.ts';

const NOW = Date.parse('2024-06-01T00:00:00Z');
const A = 'docker.io/library/a';

const one = buildImage({ layers: [], created: '2024-02-01T00:00:00Z', config: { Labels: { k: 'v' } } });
const two = buildImage({ layers: [], configExtra: { created: null } });

async function catalog(store: Store): Promise<readonly ImageSummary[]> {
  const layerStats = (): never => {
    throw new Error('these images have no layers');
  };
  return await readCatalog({ store, logger: silentLogger, layerStats }, await store.entries());
}

async function openWith(...images: readonly (readonly [BuiltImage, string | undefined])[]): Promise<Store> {
  const store = await openTestStore();
  const entries = images.map(([image, name]) => entryOf(image, name === undefined ? {} : { name }));
  const built = images.map(([image]) => image);
  await storeImages(store, built, entries);
  return store;
}

describe('tagImage', () => {
  const tag = async (store: Store, source: string, target: string): Promise<void> => {
    const entries = await store.entries();
    const images = await catalog(store);
    await store.update(() => tagImage(entries, images, source, target, NOW));
  };
  const names = async (store: Store): Promise<unknown> =>
    (await catalog(store)).map(({ tags, taggedAt }) => [tags, taggedAt]);

  it('adds a name, with the time', async () => {
    const store = await openWith([one, `${A}:1`]);
    await tag(store, 'a:1', 'ghcr.io/x/y');
    expect(await names(store)).toEqual([[[`${A}:1`, 'ghcr.io/x/y:latest'], '2024-06-01T00:00:00.000Z']]);
  });

  it('takes the name from another image', async () => {
    const store = await openWith([one, `${A}:1`], [two, `${A}:2`]);
    await tag(store, 'a:1', 'a:2');
    expect(await names(store)).toEqual([
      [[`${A}:1`, `${A}:2`], '2024-06-01T00:00:00.000Z'],
      [[], undefined],
    ]);
  });

  it('names a nameless image by its ID', async () => {
    const store = await openWith([one, undefined]);
    await tag(store, one.config.descriptor.digest.slice(7, 20), 'a');
    expect(await names(store)).toEqual([[[`${A}:latest`], '2024-06-01T00:00:00.000Z']]);
    expect(await store.entries()).toHaveLength(1);
  });

  it.each([
    ['a:1', `b@${one.config.descriptor.digest}`, 'refusing to create a tag with a digest reference'],
    ['a:1', 'sha256:b', 'refusing to create an ambiguous tag using digest algorithm as name'],
    ['nosuch', 'sha256:b', 'No such image: nosuch:latest'],
    ['a:1', 'B', 'must be lowercase'],
  ])('refuses %s as %s', async (source, target, message) => {
    const store = await openWith([one, `${A}:1`]);
    await expect(tag(store, source, target)).rejects.toThrow(message);
  });
});

describe('the listing', () => {
  const keep = async (store: Store): Promise<readonly ImageSummary[]> => {
    const images = await catalog(store);
    await keepListing(store, silentLogger, await store.entries(), images);
    return images;
  };

  it('says of each image what its summary says', async () => {
    const names = [`${A}:1`, `${A}:2`, 'docker.io/x/a:1', '[::1]:5000/a:1'];
    const store = await openWith(...names.map((name) => [one, name] as const), [two, undefined]);
    const images = await keep(store);
    const kept = (await readListing(store)) ?? [];
    expect(kept).toHaveLength(2);
    for (const [i, image] of kept.entries()) {
      const { id, size, labels, tags, repoDigests, created, parent } = images[i] ?? {};
      expect({ ...image, tags: image.tags, repoDigests: image.repoDigests }).toEqual({
        id,
        size,
        labels,
        tags,
        repoDigests,
        ...(created !== undefined && { created }),
        ...(parent !== undefined && { parent }),
      });
      expect(image.byRepository).toEqual(byRepository(image.tags));
    }
  });

  it('holds for one version of index.json', async () => {
    const store = await openWith([one, `${A}:1`]);
    expect(await readListing(store)).toBeUndefined();
    await keep(store);
    expect(await readListing(store)).toHaveLength(1);
    await store.update((entries) => [...entries, entryOf(two)]);
    expect(await readListing(store)).toBeUndefined();
  });

  it('is not made of entries that index.json has no longer', async () => {
    const store = await openWith([one, `${A}:1`]);
    const entries = await store.entries();
    const images = await catalog(store);
    await store.update((now) => [...now, entryOf(two)]);
    await keepListing(store, silentLogger, entries, images);
    expect(await readListing(store)).toBeUndefined();
  });

  it('is not made where another tool has written, whose entries may mean another image tomorrow', async () => {
    const store = await openWith([one, `${A}:1`]);
    await store.update(([first]) => {
      const { config: _, ...foreign } = { ...entryOf(one), ...first };
      return [foreign];
    });
    expect(await keep(store)).toHaveLength(1);
    expect(await readListing(store)).toBeUndefined();
  });

  it.each(['', 'rubbish', '{"version":2,"crc32":0}\n[]'])('counts as none when damaged: %j', async (text) => {
    const store = await openWith([one, `${A}:1`]);
    await keep(store);
    await writeFile(join(store.root, 'strata/listing.json'), text);
    expect(await readListing(store)).toBeUndefined();
  });
});
