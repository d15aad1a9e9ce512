import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const SCRIPT = `
import { readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
const { lowerThreadPriority } = await import(workerData);
lowerThreadPriority();
parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));
`;

it.runIf(process.platform === 'linux')('lowers the priority of its own thread alone', async () => {
  const before = getPriority();
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(SCRIPT)}`), {
    workerData: new URL('threadPriority.ts', import.meta.url).href,
  });
  const lowered = await new Promise<unknown>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  await worker.terminate();
  expect(lowered).toBeGreaterThan(before);
  expect(getPriority()).toBe(before);
});
