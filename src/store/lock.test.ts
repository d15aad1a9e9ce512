import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, readlink, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, isLocked, tryAcquireLock, withLock } from './lock.ts';

const LOCK_MODULE = JSON.stringify(new URL('lock.ts', import.meta.url).href);
let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-lock-'));
  path = join(folder, 'lock');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** A Node process that runs this module text; `lock` is lock.ts, `path` the lock's path. */
function node(source: string): ChildProcess {
  const text = `import * as lock from ${LOCK_MODULE}; const path = ${JSON.stringify(path)};\n${source}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function says(child: ChildProcess, word: string): Promise<void> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    if (String(chunk).includes(word)) return;
  }
  throw new Error(`the child ended without saying ${word}`);
}

const HOLD = `await lock.acquireLock(path); console.log('held'); setInterval(() => {}, 1000);`;

describe('acquireLock in one process', () => {
  it('lets one holder in at a time, in the order of asking', async () => {
    const order: number[] = [];
    let inside = 0;
    const waits: number[] = [];
    await Promise.all(
      [0, 1, 2, 3, 4].map((n) =>
        withLock(acquireLock(path, { onWait: () => waits.push(n) }), async () => {
          expect(++inside).toBe(1);
          order.push(n);
          await sleep(2);
          inside--;
        }),
      ),
    );
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(waits).toEqual([1, 2, 3, 4]);
  });

  it('gives up with the reason of the signal, and the queue goes on', async () => {
    const first = await acquireLock(path);
    const controller = new AbortController();
    const cancelled = acquireLock(path, { signal: controller.signal });
    const third = acquireLock(path);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(cancelled).rejects.toBe(reason);
    let got = false;
    void third.then(() => (got = true));
    await sleep(30);
    expect(got).toBe(false);
    await first.release();
    await (await third).release();
  });

  it('refuses at once when the signal was aborted before', async () => {
    await expect(acquireLock(path, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('tries without waiting, and tells whether it is held', async () => {
    expect(await isLocked(path)).toBe(false);
    const held = await tryAcquireLock(path);
    expect(held).toBeDefined();
    expect(await tryAcquireLock(path)).toBeUndefined();
    expect(await isLocked(path)).toBe(true);
    await held?.release();
    await held?.release();
    expect(await isLocked(path)).toBe(false);
  });

  it('is not fooled by a lock file that is unlinked while another waits on it', async () => {
    const first = await acquireLock(path);
    const child = node(HOLD);
    await sleep(250);
    await first.release({ remove: true });
    await says(child, 'held');
    // The child locked the new file of that name, so we must find it held.
    expect(await tryAcquireLock(path)).toBeUndefined();
  });

  it('opens the path anew when it names another file by the time the lock is had', async () => {
    const child = node(HOLD);
    await says(child, 'held');
    const waiter = acquireLock(path);
    await sleep(50);
    await unlink(path);
    await writeFile(path, '');
    child.kill('SIGKILL');
    const lock = await waiter;
    expect(await tryAcquireLock(path)).toBeUndefined();
    await lock.release();
  });

  it.runIf(process.platform === 'linux')('leaves no descriptor open', async () => {
    const openOnPath = async (): Promise<number> => {
      const names = await readdir('/proc/self/fd');
      const targets = await Promise.all(
        names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')),
      );
      return targets.filter((target) => target.startsWith(path)).length;
    };
    const held = await acquireLock(path);
    expect(await openOnPath()).toBe(1);
    expect(await tryAcquireLock(path)).toBeUndefined();
    await expect(acquireLock(path, { signal: AbortSignal.timeout(20) })).rejects.toThrow();
    await isLocked(path);
    expect(await openOnPath()).toBe(1);
    await held.release({ remove: true });
    expect(await openOnPath()).toBe(0);
  });
});

describe('acquireLock across threads and processes', () => {
  it('excludes a worker thread of the same process', async () => {
    const held = await acquireLock(path);
    const worker = new Worker(
      `import(${LOCK_MODULE}).then(async (lock) => {
         const { parentPort } = await import('node:worker_threads');
         await lock.acquireLock(${JSON.stringify(path)}, { onWait: () => parentPort.postMessage('waits') });
         parentPort.postMessage('held');
         setInterval(() => {}, 1000);
       });`,
      { eval: true },
    );
    try {
      expect((await once(worker, 'message'))[0]).toBe('waits');
      const next = once(worker, 'message');
      await held.release();
      expect((await next)[0]).toBe('held');
      expect(await tryAcquireLock(path)).toBeUndefined();
    } finally {
      await worker.terminate();
    }
    // Ending the thread closed its descriptors, and the lock with them.
    await withLock(acquireLock(path, { signal: AbortSignal.timeout(2000) }), () => Promise.resolve());
  });

  it('is free again when its holder is killed', async () => {
    const child = node(HOLD);
    await says(child, 'held');
    expect(await tryAcquireLock(path)).toBeUndefined();
    expect(await isLocked(path)).toBe(true);
    child.kill('SIGKILL');
    const lock = await acquireLock(path, { signal: AbortSignal.timeout(5000) });
    await lock.release();
  });

  it.skipIf(process.platform === 'win32')(
    'stays with a holder that sleeps, and no update is lost',
    async () => {
      const counter = join(folder, 'counter');
      await writeFile(counter, '0');
      const child = node(`
      import { readFileSync, writeFileSync } from 'node:fs';
      const held = await lock.acquireLock(path);
      const before = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
      console.log('held');
      await new Promise((done) => setTimeout(done, 100));
      writeFileSync(${JSON.stringify(counter)}, String(before + 1));
      await held.release();`);
      await says(child, 'held');
      child.kill('SIGSTOP');
      let waited = false;
      const mine = withLock(acquireLock(path, { onWait: () => (waited = true) }), async () => {
        const before = Number(await readFile(counter, 'utf8'));
        await writeFile(counter, String(before + 1));
      });
      await sleep(500);
      expect(waited).toBe(true);
      expect(await readFile(counter, 'utf8')).toBe('0');
      child.kill('SIGCONT');
      await mine;
      expect(await readFile(counter, 'utf8')).toBe('2');
    },
  );

  it('loses no update of several processes that come and go', async () => {
    const counter = join(folder, 'counter');
    await writeFile(counter, '0');
    const runs = [1, 2, 3, 4].map(async () => {
      const child = node(`
        import { readFileSync, writeFileSync } from 'node:fs';
        for (let i = 0; i < 25; i++) await lock.withLock(lock.acquireLock(path), async () => {
          const before = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
          await new Promise((done) => setImmediate(done));
          writeFileSync(${JSON.stringify(counter)}, String(before + 1));
        });`);
      expect((await once(child, 'exit'))[0]).toBe(0);
    });
    await Promise.all(runs);
    expect(await readFile(counter, 'utf8')).toBe('100');
  }, 30_000);
});
