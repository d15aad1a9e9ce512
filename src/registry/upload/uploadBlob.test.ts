import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answer,
  dropConnection,
  fail,
  header,
  requests,
  resetUploadAfter,
  sendUploadsTo,
  startRegistry,
  tooManyRequests,
} from '../../../test/support/registry/index.ts';
import type { TestRegistry } from '../../../test/support/registry/index.ts';
import { isStrataError, StrataError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseReference } from '../../reference/index.ts';
import { createTransport } from '../../transport/index.ts';
import type { Transport } from '../../transport/index.ts';
import { createRegistry } from '../registry.ts';
import type { Registry } from '../types.ts';
import type { UploadContent } from './types.ts';
import { uploadBlob } from './uploadBlob.ts';

const CHUNK = 1024 * 1024;
const LARGE = randomBytes(3 * CHUNK + 12_345);
const SMALL = randomBytes(1000);
const uploads = (method: string): ReturnType<typeof requests> =>
  requests({ method, path: /\/blobs\/uploads\// });

let registry: TestRegistry;
let transport: Transport;
let client: Registry;

beforeEach(async () => {
  registry = await startRegistry();
  transport = createTransport({ insecureHosts: [], userAgent: 'strata-test' }, silentLogger, {
    retryBaseMs: 1,
  });
  client = connect();
});
afterEach(async () => {
  await transport.close();
  await registry.close();
});

function connect(user?: { username: string; password: string }): Registry {
  return createRegistry({
    transport,
    credentials: { get: () => Promise.resolve(user) },
    mirrors: {},
    insecureHosts: [],
    logger: silentLogger,
  });
}

/** `streamed`: of a length that nobody knows beforehand. */
function contentOf(bytes: Buffer, streamed = false): UploadContent {
  let read = !streamed;
  return {
    size: streamed ? undefined : bytes.length,
    digest: () => (read ? sha256(bytes) : undefined),
    open(start, end = bytes.length) {
      function* pieces(): Generator<Buffer> {
        for (let at = start; at < end; at += 100_000) yield bytes.subarray(at, Math.min(end, at + 100_000));
        read = true;
      }
      return Readable.from(pieces(), { objectMode: false });
    },
  };
}

async function upload(
  bytes: Buffer,
  options: { streamed?: boolean; registry?: Registry; signal?: AbortSignal; mountFrom?: string } = {},
): Promise<Digest> {
  const from = options.registry ?? client;
  const writer = from.writer(parseReference(`${registry.host}/team/app`));
  const signal = options.signal ?? AbortSignal.timeout(20_000);
  const request = await writer.uploadRequest(signal);
  return await uploadBlob(request, contentOf(bytes, options.streamed), {
    transport,
    signal,
    onProgress: () => undefined,
    renewAuthorization: async (r, challenge) => await from.renewAuthorization(r, challenge, signal),
    retryBaseMs: 1,
    chunkBytes: CHUNK,
  });
}

async function stored(bytes: Buffer): Promise<string> {
  const response = await transport.request({ url: `${registry.url}/v2/team/app/blobs/${sha256(bytes)}` });
  const hash = createHash('sha256');
  for await (const chunk of response.body as AsyncIterable<Buffer>) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

const sent = (method: string): typeof registry.requests =>
  registry.requests.filter((r) => r.method === method);
const received = (): number => registry.requests.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('uploadBlob', () => {
  it('sends a small blob in one PUT', async () => {
    expect(await upload(SMALL)).toBe(sha256(SMALL));
    expect(await stored(SMALL)).toBe(sha256(SMALL));
    expect(sent('PATCH')).toEqual([]);
    expect(sent('PUT')[0]?.headers['content-length']).toBe('1000');
  });

  it('sends nothing at all', async () => {
    const nothing = Buffer.alloc(0);
    await upload(nothing);
    expect(await stored(nothing)).toBe(sha256(nothing));
  });

  it('sends a large blob in chunks that say where they belong', async () => {
    await upload(LARGE);
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    expect(sent('PATCH').map(({ headers }) => headers['content-range'])).toEqual([
      `0-${CHUNK - 1}`,
      `${CHUNK}-${2 * CHUNK - 1}`,
      `${2 * CHUNK}-${3 * CHUNK - 1}`,
      `${3 * CHUNK}-${LARGE.length - 1}`,
    ]);
    expect(sent('PUT')[0]?.headers['content-length']).toBe('0');
  });

  it('sends as much at once as the registry wants at least', async () => {
    registry.faults.add({
      match: uploads('POST'),
      action: header('oci-chunk-min-length', String(2 * CHUNK)),
    });
    await upload(LARGE);
    expect(sent('PATCH')).toHaveLength(2);
  });

  it('sends a blob whose length is not known as one stream', async () => {
    expect(await upload(LARGE, { streamed: true })).toBe(sha256(LARGE));
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    const [patch, ...more] = sent('PATCH');
    expect(patch?.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(patch?.headers['content-range']).toBeUndefined();
    expect(more).toEqual([]);
  });

  it.each([false, true])('goes on where a connection broke (streamed: %s)', async (streamed) => {
    registry.faults.add({ match: uploads('PATCH'), action: resetUploadAfter(700_000), times: 1 });
    await upload(LARGE, { streamed });
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    const status = registry.requests.findIndex(
      ({ method, path }) => method === 'GET' && path.includes('uploads'),
    );
    expect(status).toBeGreaterThan(0);
    // What had arrived was not sent again.
    const after = registry.requests.slice(status).reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
    expect(after).toBeLessThanOrEqual(LARGE.length - 600_000);
    expect(after).toBeGreaterThan(0);
  });

  it('begins anew where the registry has forgotten the upload', async () => {
    registry.faults.add({ match: uploads('PATCH'), action: dropConnection(), times: 1 });
    registry.faults.add({ match: uploads('GET'), action: fail(404, 'BLOB_UPLOAD_UNKNOWN'), times: 1 });
    await upload(LARGE);
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    expect(sent('POST')).toHaveLength(2);
  });

  it('finds the blob there when only the last answer was lost', async () => {
    registry.faults.add({
      match: uploads('PUT'),
      action: async (request, next) => {
        await next(request);
        return await dropConnection()(request, next);
      },
      times: 1,
    });
    await upload(LARGE);
    expect(received()).toBe(LARGE.length);
    expect(sent('POST')).toHaveLength(1);
  });

  it.each([
    ['POST', 503],
    ['PATCH', 500],
    ['PATCH', 429],
    ['PUT', 502],
  ])('tries %s again after %i', async (method, status) => {
    const action = status === 429 ? tooManyRequests(0) : fail(status);
    const fault = registry.faults.add({ match: uploads(method), action, times: 2 });
    await upload(LARGE);
    expect(fault.hits).toBe(2);
    expect(await stored(LARGE)).toBe(sha256(LARGE));
  });

  it('gives up a registry that goes on failing', async () => {
    const fault = registry.faults.add({ match: uploads('PATCH'), action: fail(503) });
    const error = await failureOf(upload(LARGE));
    expect(isStrataError(error, 'registry-failed') && error.params.status).toBe(503);
    expect(fault.hits).toBe(5);
  });

  it('sends the whole blob in one PUT where no chunks are taken', async () => {
    registry.faults.add({ match: uploads('PATCH'), action: fail(405, 'UNSUPPORTED') });
    await upload(LARGE);
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    expect(sent('PUT')[0]?.headers['content-length']).toBe(String(LARGE.length));
  });

  it('goes on with what the registry took where that was less than it was sent', async () => {
    registry.faults.add({
      match: uploads('PATCH'),
      action: async (request, next) => {
        const cut = Readable.from(
          (async function* (): AsyncGenerator<Buffer> {
            let left = 400_000;
            for await (const chunk of request.body as AsyncIterable<Buffer>) {
              if (left > 0) yield chunk.subarray(0, left);
              left -= chunk.length;
            }
          })(),
          { objectMode: false },
        );
        return await next({ ...request, body: cut });
      },
      times: 1,
    });
    await upload(LARGE);
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    expect(sent('PATCH')[1]?.headers['content-range']).toBe(`400000-${400_000 + CHUNK - 1}`);
  });

  it('follows uploads to another origin without its credentials', async () => {
    registry.requireBasic({ bob: 'secret' });
    const host = await registry.startUploadHost();
    registry.faults.add({ match: uploads('POST'), action: sendUploadsTo(host.url) });
    await upload(LARGE, { registry: connect({ username: 'bob', password: 'secret' }) });
    registry.allowAnyone();
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    expect(host.requests.length).toBeGreaterThan(0);
    expect(host.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it('follows a redirect of a chunk to another origin without its credentials', async () => {
    registry.requireBasic({ bob: 'secret' });
    const host = await registry.startUploadHost();
    registry.faults.add({
      match: uploads('PATCH'),
      action: (request) =>
        Promise.resolve({ status: 307, headers: { location: `${host.url}${request.path}` } }),
    });
    await upload(LARGE, { registry: connect({ username: 'bob', password: 'secret' }) });
    registry.allowAnyone();
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    expect(host.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it('asks for one token for pull and push, and for a fresh one in mid-upload', async () => {
    const tokens = await registry.requireTokens({ users: { bob: 'secret' } });
    let seen = 0;
    registry.faults.add({
      match: uploads('PATCH'),
      action: async (request, next) => {
        seen += 1;
        if (seen === 2) tokens.revokeAll();
        return await next(request);
      },
    });
    await upload(LARGE, { registry: connect({ username: 'bob', password: 'secret' }) });
    registry.allowAnyone();
    expect(await stored(LARGE)).toBe(sha256(LARGE));
    expect(tokens.issued.get).toBe(2);
    expect(tokens.requests[0]?.path).toContain(encodeURIComponent('repository:team/app:pull,push'));
  });

  it.each<[string, () => Promise<void> | void, string, string]>([
    [
      'a token that does not allow it',
      async () => {
        const allows = (_: unknown, { action }: { action: string }): boolean => action === 'pull';
        await registry.requireTokens({ users: { bob: 'secret' }, allows });
      },
      'push-denied',
      'denied: requested access to the resource is denied',
    ],
    [
      'a wrong password',
      () => registry.requireBasic({ bob: 'other' }),
      'registry-unauthorized',
      'unauthorized: authentication required',
    ],
    [
      'a refusal',
      () =>
        void registry.faults.add({ match: uploads('POST'), action: fail(403, 'DENIED', 'read only here') }),
      'push-denied',
      'denied: read only here',
    ],
    [
      'a Location that is none',
      () => registry.faults.add({ match: uploads('POST'), action: header('location', undefined) }),
      'registry-invalid',
      'does not say where an upload goes on',
    ],
    [
      'a Range that cannot be',
      () => registry.faults.add({ match: uploads('PATCH'), action: header('range', '0-99999999') }),
      'registry-invalid',
      'it says that it has 100000000',
    ],
    [
      'a redirect without end',
      () =>
        void registry.faults.add({
          match: uploads('POST'),
          action: answer({ status: 307, headers: { location: '/v2/team/app/blobs/uploads/' } }),
        }),
      'too-many-redirects',
      'redirects without end',
    ],
  ])('fails on %s', async (_, prepare, code, message) => {
    await prepare();
    const error = await failureOf(
      upload(LARGE, { registry: connect({ username: 'bob', password: 'secret' }) }),
    );
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
  });

  it('says that nobody is signed in', async () => {
    registry.requireBasic({ bob: 'secret' });
    expect(String(await failureOf(upload(SMALL)))).toContain('no basic auth credentials');
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    registry.faults.add({
      match: uploads('PATCH'),
      action: async (request, next) => {
        abort.abort();
        return await next(request);
      },
    });
    expect(await failureOf(upload(LARGE, { signal: abort.signal }))).toBe(abort.signal.reason);
  });

  it('passes on what its content fails with, at once', async () => {
    const writer = client.writer(parseReference(`${registry.host}/team/app`));
    const content = {
      ...contentOf(LARGE),
      open: () =>
        Readable.from(
          (function* (): Generator<Buffer> {
            yield LARGE.subarray(0, 1000);
            throw new StrataError('file-unreadable', { path: '/layer', detail: 'EIO' });
          })(),
          { objectMode: false },
        ),
    };
    const signal = AbortSignal.timeout(20_000);
    const ports = { transport, signal, onProgress: () => undefined, retryBaseMs: 1, chunkBytes: CHUNK };
    const work = uploadBlob(await writer.uploadRequest(), content, {
      ...ports,
      renewAuthorization: () => Promise.resolve(undefined),
    });
    expect(await failureOf(work)).toMatchObject({ code: 'file-unreadable' });
    expect(sent('POST')).toHaveLength(1);
    expect(sent('PUT')).toEqual([]);
  });
});

describe('mount', () => {
  it('takes a blob over from a repository, by one token for both', async () => {
    const tokens = await registry.requireTokens({ users: { bob: 'secret' } });
    const signedIn = connect({ username: 'bob', password: 'secret' });
    await upload(SMALL, { registry: signedIn });
    const writer = signedIn.writer(parseReference(`${registry.host}/other/app`));
    expect(await writer.hasBlob(sha256(SMALL))).toBe(false);
    expect(await writer.mount(sha256(SMALL), 'team/app')).toBe('mounted');
    expect(await writer.hasBlob(sha256(SMALL))).toBe(true);
    const asked = tokens.requests.at(-1)?.path ?? '';
    expect(new URL(asked, 'http://x').searchParams.getAll('scope')).toEqual([
      'repository:other/app:pull,push',
      'repository:team/app:pull',
    ]);
  });

  it('goes on with the upload that the registry begins where it has nothing to mount', async () => {
    const writer = client.writer(parseReference(`${registry.host}/other/app`));
    const request = await writer.mount(sha256(SMALL), 'team/none');
    if (request === 'mounted') throw new Error('there was nothing to mount');
    registry.requests.length = 0;
    await uploadBlob(request, contentOf(SMALL), {
      transport,
      signal: AbortSignal.timeout(20_000),
      onProgress: () => undefined,
      renewAuthorization: () => Promise.resolve(undefined),
    });
    expect(registry.requests.map(({ method }) => method)).toEqual(['PUT']);
  });
});
