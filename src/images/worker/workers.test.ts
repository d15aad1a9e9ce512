import { getEventListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildLayer } from '../../../test/support/images.ts';
import { createGate } from '../../../test/support/registry/faults.ts';
import { startServer } from '../../../test/support/localServer.ts';
import { openTestStore } from '../../../test/support/storedImages.ts';
import { BLOB_BATCH_BYTES } from '../../base/limits.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Logger } from '../../base/logger.ts';
import { sha256 } from '../../oci/digest.ts';
import type { BlobRequest } from '../../registry/index.ts';
import type { ContentPlace } from '../push/messages.ts';
import type { LayerJob, LayerProgress } from './messages.ts';
import { LayerWorkers } from './workers.ts';
import type { JobOptions } from './workers.ts';

const REAL_WORKER = join(import.meta.dirname, 'worker.ts');
const transport = { insecureHosts: [], userAgent: 'strata-test' };
const layer = buildLayer({ entries: [{ path: 'file', content: 'x'.repeat(1000) }] });

/** A thread that does what its job's root says. */
const SCRIPT = `
import { parentPort, threadId } from 'node:worker_threads';
const done = (fetched) => parentPort.postMessage({ type: 'done', result: { stats: { threadId }, fetched } });
parentPort.on('message', (message) => {
  if (message.type === 'cancel') return parentPort.postMessage({ type: 'failed', error: { unknown: 'aborted' } });
  if (message.type === 'authorization') return done(message.authorization);
  if (message.type === 'authorizationFailed') return parentPort.postMessage({ type: 'failed', error: message.error });
  switch (message.job.root) {
    case 'done': return done(0);
    case 'ask': return parentPort.postMessage({ type: 'unauthorized', source: { host: 'h' }, challenge: 'c' });
    case 'log': parentPort.postMessage({ type: 'log', level: 'warn', message: 'told' }); return done(0);
    case 'throw': throw new Error('crashed');
    case 'exit': return process.exit(3);
    case 'throwLater': done(0); return void setTimeout(() => { throw new Error('crashed at rest'); }, 20);
  }
});`;

async function scripted(logger: Logger = silentLogger): Promise<LayerWorkers> {
  const { root } = await openTestStore();
  const path = join(root, 'worker.mjs');
  await writeFile(path, SCRIPT);
  const workers = new LayerWorkers(path, logger);
  onTestFinished(() => workers.close());
  return workers;
}

const job = (root: string, sources: readonly BlobRequest[] = []): LayerJob => ({
  root,
  digest: layer.descriptor.digest,
  diffId: layer.diffId,
  size: layer.descriptor.size,
  sources,
  transport,
  progressIntervalMs: 0,
});

const options = (more: Partial<JobOptions> = {}): JobOptions => ({
  signal: undefined,
  onProgress: () => undefined,
  renewAuthorization: () => Promise.resolve(undefined),
  ...more,
});

const threadOf = ({ stats }: { stats: object }): unknown => 'threadId' in stats && stats.threadId;

it('fetches a layer on a thread, through a 401', async () => {
  const store = await openTestStore();
  const workers = new LayerWorkers(REAL_WORKER, silentLogger);
  onTestFinished(() => workers.close());
  const server = await startServer(({ headers }, response) => {
    if (headers.authorization === 'Bearer fresh') response.writeHead(200).end(layer.bytes);
    else response.writeHead(401, { 'www-authenticate': 'Bearer realm="r"' }).end();
  });
  const source = { url: `${server.url}/v2/app/blobs/x`, host: server.host, name: 'app' };
  const asked: unknown[] = [];
  const progress: LayerProgress[] = [];
  const { signal } = new AbortController();
  const result = await workers.run(job(store.root, [source]), {
    signal,
    onProgress: (item) => void progress.push(item),
    renewAuthorization: (...request) => {
      asked.push(request);
      return Promise.resolve('Bearer fresh');
    },
  });
  expect(result).toMatchObject({
    fetched: layer.descriptor.size,
    stats: { diffId: layer.diffId, size: 1000 },
  });
  expect(asked).toEqual([[source, 'Bearer realm="r"']]);
  expect(progress.at(-1)).toEqual({ status: 'Download complete' });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  // An error crosses as it is, and the thread goes on.
  await expect(workers.run({ ...job(store.root), digest: sha256('none') }, options())).rejects.toMatchObject({
    code: 'blob-missing',
    params: { digest: sha256('none') },
  });
});

it('is cancelled with the reason of the signal, and hears nothing more', async () => {
  const store = await openTestStore();
  const workers = new LayerWorkers(REAL_WORKER, silentLogger);
  onTestFinished(() => workers.close());
  const controller = new AbortController();
  const server = await startServer((_, response) => {
    response.writeHead(200, { 'content-length': layer.descriptor.size });
    response.write(layer.bytes.subarray(0, 10), () => controller.abort());
  });
  const source = { url: `${server.url}/x`, host: server.host, name: 'app' };
  const onProgress = vi.fn();
  const running = workers.run(job(store.root, [source]), options({ signal: controller.signal, onProgress }));
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  const heard = onProgress.mock.calls.length;
  await sleep(50);
  expect(onProgress.mock.calls.length).toBe(heard);
});

