import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { writeLayerIndex } from './blobs.ts';
import type { RefEntry } from './indexDocument.ts';
import { openStore } from './openStore.ts';
import { openPartial } from './partial.ts';
import type { Store } from './store.ts';

const ROOM = JSON.stringify(new URL('index.ts', import.meta.url).href);
let root: string;
let store: Store;
let warnings: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'strata-sweep-'));
  warnings = [];
  store = await openStore(root, { logger: { ...silentLogger, warn: (text) => warnings.push(text) } });
});

afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

interface TestImage {
  entry: RefEntry;
  manifest: Digest;
  config: Digest;
  layers: Digest[];
  diffIds: Digest[];
}

/** Blobs of an image whose layers hold these texts; "shared" in two images is one layer. */
async function image(name: string, texts: readonly string[]): Promise<TestImage> {
  const diffIds = texts.map((text) => sha256(`unpacked ${text}`));
  const layers = await Promise.all(texts.map((text) => store.writeBlob(Buffer.from(text))));
  for (const diffId of diffIds) await writeLayerIndex(root, diffId, Buffer.from('index'));
  const config = await store.writeBlob(
    Buffer.from(JSON.stringify({ name, rootfs: { type: 'layers', diff_ids: diffIds } })),
  );
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest: config, size: 1 },
      layers: layers.map((digest) => ({ mediaType: OCI_LAYER, digest, size: 1 })),
    }),
  );
  const manifest = await store.writeBlob(bytes);
  const descriptor = { mediaType: OCI_MANIFEST, digest: manifest, size: bytes.length };
  return {
    entry: { name, manifest: descriptor, config, repoDigests: [] },
    manifest,
    config,
    layers,
    diffIds,
  };
}

const sweepOnly = async (): Promise<readonly Digest[]> =>
  (await store.update((entries) => entries, { sweep: true })).removedBlobs;

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function age(path: string, hours: number): Promise<void> {
  const then = new Date(Date.now() - hours * 3_600_000);
  await utimes(path, then, then);
}

