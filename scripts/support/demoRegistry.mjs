import { mkdir } from 'node:fs/promises';
import { nodeEnvironment, root } from './node24.mjs';
import { freePort } from './ports.mjs';
import { startProcess } from './processes.mjs';

const READY = /^Registry ready at (\S+)$/m;
const START_LIMIT_MS = 180_000;
const POLL_MS = 50;

/**
 * Starts the demo registry with its images and waits until all of them are there. Needs Node 24 as this process.
 * @param {number} port wanted; the next free one is taken
 * @param {string} folder keeps the images between runs
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startDemoRegistry(port, folder) {
  await mkdir(folder, { recursive: true });
  const free = await freePort(port);
  const registry = startProcess(
    process.execPath,
    ['test/support/registry/main.ts', '--port', String(free), '--root', folder, '--seed-demo'],
    { cwd: root, env: nodeEnvironment() },
  );
  let ended = false;
  void registry.exited.then(() => (ended = true));
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const url = READY.exec(registry.output())?.[1];
    if (url !== undefined) return { url, stop: registry.stop };
    if (ended || Date.now() > deadline) {
      await registry.stop();
      throw new Error(`The demo registry does not start:\n${registry.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
