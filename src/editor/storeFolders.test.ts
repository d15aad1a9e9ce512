import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isFree, isStore } from './storeFolders.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-folders-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

it('takes an absent, an empty and a new disk for free', async () => {
  expect(await isFree(join(folder, 'absent'))).toBe(true);
  expect(await isFree(folder)).toBe(true);
  await mkdir(join(folder, 'lost+found'));
  expect(await isFree(folder)).toBe(true);
  expect(await isStore(folder)).toBe(false);
});

it('knows a store, and a folder of somebody else', async () => {
  await writeFile(join(folder, 'letter.txt'), '');
  expect([await isFree(folder), await isStore(folder)]).toEqual([false, false]);
  await writeFile(join(folder, 'oci-layout'), '{}');
  expect([await isFree(folder), await isStore(folder)]).toEqual([false, true]);
});