describe('sweep', () => {
  it('removes an image that lost its entry, except what another one shares', async () => {
    const [a, b] = [await image('a', ['shared', 'only a']), await image('b', ['shared', 'only b'])];
    await store.update(() => [a.entry, b.entry]);
    expect(await sweepOnly()).toEqual([]);
    const { removedBlobs } = await store.update((entries) => entries.filter(({ name }) => name !== 'a'), {
      sweep: true,
    });
    expect([...removedBlobs].sort()).toEqual([a.manifest, a.config, a.layers[1]].sort());
    for (const digest of [b.manifest, b.config, ...b.layers]) expect(await store.hasBlob(digest)).toBe(true);
    const left = (await readdir(join(root, 'strata', 'layers'))).sort();
    expect(left).toEqual(b.diffIds.map((diffId) => `${diffId.slice(7)}.idx`).sort());
    expect(warnings).toEqual([]);
  });

  it('keeps an image while one of two tags is left', async () => {
    const a = await image('a', ['layer']);
    await store.update(() => [a.entry, { ...a.entry, name: 'other' }]);
    expect((await store.update(([first]) => (first ? [first] : []), { sweep: true })).removedBlobs).toEqual(
      [],
    );
    expect((await store.update(() => [], { sweep: true })).removedBlobs).toHaveLength(3);
    expect(await readdir(join(root, 'blobs', 'sha256'))).toEqual([]);
  });

  it('does without the derived cache, and is not led astray by a wrong one', async () => {
    const a = await image('a', ['layer']);
    await store.update(() => [a.entry], { sweep: true });
    const cache = join(root, 'strata', 'reach.json');
    for (const text of ['', 'null', '{"version":1,"values":{"x":{"blobs":7}}}']) {
      await writeFile(cache, text);
      expect(await sweepOnly()).toEqual([]);
    }
    await writeFile(
      cache,
      JSON.stringify({ version: 1, values: { [a.manifest]: { blobs: ['no'], diffIds: [] } } }),
    );
    expect(await sweepOnly()).toEqual([]);
    await rm(cache);
    expect(await sweepOnly()).toEqual([]);
    expect(await store.hasBlob(a.layers[0] ?? a.config)).toBe(true);
  });

  it('keeps what an index of another tool leads to, though a platform of it is absent', async () => {
    const a = await image('a', ['layer']);
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [
          a.entry.manifest,
          { mediaType: OCI_MANIFEST, digest: sha256('another platform'), size: 3 },
        ],
      }),
    );
    const digest = await store.writeBlob(bytes);
    const stray = await store.writeBlob(Buffer.from('stray'));
    await store.update(() => [
      { name: 'latest', manifest: { mediaType: OCI_INDEX, digest, size: bytes.length }, repoDigests: [] },
    ]);
    expect(await sweepOnly()).toEqual([stray]);
    expect(await readdir(join(root, 'strata', 'layers'))).toHaveLength(1);
  });

  it('removes nothing when a manifest cannot be read', async () => {
    const [a, b] = [await image('a', ['layer a']), await image('b', ['layer b'])];
    await store.update(() => [a.entry, b.entry]);
    await writeFile(store.blobPath(b.manifest), '{}');
    const { removedBlobs } = await store.update(([, second]) => (second ? [second] : []), { sweep: true });
    expect(removedBlobs).toEqual([]);
    expect(await store.hasBlob(a.manifest)).toBe(true);
    expect(warnings.join()).toContain('no blob was swept');
    expect(await store.entries()).toHaveLength(1);
  });

  it('keeps all layer indexes when a configuration cannot be read', async () => {
    const [a, b] = [await image('a', ['layer a']), await image('b', ['layer b'])];
    await store.update(() => [a.entry, b.entry]);
    await rm(store.blobPath(b.config));
    expect(
      (await store.update(([, second]) => (second ? [second] : []), { sweep: true })).removedBlobs,
    ).toHaveLength(3);
    expect(await readdir(join(root, 'strata', 'layers'))).toHaveLength(2);
  });

  it('leaves an artifact that is no JSON alone', async () => {
    const digest = await store.writeBlob(Buffer.from([1, 2, 3]));
    const stray = await store.writeBlob(Buffer.from('stray'));
    await store.update(() => [
      { manifest: { mediaType: 'application/x-own', digest, size: 3 }, repoDigests: [] },
    ]);
    expect(await sweepOnly()).toEqual([stray]);
  });

  it('spares what a living process holds, until it dies', async () => {
    const diffId = sha256('unpacked');
    const digest = sha256('held by a child');
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { openStore, writeLayerIndex } from ${ROOM};
         const root = ${JSON.stringify(root)};
         const store = await openStore(root, { logger: new Proxy({}, { get: () => () => {} }) });
         const lease = await store.lease({ kind: 'pull', name: 'x' });
         await lease.protect(['${digest}', '${diffId}']);
         await store.writeBlob(Buffer.from('held by a child'));
         await writeLayerIndex(root, '${diffId}', Buffer.from('index'));
         console.log('held'); setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    const stray = await store.writeBlob(Buffer.from('stray'));
    expect(await sweepOnly()).toEqual([stray]);
    expect(await exists(store.layerIndexPath(diffId))).toBe(true);
    expect(await store.activeLeases()).toMatchObject([{ name: 'x', pid: child.pid, own: false }]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await store.activeLeases()).toEqual([]);
    expect(await sweepOnly()).toEqual([digest]);
    expect(await exists(store.layerIndexPath(diffId))).toBe(false);
    expect(await readdir(join(root, 'strata', 'leases'))).toEqual([]);
  });

  it('removes nothing while a live lease cannot be read', async () => {
    const lease = await store.lease({ kind: 'pull', name: 'x' });
    const stray = await store.writeBlob(Buffer.from('stray'));
    const file = join(root, 'strata', 'leases', `${lease.info.id}.json`);
    await writeFile(file, '{"id":"another"}');
    expect(await sweepOnly()).toEqual([]);
    await lease.release();
    expect(await sweepOnly()).toEqual([stray]);
  });

  it('clears old leavings and spares young ones', async () => {
    const [oldTemp, newTemp] = [join(root, '.tmp-index.json-1'), join(root, 'strata', '.tmp-x-2')];
    await writeFile(oldTemp, '');
    await writeFile(newTemp, '');
    await age(oldTemp, 2);
    const partials = join(root, 'strata', 'partial');
    const [old, young, complete, held] = ['old', 'young', 'complete', 'held'].map(sha256) as [
      Digest,
      Digest,
      Digest,
      Digest,
    ];
    for (const digest of [old, young, complete]) await writeFile(join(partials, digest.slice(7)), 'bytes');
    await writeFile(join(partials, `${young.slice(7)}.lock`), '');
    const holder = await openPartial(root, held);
    if (holder === 'complete') throw new Error('unexpected');
    await holder.handle.write('bytes', 0);
    await age(join(partials, old.slice(7)), 24 * 8);
    await age(join(partials, held.slice(7)), 24 * 8);
    const lease = await store.lease({ kind: 'pull', name: 'x', digests: [complete] });
    await store.writeBlob(Buffer.from('complete'));
    await sweepOnly();
    expect(await exists(oldTemp)).toBe(false);
    expect(await exists(newTemp)).toBe(true);
    expect((await readdir(partials)).sort()).toEqual(
      [young.slice(7), held.slice(7), `${held.slice(7)}.lock`].sort(),
    );
    await lease.release();
    await holder.close();
  });
});

describe('leases', () => {
  it('show what is under way, and go', async () => {
    const layer = { digest: sha256('layer'), size: 9 };
    const lease = await store.lease({ kind: 'pull', name: 'docker.io/library/a:latest', layers: [layer] });
    await lease.update({ layers: [layer, layer] });
    await lease.protect([sha256('p')]);
    expect(await store.activeLeases()).toEqual([
      { ...lease.info, own: true, digests: [sha256('p')], layers: [layer, layer], pid: process.pid },
    ]);
    await lease.release();
    await lease.release();
    await lease.update({ name: 'late' });
    expect(await store.activeLeases()).toEqual([]);
    expect(await readdir(join(root, 'strata', 'leases'))).toEqual([]);
  });

  it('are released when the store closes', async () => {
    await store.lease({ kind: 'pull', name: 'a' });
    await store.close();
    expect(await store.activeLeases()).toEqual([]);
  });

  it('never let a sweep take what was protected and then found', async () => {
    const lease = await store.lease({ kind: 'pull', name: 'a' });
    for (let i = 0; i < 30; i++) {
      const digest = await store.writeBlob(Buffer.from(`blob ${i}`));
      const swept = sweepOnly();
      await lease.protect([digest]);
      const found = await store.hasBlob(digest);
      await swept;
      expect(await store.hasBlob(digest)).toBe(found);
    }
    await lease.release();
  });
});
