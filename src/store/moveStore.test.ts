import { existsSync, statSync } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import { OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { moveStore } from './moveStore.ts';
import { openStore } from './openStore.ts';
import type { Store } from './store.ts';

let folder: string;
let from: string;
let to: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-move-'));
  from = join(folder, 'from');
  to = join(folder, 'below', 'to');
  store = await openStore(from, { logger: silentLogger });
  const digest = await store.writeBlob(Buffer.from('a manifest'));
  const manifest = { mediaType: OCI_MANIFEST, digest, size: 10 };
  await store.update(() => [{ name: 'a', manifest, repoDigests: [] }]);
  await writeFile(join(from, 'strata', 'partial', sha256('p').slice(7)), 'unfinished');
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function expectMoved(path: string): Promise<void> {
  const moved = await openStore(path, { logger: silentLogger });
  expect((await moved.entries()).map(({ name }) => name)).toEqual(['a']);
  expect((await moved.readBlob(sha256('a manifest'), 100)).toString()).toBe('a manifest');
  const partial = join(path, 'strata', 'partial', sha256('p').slice(7));
  expect(await readFile(partial, 'utf8')).toBe('unfinished');
  await expect(access(from)).rejects.toThrow('ENOENT');
  await moved.close();
}

/** Another disk than the temporary folder's, if this machine has one. */
const otherDisk = '/dev/shm';
const hasOtherDisk = existsSync(otherDisk) && statSync(otherDisk).dev !== statSync(tmpdir()).dev;

describe('moveStore', () => {
  it('renames on one disk, and the old place takes no more writes', async () => {
    expect(await moveStore(from, to)).toEqual({ sourceRemoved: true });
    await expectMoved(to);
    await expect(store.update(() => [])).rejects.toMatchObject({ code: 'store-unwritable' });
    await expect(store.lease({ kind: 'pull', name: 'x' })).rejects.toMatchObject({
      code: 'store-unwritable',
    });
    await expect(access(from)).rejects.toThrow('ENOENT');
  });

  it('takes an empty folder, and copies where it cannot rename', async () => {
    await mkdir(to, { recursive: true });
    await writeFile(join(to, '.DS_Store'), 'the Finder was here');
    const steps: number[] = [];
    const result = await moveStore(from, to, {
      onProgress: ({ copied, total }) => steps.push(copied / total),
    });
    expect(result).toEqual({ sourceRemoved: true });
    expect(steps.at(-1)).toBe(1);
    await expectMoved(to);
    expect(await readdir(join(to, 'strata', 'partial'))).toHaveLength(1);
  });

  it.runIf(hasOtherDisk)('copies to another disk, verified, with the mode of the root', async () => {
    const other = await mkdtemp(join(otherDisk, 'strata-move-'));
    try {
      await chmod(from, 0o750);
      const big = Buffer.alloc(2_500_000, 'strata ');
      await store.writeBlob(big);
      expect(await moveStore(from, join(other, 'to'))).toEqual({ sourceRemoved: true });
      await expectMoved(join(other, 'to'));
      const copy = join(other, 'to', 'blobs', 'sha256', sha256(big).slice(7));
      expect(big.equals(await readFile(copy))).toBe(true);
      expect((await stat(join(other, 'to'))).mode & 0o777).toBe(0o750);
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });

  it('leaves nothing in the new place and all in the old when it is cancelled', async () => {
    await mkdir(to, { recursive: true });
    await writeFile(join(to, '.DS_Store'), '');
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const moving = moveStore(from, to, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(moving).rejects.toBe(reason);
    expect(await readdir(to)).toEqual(['.DS_Store']);
    expect(await store.entries()).toHaveLength(1);
    await store.update((entries) => entries.slice(1));
  });

  it('refuses targets that cannot be', async () => {
    const invalid = { code: 'store-folder-invalid' };
    await mkdir(to, { recursive: true });
    await writeFile(join(to, 'thesis.txt'), 'mine');
    await expect(moveStore(from, to)).rejects.toMatchObject(invalid);
    await expect(moveStore(from, from)).rejects.toMatchObject(invalid);
    await expect(moveStore(from, join(from, 'blobs', 'x'))).rejects.toMatchObject(invalid);
    await expect(moveStore(from, folder)).rejects.toMatchObject(invalid);
    await expect(moveStore(join(folder, 'none'), to)).rejects.toMatchObject(invalid);
    expect(await readdir(to)).toEqual(['thesis.txt']);
    expect(await store.entries()).toHaveLength(1);
  });

  it('waits for no pull, but says that one is under way', async () => {
    const lease = await store.lease({ kind: 'pull', name: 'docker.io/library/a:latest' });
    await expect(moveStore(from, to)).rejects.toMatchObject({ code: 'store-busy' });
    await lease.release();
    await moveStore(from, to);
    await expectMoved(to);
  });
});
