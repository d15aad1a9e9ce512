import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import { DISK_RESERVE_BYTES } from '../../src/base/limits.ts';
import { strata } from '../support/cli.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import { blobs, createGate, stallAfter } from '../support/registry/index.ts';
import { mountSmallDisk } from '../support/smallDisk.ts';
import type { SmallDisk } from '../support/smallDisk.ts';

/** Stores on a disk that is full or that cannot be written: a real file system of its own, mounted by root. */

const MiB = 1024 * 1024;

let world: PullWorld;
let disk: SmallDisk;
let root: string;
let app: App;

beforeEach(async () => {
  world = await createPullWorld();
  disk = await mountSmallDisk(join(world.folder, 'disk'), DISK_RESERVE_BYTES + 16 * MiB);
  root = join(disk.path, 'store');
  app = world.open({ root });
});
afterEach(async () => {
  await app.close();
  await disk.close();
  await world.close();
});

const requestsForBlobs = (): number =>
  world.registry.requests.filter(({ path }) => /\/blobs\//.test(path)).length;

describe('a full disk', () => {
  it('is seen before a layer is fetched', async () => {
    const image = noisyImage([12 * MiB, 12 * MiB]);
    const name = await world.push('too/big', image);
    const needed = image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: 'disk-full',
      params: { path: root, needed },
    });
    // The configuration alone.
    expect(requestsForBlobs()).toBe(1);
    expect(await app.list({ all: true })).toEqual([]);
    const { code, stderr } = await strata(['pull', name], { root });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error response from daemon: not enough space on the disk of .*: \d+ bytes needed, \d+ free\nHint: /,
    );
  });

  it('in mid-pull keeps the bytes for the next pull, and the images that are there', async () => {
    const first = noisyImage([10_000]);
    const firstName = await world.push('first/image', first);
    await app.pull({ name: firstName });
    const image = noisyImage([3 * MiB, 5 * MiB]);
    const big = image.layers[1]?.descriptor ?? image.manifest.descriptor;
    const name = await world.push('second/image', image);
    const gate = createGate();
    const stall = world.registry.faults.add({
      match: blobs(big.digest),
      action: stallAfter(2 * MiB, gate.opened),
    });
    const outcome = expect(app.pull({ name })).rejects.toMatchObject({ code: 'disk-full' });
    const partial = join(root, 'strata/partial', big.digest.slice(7));
    const size = (): Promise<number> =>
      stat(partial).then(
        (stats) => stats.size,
        () => 0,
      );
    await expect.poll(size, { timeout: 20_000 }).toBeGreaterThanOrEqual(MiB);
    await expect.poll(() => world.fetchesOf(big.digest)[0]?.bytesSent, { timeout: 20_000 }).toBe(2 * MiB);
    await disk.fill();
    gate.open();
    await outcome;
    expect((await app.list()).map(({ id }) => id)).toEqual([first.config.descriptor.digest]);
    // With the disk still full: what is there can be read and told apart, and nothing is damaged by trying.
    await expect(app.pull({ name })).rejects.toMatchObject({ code: 'disk-full' });
    expect(await world.open({ root }).list()).toHaveLength(1);
    const shown = await strata(['images', '-q'], { root });
    expect(shown).toEqual({
      code: 0,
      stdout: `${first.config.descriptor.digest.slice(7, 19)}\n`,
      stderr: '',
    });
    const here = await size();
    expect(here).toBeGreaterThanOrEqual(MiB);

    await disk.drain();
    stall.remove();
    world.registry.requests.length = 0;
    await app.pull({ name });
    expect(world.fetchesOf(big.digest)).toEqual([
      { range: `bytes=${here}-`, status: 206, bytesSent: big.size - here },
    ]);
    expect(await app.list()).toHaveLength(2);
  });

  it('does not keep anybody from removing images', async () => {
    const name = await world.push('to/remove', noisyImage([MiB]));
    await app.pull({ name });
    await disk.fill();
    const removed = await app.remove(name).catch((error: unknown) => error);
    if (removed instanceof Error) expect(removed).toMatchObject({ code: 'disk-full' });
    await disk.drain();
    // Either it is gone or it is whole.
    const left = await world.open({ root }).list();
    expect(left).toHaveLength(removed instanceof Error ? 1 : 0);
  });
});

describe('a store that cannot be written', () => {
  it('is read, and says so where it would have to be written', async () => {
    const image = noisyImage([50_000]);
    const name = await world.push('read/only', image);
    await app.pull({ name });
    const listed = await app.list();
    const index = await readFile(join(root, 'index.json'), 'utf8');
    await app.close();
    await disk.readOnly(true);
    const reader = world.open({ root });
    expect(await reader.list()).toEqual(listed);
    expect((await reader.inspect(name)).Id).toBe(image.config.descriptor.digest);
    expect(await reader.history(name)).toHaveLength(1);
    const other = await world.push('other/image', noisyImage([60_000]));
    for (const attempt of [
      () => reader.pull({ name: other }),
      () => reader.pull({ name }),
      () => reader.remove(name),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'store-unwritable' });
    }
    expect(requestsForBlobs()).toBe(0);
    const { code, stdout, stderr } = await strata(['rmi', name], { root });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^Error response from daemon: cannot write to the store at .*: the file system is read-only\nHint: /,
    );
    expect(await readFile(join(root, 'index.json'), 'utf8')).toBe(index);
    await reader.close();
    await disk.readOnly(false);
    await world.open({ root }).remove(name);
  });

  it('cannot be made there either', async () => {
    await disk.readOnly(true);
    await expect(app.list()).rejects.toMatchObject({ code: 'store-unwritable' });
    await disk.readOnly(false);
    // The next that asks finds the disk as it is now.
    expect(await app.list()).toEqual([]);
  });
});
