import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import { openStore } from './openStore.ts';
import { openPartial, partialBytes } from './partial.ts';
import type { PartialBlob } from './partial.ts';
import type { Store } from './store.ts';

const ROOM = JSON.stringify(new URL('index.ts', import.meta.url).href);
const content = Buffer.from('the whole blob');
const digest = sha256(content);
let root: string;
let store: Store;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'strata-partial-'));
  store = await openStore(root, { logger: silentLogger });
});

afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

async function begin(): Promise<PartialBlob> {
  const partial = await openPartial(root, digest);
  if (partial === 'complete') throw new Error('the store has it');
  return partial;
}

const inPartial = (): Promise<string[]> => readdir(join(root, 'strata', 'partial'));

describe('openPartial', () => {
  it('goes from nothing to a blob and leaves nothing beside it', async () => {
    const partial = await begin();
    expect(partial.size).toBe(0);
    await partial.handle.write(content, 0, content.length, 0);
    expect(await store.hasBlob(digest)).toBe(false);
    expect(await partialBytes(root, digest)).toBe(content.length);
    await partial.commit(content.length);
    expect((await store.readBlob(digest, 100)).toString()).toBe('the whole blob');
    expect(await inPartial()).toEqual([]);
    expect(await openPartial(root, digest)).toBe('complete');
    await partial.close();
  });

  it('keeps bytes for the next one, who may forget them', async () => {
    const first = await begin();
    await first.handle.write(content, 0, 5, 0);
    await first.close();
    expect(await inPartial()).toEqual([digest.slice(7)]);
    const second = await begin();
    expect(second.size).toBe(5);
    await second.handle.write(content, 5, content.length - 5, 5);
    expect(await readFile(second.path, 'utf8')).toBe('the whole blob');
    await second.discard();
    expect(await partialBytes(root, digest)).toBe(0);
    await second.close();
    expect(await inPartial()).toEqual([]);
  });

  it('refuses to commit another size than was verified', async () => {
    const partial = await begin();
    await partial.handle.write(content, 0, 5, 0);
    await expect(partial.commit(content.length)).rejects.toMatchObject({ code: 'size-mismatch' });
    expect(await store.hasBlob(digest)).toBe(false);
    const next = await begin();
    expect(next.size).toBe(5);
    await next.close();
  });

  it('replaces a blob of the wrong size', async () => {
    await writeFile(store.blobPath(digest), 'cut');
    expect(await openPartial(root, digest)).toBe('complete');
    const partial = await openPartial(root, digest, { size: content.length });
    if (partial === 'complete') throw new Error('it took the wrong one');
    await partial.handle.write(content, 0, content.length, 0);
    await partial.commit(content.length);
    expect(await store.hasBlob(digest, content.length)).toBe(true);
  });

  it('lets a second pull wait and then find the blob complete', async () => {
    const partial = await begin();
    let waited = 0;
    const second = openPartial(root, digest, { onWait: () => waited++ });
    await sleep(30);
    await partial.handle.write(content, 0, content.length, 0);
    await partial.commit(content.length);
    expect(await second).toBe('complete');
    expect(waited).toBe(1);
    expect(await inPartial()).toEqual([]);
  });

  it('stops waiting when it is cancelled', async () => {
    const partial = await begin();
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const second = openPartial(root, digest, {
      signal: controller.signal,
      onWait: () => controller.abort(reason),
    });
    await expect(second).rejects.toBe(reason);
    await partial.close();
  });

  it('goes on from what a killed process left, and never lets two write', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { openPartial } from ${ROOM};
         const partial = await openPartial(${JSON.stringify(root)}, '${digest}');
         await partial.handle.write('the wh', 0);
         console.log('written'); setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    const signal = AbortSignal.timeout(80);
    await expect(openPartial(root, digest, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    child.kill('SIGKILL');
    const partial = await begin();
    expect(partial.size).toBe(6);
    await partial.close();
    expect(await inPartial()).toEqual([digest.slice(7)]);
  });

  it('tells what is wrong when the store is gone', async () => {
    await rm(root, { recursive: true });
    await expect(openPartial(root, digest)).rejects.toMatchObject({ code: 'store-unwritable' });
  });
});
