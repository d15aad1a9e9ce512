import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import { OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { openStore } from './openStore.ts';
import type { RefEntry } from './indexDocument.ts';
import type { Store } from './store.ts';

const ROOM = JSON.stringify(new URL('index.ts', import.meta.url).href);
let root: string;
let store: Store;
let warnings: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'strata-watch-'));
  warnings = [];
  store = await openStore(root, { logger: { ...silentLogger, warn: (text) => warnings.push(text) } });
});

afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

const entry = (name: string): RefEntry => ({
  name,
  manifest: { mediaType: OCI_MANIFEST, digest: sha256(name), size: 1 },
  repoDigests: [],
});

function node(source: string) {
  const text = `import { openStore } from ${ROOM};
    const root = ${JSON.stringify(root)};
    const store = await openStore(root, { logger: new Proxy({}, { get: () => () => {} }) });
    ${source}`;
  return spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Changes heard since the last call of `heard`, once things are quiet. */
function listen(): { heard: () => Promise<number>; stop: () => void } {
  let count = 0;
  const subscription = store.onDidChange(() => count++);
  return {
    heard: async () => {
      await sleep(250);
      const result = count;
      count = 0;
      return result;
    },
    stop: () => subscription.dispose(),
  };
}

describe('onDidChange', () => {
  it('hears every change of another process, after many renames too', async () => {
    const child = node(`
      const manifest = { mediaType: '${OCI_MANIFEST}', digest: '${sha256('x')}', size: 1 };
      console.log('ready');
      for (let i = 0; i < 5; i++) {
        await new Promise((done) => setTimeout(done, 250));
        await store.update((entries) => [...entries, { name: 'n' + i, manifest, repoDigests: [] }]);
      }`);
    const lengths: number[] = [];
    await once(child.stdout, 'data');
    store.onDidChange(() => void store.entries().then((entries) => lengths.push(entries.length)));
    await once(child, 'exit');
    await vi.waitFor(() => expect(lengths).toEqual([1, 2, 3, 4, 5]), 2000);
    expect(warnings).toEqual([]);
  });

  it('hears our own changes once, and nothing when nothing changes', async () => {
    const { heard, stop } = listen();
    await store.update(() => [entry('a')]);
    expect(await heard()).toBe(1);
    await store.update((entries) => entries);
    expect(await heard()).toBe(0);
    await store.writeSummaries(1, new Map());
    await store.writeBlob(Buffer.from('x'));
    expect(await heard()).toBe(0);
    stop();
    await store.update(() => []);
    expect(await heard()).toBe(0);
  });

  it('hears leases come, change and go', async () => {
    const { heard } = listen();
    const lease = await store.lease({ kind: 'pull', name: 'a' });
    expect(await heard()).toBeGreaterThanOrEqual(1);
    await lease.update({ name: 'b' });
    expect(await heard()).toBe(1);
    await lease.release();
    expect(await heard()).toBeGreaterThanOrEqual(1);
    expect(await heard()).toBe(0);
  });

  it('notices within seconds that the owner of a lease was killed', async () => {
    const child = node(`await store.lease({ kind: 'pull', name: 'x' });
      console.log('held'); setInterval(() => {}, 1000);`);
    await once(child.stdout, 'data');
    const active: number[] = [];
    store.onDidChange(() => void store.activeLeases().then((leases) => active.push(leases.length)));
    await sleep(100);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(active.at(-1)).toBe(0), 4500);
  }, 10_000);

  it('looks from time to time where the folder cannot be watched', async () => {
    await rm(join(root, 'strata', 'leases'), { recursive: true });
    const changes: number[] = [];
    store.onDidChange(() => changes.push(Date.now()));
    await vi.waitFor(() => expect(changes).toHaveLength(1), 3000);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('cannot be watched');
    await rm(join(root, 'index.json'));
    await vi.waitFor(() => expect(changes).toHaveLength(2), 3000);
    expect(warnings).toHaveLength(1);
  }, 10_000);

  it('keeps no process alive', async () => {
    const child = node(`store.onDidChange(() => undefined); console.log('done');`);
    const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
    expect((await once(child, 'exit'))[0]).toBe(0);
    clearTimeout(killer);
  });
});
