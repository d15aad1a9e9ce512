import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { openStore } from './openStore.ts';
import type { RefEntry } from './indexDocument.ts';
import type { Store } from './store.ts';

const ROOM = JSON.stringify(new URL('index.ts', import.meta.url).href);
let folder: string;
let root: string;
const stores: Store[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-store-'));
  root = join(folder, 'store');
});

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await rm(folder, { recursive: true, force: true });
});

async function open(path = root): Promise<Store> {
  const store = await openStore(path, { logger: silentLogger });
  stores.push(store);
  return store;
}

function entry(name: string): RefEntry {
  const manifest = { mediaType: OCI_MANIFEST, digest: sha256(name), size: 7 };
  return { name, manifest, config: sha256(`config of ${name}`), repoDigests: [] };
}

const names = (entries: readonly RefEntry[]): (string | undefined)[] => entries.map(({ name }) => name);

describe('openStore', () => {
  it('makes an OCI layout of an absent folder, private by default', async () => {
    const store = await open();
    expect(JSON.parse(await readFile(join(root, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    });
    expect(JSON.parse(await readFile(join(root, 'index.json'), 'utf8'))).toEqual({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [],
    });
    expect((await readdir(root)).sort()).toEqual(['blobs', 'index.json', 'oci-layout', 'strata']);
    if (process.platform !== 'win32') expect((await stat(root)).mode & 0o777).toBe(0o700);
    expect(await store.entries()).toEqual([]);
    expect(await store.freeBytes()).toBeGreaterThan(0);
  });

  it('keeps the mode of a folder that is there, and opens it twice', async () => {
    await mkdir(root);
    await chmod(root, 0o755);
    await (await open()).update(() => [entry('a')]);
    expect(names(await (await open()).entries())).toEqual(['a']);
    if (process.platform !== 'win32') expect((await stat(root)).mode & 0o777).toBe(0o755);
  });

  it('refuses a folder of something else and touches nothing', async () => {
    await mkdir(root);
    await writeFile(join(root, 'thesis.txt'), 'mine');
    await expect(open()).rejects.toMatchObject({ code: 'store-folder-invalid' });
    expect(await readdir(root)).toEqual(['thesis.txt']);
  });

  it('refuses a layout of a version it does not know', async () => {
    await mkdir(root);
    await writeFile(join(root, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}');
    await expect(open()).rejects.toMatchObject({ code: 'store-corrupt' });
    await writeFile(join(root, 'oci-layout'), '{');
    await expect(open()).rejects.toMatchObject({ code: 'store-corrupt' });
    expect(await readdir(root)).toEqual(['oci-layout']);
  });

  it('does not take a lost index.json for an empty store', async () => {
    const store = await open();
    await store.writeBlob(Buffer.from('something'));
    await rm(join(root, 'index.json'));
    await expect(open()).rejects.toMatchObject({ code: 'store-corrupt' });
    await expect(store.update(() => [entry('a')], { sweep: true })).rejects.toMatchObject({
      code: 'store-unreadable',
    });
    expect(await store.hasBlob(sha256('something'))).toBe(true);
  });

  it('is made once by many that open it at the same time', async () => {
    const children = [1, 2, 3].map((n) =>
      strata(`const store = await openStore(root, { logger });
              await store.update((entries) => [...entries, entry('n${n}')]);`),
    );
    await Promise.all(children);
    expect(names(await (await open()).entries()).sort()).toEqual(['n1', 'n2', 'n3']);
  });

  it('names what cannot be a folder', async () => {
    await writeFile(root, 'a file');
    await expect(open(join(root, 'below'))).rejects.toMatchObject({ code: 'store-unwritable' });
  });
});

describe('index.json under update', () => {
  it('writes nothing when the entries come back as they are', async () => {
    const store = await open();
    await store.update(() => [entry('a')]);
    const before = await stat(join(root, 'index.json'), { bigint: true });
    const { entries } = await store.update((same) => same);
    expect(entries).toBe(await store.entries());
    expect((await stat(join(root, 'index.json'), { bigint: true })).ino).toBe(before.ino);
  });

  it('leaves everything as it was when the change throws', async () => {
    const store = await open();
    await store.update(() => [entry('a')]);
    const failure = new Error('no');
    await expect(
      store.update(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(names((await store.update((entries) => [...entries, entry('b')])).entries)).toEqual(['a', 'b']);
  });

  it('never loses the unknown fields of an entry that another tool wrote', async () => {
    const store = await open();
    const foreign = {
      mediaType: OCI_INDEX,
      digest: sha256('foreign'),
      size: 5,
      'x-future': { kept: [true] },
      annotations: { 'org.opencontainers.image.ref.name': 'latest', 'org.example': 'yes' },
    };
    await writeFile(
      join(root, 'index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [foreign], 'x-top': 1 }),
    );
    await store.update((entries) => [...entries, entry('docker.io/library/a:latest')]);
    await store.update((entries) => entries.filter(({ name }) => name !== 'docker.io/library/a:latest'));
    await store.update((entries) => [entry('docker.io/library/b:latest'), ...entries]);
    const document: unknown = JSON.parse(await readFile(join(root, 'index.json'), 'utf8'));
    expect(document).toMatchObject({ schemaVersion: 2, 'x-top': 1 });
    expect((document as { manifests: unknown[] }).manifests[1]).toEqual(foreign);
  });

  it('overwrites nothing when index.json is damaged', async () => {
    const store = await open();
    await writeFile(join(root, 'index.json'), '{"schemaVersion":2,"manifests":[{"dig');
    await expect(store.entries()).rejects.toMatchObject({ code: 'store-corrupt' });
    await expect(store.update(() => [entry('a')])).rejects.toMatchObject({ code: 'store-corrupt' });
    expect(await readFile(join(root, 'index.json'), 'utf8')).toBe('{"schemaVersion":2,"manifests":[{"dig');
  });

  it('reads again when another tool is caught in the middle of writing', async () => {
    const store = await open();
    const whole = JSON.stringify({ schemaVersion: 2, manifests: [] });
    await writeFile(join(root, 'index.json'), whole.slice(0, 20));
    const reading = store.entries();
    await sleep(20);
    await writeFile(join(root, 'index.json'), whole);
    expect(await reading).toEqual([]);
  });

  it('loses no update of eight processes', async () => {
    await open();
    const writers = Array.from({ length: 8 }, (_, writer) =>
      strata(`const store = await openStore(root, { logger });
              for (let i = 0; i < 20; i++)
                await store.update((entries) => [...entries, entry('w${writer}-' + i)]);`),
    );
    await Promise.all(writers);
    const all = names(await (await open()).entries());
    expect(all).toHaveLength(160);
    expect(new Set(all).size).toBe(160);
    for (let writer = 0; writer < 8; writer++) {
      const own = all.filter((name) => name?.startsWith(`w${writer}-`));
      expect(own).toEqual(Array.from({ length: 20 }, (_, i) => `w${writer}-${i}`));
    }
  }, 60_000);

  it('survives writers that are killed', async () => {
    const store = await open();
    for (const after of [20, 60, 110, 170]) {
      const child = node(`const store = await openStore(root, { logger });
        console.log('ready');
        for (let i = 0; ; i++) await store.update((entries) => [...entries, entry('k${after}-' + i)]);`);
      await once(child.stdout, 'data');
      await sleep(after);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const count = (await store.entries()).length;
      expect(names((await store.update((entries) => [...entries, entry('mine')])).entries)).toHaveLength(
        count + 1,
      );
    }
  }, 30_000);

  it('waits for the lock only as long as its signal allows', async () => {
    const store = await open();
    const child =
      node(`import { acquireLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
      await acquireLock(root + '/strata/lock'); console.log('held'); setInterval(() => {}, 1000);`);
    await once(child.stdout, 'data');
    const reason = new Error('cancelled');
    const controller = new AbortController();
    let waited = false;
    const update = store.update((entries) => entries, {
      signal: controller.signal,
      onWait: () => {
        waited = true;
        controller.abort(reason);
      },
    });
    await expect(update).rejects.toBe(reason);
    expect(waited).toBe(true);
    child.kill('SIGKILL');
    await store.update((entries) => [...entries, entry('a')]);
  });
});

describe('blobs', () => {
  it('writes and reads small blobs, verified', async () => {
    const store = await open();
    const digest = await store.writeBlob(Buffer.from('hello'));
    expect(digest).toBe(sha256('hello'));
    expect((await store.readBlob(digest, 5)).toString()).toBe('hello');
    await expect(store.readBlob(digest, 4)).rejects.toMatchObject({ code: 'too-large' });
    await expect(store.readBlob(sha256('absent'), 5)).rejects.toMatchObject({ code: 'blob-missing' });
    expect(await store.hasBlob(digest)).toBe(true);
    expect(await store.hasBlob(digest, 6)).toBe(false);
    expect(await readdir(join(root, 'blobs', 'sha256'))).toEqual([digest.slice(7)]);
  });

  it('finds damage and mends it', async () => {
    const store = await open();
    const digest = await store.writeBlob(Buffer.from('hello'));
    await writeFile(store.blobPath(digest), 'jello');
    await expect(store.readBlob(digest, 5)).rejects.toMatchObject({ code: 'digest-mismatch' });
    await store.writeBlob(Buffer.from('hello'));
    expect((await store.readBlob(digest, 5)).toString()).toBe('hello');
  });

  it('makes derived folders again, but not a store that is gone', async () => {
    const store = await open();
    await rm(join(root, 'strata'), { recursive: true });
    await store.writeSummaries(1, new Map([['a', 1]]));
    await store.writeBlob(Buffer.from('x'));
    await rm(root, { recursive: true });
    await expect(store.writeBlob(Buffer.from('y'))).rejects.toMatchObject({ code: 'store-unwritable' });
    await expect(store.update(() => [])).rejects.toMatchObject({ code: 'store-unwritable' });
    await expect(stat(root)).rejects.toThrow('ENOENT');
  });
});

describe('summaries', () => {
  it('come back until they are damaged or of another version', async () => {
    const store = await open();
    expect((await store.readSummaries(3)).size).toBe(0);
    await store.writeSummaries(3, new Map([[sha256('m'), { size: 12 }]]));
    expect(await store.readSummaries(3)).toEqual(new Map([[sha256('m'), { size: 12 }]]));
    expect((await store.readSummaries(4)).size).toBe(0);
    await writeFile(join(root, 'strata', 'summaries.json'), '{"version":3,"val');
    expect((await store.readSummaries(3)).size).toBe(0);
    await writeFile(join(root, 'strata', 'summaries.json'), 'null');
    expect((await store.readSummaries(3)).size).toBe(0);
  });
});

/** A Node process with `openStore`, `root`, `logger` and `entry` at hand. */
function node(source: string): ReturnType<typeof spawnNode> {
  return spawnNode(`import { openStore } from ${ROOM};
    const root = ${JSON.stringify(root)};
    const logger = new Proxy({}, { get: () => () => {} });
    const entry = (name) => ({ name, repoDigests: [],
      manifest: { mediaType: ${JSON.stringify(OCI_MANIFEST)}, digest: ${JSON.stringify(sha256('x'))}, size: 7 } });
    ${source}`);
}

function spawnNode(text: string) {
  return spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function strata(source: string): Promise<void> {
  expect((await once(node(source), 'exit'))[0]).toBe(0);
}
