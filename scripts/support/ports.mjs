import { createServer } from 'node:net';

const TRIES = 50;

/** @param {number} port @returns {Promise<number | undefined>} the port, or the one given for 0, if it is free */
function tryPort(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/**
 * A free port of 127.0.0.1: the first from `wanted` on, or any for 0.
 * @param {number} wanted
 */
export async function freePort(wanted) {
  for (let port = wanted; port < wanted + TRIES; port++) {
    const free = await tryPort(port);
    if (free !== undefined) return free;
  }
  throw new Error(`No free port from ${wanted} to ${wanted + TRIES - 1}`);
}

/**
 * Waits until an HTTP server answers, whatever it says.
 * @param {string} url @param {{ exited: Promise<number>, output: () => string }} server @param {number} limitMs
 */
export async function untilAnswers(url, server, limitMs) {
  let ended = false;
  void server.exited.then(() => (ended = true));
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      await (await fetch(url, { signal: AbortSignal.timeout(limitMs) })).arrayBuffer();
      return;
    } catch (error) {
      if (ended) throw new Error(`The server of ${url} ended:\n${server.output()}`, { cause: error });
      if (Date.now() > deadline) {
        throw new Error(`${url} does not answer:\n${server.output()}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
