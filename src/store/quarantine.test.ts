import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import { openStore } from './openStore.ts';
import { giveUpMissing, inodeOf, isGivenUp, quarantineBlob } from './quarantine.ts';
import type { Store } from './store.ts';

const digest = sha256('right');

async function storeWithWrongBlob(): Promise<Store> {
  const root = await mkdtemp(join(tmpdir(), 'strata-quarantine-'));
  const store = await openStore(root, { logger: silentLogger });
  onTestFinished(async () => {
    await store.close();
    await rm(root, { recursive: true });
  });
  await writeFile(store.blobPath(digest), 'wrong');
  return store;
}

it('moves the blob, so that the store lacks it', async () => {
  const store = await storeWithWrongBlob();
  expect(await isGivenUp(store.root, digest)).toBe(false);
  const path = await quarantineBlob(store.root, digest, (await inodeOf(store.blobPath(digest))) ?? '');
  expect(await readFile(path ?? '', 'utf8')).toBe('wrong');
  expect(await store.hasBlob(digest)).toBe(false);
  expect(await isGivenUp(store.root, digest)).toBe(true);
});

it('leaves what has come in its place since', async () => {
  const store = await storeWithWrongBlob();
  const path = store.blobPath(digest);
  const inode = (await inodeOf(path)) ?? '';
  await writeFile(`${path}.new`, 'right');
  await rename(`${path}.new`, path);
  expect(await quarantineBlob(store.root, digest, inode)).toBeUndefined();
  expect(await readFile(path, 'utf8')).toBe('right');
  await rm(path);
  expect(await quarantineBlob(store.root, digest, inode)).toBeUndefined();
  expect(await isGivenUp(store.root, digest)).toBe(false);
});

it('never takes away what writers put there meanwhile', async () => {
  const store = await storeWithWrongBlob();
  const path = store.blobPath(digest);
  for (let i = 0; i < 50; i++) {
    await writeFile(path, 'wrong');
    const inode = (await inodeOf(path)) ?? '';
    const writer = writeFile(`${path}.new`, 'right').then(() => rename(`${path}.new`, path));
    await Promise.all([quarantineBlob(store.root, digest, inode), writer]);
    expect(await readFile(path, 'utf8')).toBe('right');
  }
});

it('notes what is missing, as often as it is asked to', async () => {
  const { root } = await storeWithWrongBlob();
  await giveUpMissing(root, digest);
  await giveUpMissing(root, digest);
  expect(await isGivenUp(root, digest)).toBe(true);
});
