import { afterAll, beforeAll } from 'vitest';
import { tempFolder } from '../tempFolder.ts';
import type { TempFolder } from '../tempFolder.ts';
import { registryContract } from './contract.ts';
import { startRegistry } from './index.ts';

let folder: TempFolder;
beforeAll(async () => {
  folder = await tempFolder();
});
afterAll(() => folder.remove());

registryContract('our registry in memory', () => startRegistry());
registryContract('our registry in a folder', () => startRegistry({ root: folder.path }));
