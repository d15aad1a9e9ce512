import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../images.ts';
import { pushImage } from '../pushImage.ts';
import {
  answer,
  blobs,
  createGate,
  delay,
  drip,
  dropConnection,
  fail,
  flipByte,
  hangUpAfter,
  header,
  holdUntil,
  ignoreRange,
  manifests,
  oversize,
  redirectBlobsTo,
  redirectTo,
  repeatLink,
  requests,
  resetAfter,
  schema1,
  shiftRange,
  stallAfter,
  startRegistry,
  tooManyRequests,
  truncateTo,
} from './index.ts';
import type { TestRegistry } from './index.ts';

let registry: TestRegistry;
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
const image = buildImage({ layers: [{ tar: bytes, compression: 'none' }] });
const digest = image.layers[0]?.descriptor.digest ?? '';
const blobPath = `/v2/r/blobs/${digest}`;
const manifestPath = '/v2/r/manifests/latest';

beforeAll(async () => {
  registry = await startRegistry();
  await pushImage(registry.url, 'r', 'latest', image);
});
afterEach(() => registry.faults.clear());
afterAll(() => registry.close());

async function get(path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(registry.url + path, { redirect: 'manual', ...init });
}

async function body(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

/** The raw answer to a GET, and how the connection ended: what fetch does not show. */
async function rawGet(path: string): Promise<{ body: Buffer; head: string; end: 'FIN' | 'RST' }> {
  const socket = await rawRequest(path);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = await new Promise<'FIN' | 'RST'>((resolve) => {
    socket.once('end', () => resolve('FIN'));
    socket.once('error', () => resolve('RST'));
  });
  socket.destroy();
  const all = Buffer.concat(chunks);
  const split = all.indexOf('\r\n\r\n');
  return { head: all.subarray(0, split).toString(), body: all.subarray(split + 4), end };
}

async function rawRequest(path: string): Promise<Socket> {
  const socket = connect(registry.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${registry.host}\r\n\r\n`);
  return socket;
}

describe('rules', () => {
  it('apply as often as they say, and then no more', async () => {
    const fault = registry.faults.add({ match: blobs(digest), times: 2, action: fail(503) });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await get(blobPath)).status);
    expect(statuses).toEqual([503, 503, 200]);
    expect(fault.hits).toBe(2);
  });

  it('can be removed', async () => {
    const fault = registry.faults.add({ match: requests(), action: fail(500) });
    expect((await get('/v2/')).status).toBe(500);
    fault.remove();
    expect((await get('/v2/')).status).toBe(200);
  });

  it('compose, the first one outermost', async () => {
    registry.faults.add({ match: blobs(), action: flipByte(3) });
    registry.faults.add({ match: blobs(), action: truncateTo(5) });
    expect([...(await body(await get(blobPath)))]).toEqual([0, 1, 2, 0xff ^ 3, 4]);
    registry.faults.add({ match: manifests(), action: header('x-order', 'first') });
    registry.faults.add({ match: manifests(), action: header('x-order', 'second') });
    expect((await get(manifestPath)).headers.get('x-order')).toBe('first');
  });

  it('match what they name', async () => {
    registry.faults.add({ match: blobs(`sha256:${'0'.repeat(64)}`), action: fail(500) });
    registry.faults.add({ match: manifests('other'), action: fail(500) });
    registry.faults.add({ match: requests({ method: 'DELETE', path: /blobs/ }), action: fail(500) });
    expect((await get(blobPath)).status).toBe(200);
    expect((await get(manifestPath)).status).toBe(200);
    expect((await get(blobPath, { method: 'HEAD' })).status).toBe(200);
    expect((await get(blobPath, { method: 'DELETE' })).status).toBe(500);
  });

  it('stand before the sign-in', async () => {
    registry.requireBasic({ alice: 'secret' });
    registry.faults.add({ match: manifests('latest'), action: tooManyRequests() });
    expect((await get(manifestPath)).status).toBe(429);
    registry.allowAnyone();
  });
});

describe('answers', () => {
  it('fails as the spec writes errors', async () => {
    registry.faults.add({ match: manifests(), action: fail(403, 'DENIED', 'no') });
    const response = await get(manifestPath);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ errors: [{ code: 'DENIED', message: 'no', detail: null }] });
  });

  it('says when to come back', async () => {
    registry.faults.add({ match: manifests(), action: tooManyRequests(7) });
    const response = await get(manifestPath);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
  });

  it('answers anything', async () => {
    registry.faults.add({
      match: requests(),
      action: answer({ status: 418, headers: { 'x-a': 'b' }, body: 'tea' }),
    });
    const response = await get('/v2/');
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([418, 'b', 'tea']);
  });

  it('serves schema 1', async () => {
    registry.faults.add({ match: manifests(), action: schema1() });
    const response = await get(manifestPath);
    expect(response.headers.get('content-type')).toContain('manifest.v1+prettyjws');
    expect(await response.json()).toMatchObject({ schemaVersion: 1 });
  });

  it.each([true, false])('sends too much (announced: %s)', async (announced) => {
    registry.faults.add({ match: manifests(), action: oversize(1_000_000, { announced }) });
    const response = await get(manifestPath);
    expect(response.headers.get('content-length')).toBe(announced ? '1000000' : null);
    expect((await body(response)).length).toBe(1_000_000);
  });

  it('sets and takes away headers', async () => {
    registry.faults.add({ match: manifests(), action: header('content-type', 'text/html') });
    registry.faults.add({ match: manifests(), action: header('docker-content-digest', undefined) });
    const response = await get(manifestPath);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(response.headers.get('docker-content-digest')).toBeNull();
  });

  it('links a page to itself', async () => {
    registry.faults.add({ match: requests({ path: /tags/ }), action: repeatLink() });
    for (const path of ['/v2/r/tags/list', '/v2/r/tags/list?n=1']) {
      expect((await get(path)).headers.get('link')).toBe(`<${path}>; rel="next"`);
    }
  });
});

describe('ranges', () => {
  const headers = { range: 'bytes=1000-' };

  it('are ignored', async () => {
    registry.faults.add({ match: blobs(), action: ignoreRange() });
    const response = await get(blobPath, { headers });
    expect(response.status).toBe(200);
    expect(await body(response)).toEqual(bytes);
  });

  it('start elsewhere', async () => {
    registry.faults.add({ match: blobs(), action: shiftRange(-10) });
    const response = await get(blobPath, { headers });
    expect(response.headers.get('content-range')).toBe('bytes 990-199999/200000');
    expect(await body(response)).toEqual(bytes.subarray(990));
  });

  it('lie about where they start', async () => {
    registry.faults.add({ match: blobs(), action: header('content-range', 'bytes 0-198999/200000') });
    const response = await get(blobPath, { headers });
    expect(response.headers.get('content-range')).toBe('bytes 0-198999/200000');
    expect(await body(response)).toEqual(bytes.subarray(1000));
  });
});

describe('bodies', () => {
  it('break off in a reset', async () => {
    registry.faults.add({ match: blobs(), action: resetAfter(70_000) });
    const raw = await rawGet(blobPath);
    expect(raw.end).toBe('RST');
    expect(raw.head).toContain('content-length: 200000');
    // A reset may overtake what was sent before it.
    expect(raw.body.length).toBeGreaterThan(0);
    expect(raw.body.length).toBeLessThanOrEqual(70_000);
    expect(raw.body.equals(bytes.subarray(0, raw.body.length))).toBe(true);
  });

  it('break off in a hang-up', async () => {
    registry.faults.add({ match: blobs(), action: hangUpAfter(70_000) });
    const raw = await rawGet(blobPath);
    expect(raw.end).toBe('FIN');
    expect(raw.head).toContain('content-length: 200000');
    expect(raw.body.equals(bytes.subarray(0, 70_000))).toBe(true);
  });

  it('are short and say so', async () => {
    registry.faults.add({ match: blobs(), action: truncateTo(70_000) });
    const response = await get(blobPath);
    expect(response.headers.get('content-length')).toBe('70000');
    expect(await body(response)).toEqual(bytes.subarray(0, 70_000));
  });

  it('have one wrong byte', async () => {
    registry.faults.add({ match: blobs(), action: flipByte(123_456) });
    const wrong = Buffer.from(bytes);
    wrong[123_456] = (wrong[123_456] ?? 0) ^ 0xff;
    expect((await body(await get(blobPath))).equals(wrong)).toBe(true);
  });

  it('come slowly', async () => {
    registry.faults.add({ match: blobs(), action: drip(500_000) });
    const start = performance.now();
    expect((await body(await get(blobPath))).equals(bytes)).toBe(true);
    const seconds = (performance.now() - start) / 1000;
    expect(seconds).toBeGreaterThan(0.3);
    expect(seconds).toBeLessThan(20);
  });

  it('stall until they are released', async () => {
    const gate = createGate();
    registry.faults.add({ match: blobs(), action: stallAfter(100, gate.opened) });
    const response = await get(blobPath);
    const reader = response.body?.getReader();
    const head: unknown = (await reader?.read())?.value;
    expect(head).toEqual(new Uint8Array(bytes.subarray(0, 100)));
    gate.open();
    let size = 100;
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      size += (part.value as Uint8Array).length;
    }
    expect(size).toBe(bytes.length);
  });

  it('stall for ever, and hold nothing up when the client goes', async () => {
    registry.faults.add({ match: blobs(), action: stallAfter(100) });
    const socket = await rawRequest(blobPath);
    await once(socket, 'data');
    socket.destroy();
    expect((await get('/v2/')).status).toBe(200);
  });
});

describe('connections', () => {
  it('are dropped without a word', async () => {
    registry.faults.add({ match: manifests(), times: 1, action: dropConnection() });
    const raw = await rawGet(manifestPath);
    expect([raw.head, raw.end]).toEqual(['', 'RST']);
  });

  it('wait', async () => {
    registry.faults.add({ match: manifests(), action: delay(100) });
    const start = performance.now();
    await get(manifestPath);
    expect(performance.now() - start).toBeGreaterThan(95);
  });

  it('are held until the test lets go', async () => {
    const gate = createGate();
    const fault = registry.faults.add({ match: manifests(), action: holdUntil(gate.opened) });
    let answered = 0;
    const all = [1, 2, 3].map(() => get(manifestPath).then(() => answered++));
    while (fault.hits < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(answered).toBe(0);
    gate.open();
    await Promise.all(all);
    expect(answered).toBe(3);
  });
});

describe('redirects', () => {
  it('lead blobs to another origin that refuses an Authorization', async () => {
    const host = await registry.startBlobHost();
    registry.faults.add({ match: blobs(), action: redirectBlobsTo(host.url) });
    const response = await get(blobPath);
    expect(response.status).toBe(307);
    const location = response.headers.get('location') ?? '';
    expect(new URL(location).origin).not.toBe(registry.url);
    expect((await body(await fetch(location))).equals(bytes)).toBe(true);
    const range = await fetch(location, { headers: { range: 'bytes=5-' } });
    expect(await body(range)).toEqual(bytes.subarray(5));
    const refused = await fetch(location, { headers: { authorization: 'Bearer token' } });
    expect(refused.status).toBe(400);
    expect(host.requests.map(({ status }) => status)).toEqual([200, 206, 400]);
  });

  it('lead anywhere', async () => {
    registry.faults.add({ match: manifests(), action: redirectTo('/v2/elsewhere') });
    expect((await get(manifestPath)).headers.get('location')).toBe('/v2/elsewhere');
  });
});