it('begins nothing for a signal that is aborted', async () => {
  const workers = await scripted();
  const signal = AbortSignal.abort(new Error('before'));
  await expect(workers.run(job('done'), options({ signal }))).rejects.toThrow('before');
});

it('uses an idle thread again, and another one while it is busy', async () => {
  const workers = await scripted();
  const first = threadOf(await workers.run(job('done'), options()));
  expect(threadOf(await workers.run(job('done'), options()))).toBe(first);
  const both = await Promise.all([workers.run(job('done'), options()), workers.run(job('done'), options())]);
  expect(new Set(both.map(threadOf)).size).toBe(2);
});

it('hands on what a thread logs', async () => {
  const warn = vi.fn();
  await (await scripted({ ...silentLogger, warn })).run(job('log'), options());
  expect(warn.mock.calls).toEqual([['told']]);
});

it.each([
  ['throw', 'crashed'],
  ['exit', 'ended with code 3'],
])('outlives a thread that ends by %s', async (way, message) => {
  const workers = await scripted();
  const { signal } = new AbortController();
  await expect(workers.run(job(way), options({ signal }))).rejects.toThrow(message);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await workers.run(job('done'), options());
});

it('outlives a thread that fails at rest', async () => {
  const error = vi.fn();
  const workers = await scripted({ ...silentLogger, error });
  const first = threadOf(await workers.run(job('throwLater'), options()));
  await vi.waitFor(() => expect(error).toHaveBeenCalledWith('a layer worker failed: crashed at rest'));
  expect(threadOf(await workers.run(job('done'), options()))).not.toBe(first);
});

it('passes a failed renewal to the thread', async () => {
  const workers = await scripted();
  const renewAuthorization = (): Promise<never> => Promise.reject(new TypeError('no token'));
  await expect(workers.run(job('ask'), options({ renewAuthorization }))).rejects.toThrow('no token');
});

it('keeps a token that comes too late from the next job on the thread', async () => {
  const workers = await scripted();
  const controller = new AbortController();
  const [late, asked] = [createGate(), createGate()];
  const first = workers.run(job('ask'), {
    ...options({ signal: controller.signal }),
    renewAuthorization: async () => {
      asked.open();
      await late.opened;
      return 'of another registry';
    },
  });
  await asked.opened;
  controller.abort();
  await expect(first).rejects.toBe(controller.signal.reason);
  const second = workers.run(job('ask'), {
    ...options(),
    renewAuthorization: async () => {
      late.open();
      await sleep(30);
      return 'its own';
    },
  });
  expect((await second).fetched).toBe('its own');
});

it('ends its threads when it is closed: the job is cancelled, and no other is taken', async () => {
  const workers = await scripted();
  const running = workers.run(job('never'), options());
  const cancelled = expect(running).rejects.toMatchObject({ name: 'AbortError' });
  await workers.close();
  await cancelled;
  await expect(workers.run(job('done'), options())).rejects.toMatchObject({ name: 'AbortError' });
});

describe('read', () => {
  const content = Buffer.alloc(5 * BLOB_BATCH_BYTES + 7, 'strata ');

  async function reader(): Promise<{ workers: LayerWorkers; place: ContentPlace }> {
    const { root } = await openTestStore();
    const path = join(root, 'content');
    await writeFile(path, content);
    const workers = new LayerWorkers(REAL_WORKER, silentLogger);
    onTestFinished(() => workers.close());
    const size = content.length - 3;
    return { workers, place: { kind: 'file', path, offset: 3, size, digest: sha256(content.subarray(3)) } };
  }

  async function all(batches: AsyncIterable<Buffer>): Promise<Buffer[]> {
    const found: Buffer[] = [];
    for await (const batch of batches) found.push(batch);
    return found;
  }

  const read = (
    workers: LayerWorkers,
    place: ContentPlace,
    signal?: AbortSignal,
  ): AsyncGenerator<Buffer, void> => workers.read({ content: place, transport }, options({ signal }));

  it('gives the bytes of a place in batches', async () => {
    const { workers, place } = await reader();
    const batches = await all(read(workers, place));
    expect(batches.map(({ length }) => length)).toEqual([...Array<number>(5).fill(BLOB_BATCH_BYTES), 4]);
    expect(Buffer.concat(batches).equals(content.subarray(3))).toBe(true);
  });

  it('fails with what the worker met', async () => {
    const { workers, place } = await reader();
    await expect(all(read(workers, { ...place, size: content.length }))).rejects.toMatchObject({
      code: 'size-mismatch',
    });
  });

  it('ends when nobody reads on, and the worker is there for the next', async () => {
    const { workers, place } = await reader();
    for await (const batch of read(workers, place)) {
      expect(batch).toHaveLength(BLOB_BATCH_BYTES);
      break;
    }
    expect(Buffer.concat(await all(read(workers, place)))).toHaveLength(place.size);
  });

  it('ends with the signal’s reason', async () => {
    const { workers, place } = await reader();
    const abort = new AbortController();
    const batches = read(workers, place, abort.signal);
    await batches.next();
    abort.abort(new Error('enough'));
    await expect(all(batches)).rejects.toThrow('enough');
    await expect(all(read(workers, place, abort.signal))).rejects.toThrow('enough');
  });
});
