import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestApp } from '../../test/support/app.ts';
import { buildImage } from '../../test/support/images.ts';
import { entryOf, openTestStore, storeImages } from '../../test/support/storedImages.ts';
import type { Store } from '../store/index.ts';
import type { App } from './types.ts';

const A = 'docker.io/library/a';
const image = buildImage({ layers: [], created: '2024-02-01T00:00:00Z' });
const KEPT = ['strata/catalog.json', 'strata/listing.json'];

async function storeOfOne(): Promise<Store> {
  const store = await openTestStore();
  await storeImages(store, [image], [entryOf(image, { name: `${A}:1` })]);
  return store;
}

function open(store: Store): App {
  const app = createTestApp({ root: store.root });
  onTestFinished(() => app.close());
  return app;
}

const tagsOf = async (app: App): Promise<readonly string[]> => (await app.list()).flatMap(({ tags }) => tags);

/** So that what comes from the catalogue is told from what comes from index.json. */
async function renameInCatalog(store: Store): Promise<void> {
  const path = join(store.root, 'strata/catalog.json');
  const [head = '', body = ''] = (await readFile(path, 'utf8')).split('\n');
  const changed = body.replaceAll(A, 'docker.io/library/kept');
  const fields = JSON.parse(head) as object;
  await writeFile(path, `${JSON.stringify({ ...fields, crc32: crc32(changed) })}\n${changed}`);
}

describe('what a list of images keeps', () => {
  it('is read by the next process, and by the terminal', async () => {
    const store = await storeOfOne();
    const app = open(store);
    expect(await tagsOf(app)).toEqual([`${A}:1`]);
    await app.close();
    for (const file of KEPT) expect(existsSync(join(store.root, file)), file).toBe(true);
    await renameInCatalog(store);
    expect(await tagsOf(open(store))).toEqual(['docker.io/library/kept:1']);
    expect((await open(store).find('kept:1')).id).toBe(image.config.descriptor.digest);
  });

  it('is written after the list was given, and only when something has changed', async () => {
    const store = await storeOfOne();
    const app = open(store);
    await app.list();
    const path = join(store.root, 'strata/catalog.json');
    expect(existsSync(path)).toBe(false);
    await expect.poll(() => existsSync(path), { timeout: 5000 }).toBe(true);
    const { ino } = await stat(path);
    await app.list();
    await app.close();
    expect((await stat(path)).ino).toBe(ino);
  });

  it('gives way to index.json when that changes', async () => {
    const store = await storeOfOne();
    const app = open(store);
    await app.list();
    await app.tag('a:1', 'b');
    expect(await tagsOf(app)).toEqual([`${A}:1`, 'docker.io/library/b:latest']);
    await app.close();
    expect(await tagsOf(open(store))).toEqual([`${A}:1`, 'docker.io/library/b:latest']);
  });

  it('decides nothing about removal', async () => {
    const store = await storeOfOne();
    const first = open(store);
    await first.list();
    await first.close();
    await renameInCatalog(store);
    const app = open(store);
    expect(await tagsOf(app)).toEqual(['docker.io/library/kept:1']);
    await expect(app.remove('kept:1')).rejects.toThrow('No such image');
    expect((await app.planPrune({ all: true })).records).toContainEqual({ kind: 'untagged', name: 'a:1' });
    expect(await app.remove('a:1')).toHaveLength(2);
    expect(await tagsOf(app)).toEqual([]);
  });
});
