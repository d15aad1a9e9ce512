import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Matcher } from './faultList.ts';
import { bytesBody, ConnectionReset, errorReply } from './http.ts';
import type { Body, Middleware, Reply, ServiceRequest } from './http.ts';

/** Reads of a blob: of this one if a digest is given. */
export function blobs(digest?: string): Matcher {
  return ({ method, path }) =>
    method === 'GET' &&
    (digest === undefined ? /\/blobs\/sha\d+:/.test(path) : path.endsWith(`/blobs/${digest}`));
}

/** GET and HEAD of a manifest: of this tag or digest if one is given. */
export function manifests(reference?: string): Matcher {
  return ({ method, path }) =>
    (method === 'GET' || method === 'HEAD') &&
    (reference === undefined ? path.includes('/manifests/') : path.endsWith(`/manifests/${reference}`));
}

/** Any request: with this method, with a path (query left off) like this. */
export function requests(wanted: { method?: string; path?: RegExp } = {}): Matcher {
  return ({ method, path }) =>
    (wanted.method === undefined || wanted.method === method) && (wanted.path?.test(path) ?? true);
}

/** Answers this, and the registry never sees the request. */
export function answer(reply: {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}): Middleware {
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  return () =>
    Promise.resolve({
      status: reply.status,
      headers: reply.headers ?? {},
      body: body === undefined ? undefined : bytesBody(body),
    });
}

/** An error as the distribution spec writes it. */
export function fail(status: number, code = 'UNKNOWN', message = 'told to fail'): Middleware {
  return () => Promise.resolve(errorReply(status, code, message));
}

/** 429; `retryAfter` is a number of seconds or an HTTP date. */
export function tooManyRequests(retryAfter?: number | string): Middleware {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return () =>
    Promise.resolve(errorReply(429, 'TOOMANYREQUESTS', 'you have reached your pull rate limit', headers));
}

/** A Docker schema 1 manifest, as registries of old still hold. */
export function schema1(): Middleware {
  const manifest = {
    schemaVersion: 1,
    name: 'old',
    tag: 'latest',
    architecture: 'amd64',
    fsLayers: [],
    history: [],
    signatures: [],
  };
  return answer({
    status: 200,
    headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
    body: JSON.stringify(manifest),
  });
}

/** A body of this many spaces (valid before any JSON): with its length announced, or chunked and unannounced. */
export function oversize(size: number, options: { announced: boolean }): Middleware {
  const blank = Buffer.alloc(64 * 1024, ' ');
  const open = (): Readable => limited(Readable.from(repeat(blank), { objectMode: false }), size);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (!options.announced) headers['transfer-encoding'] = 'chunked';
  return () => Promise.resolve({ status: 200, headers, body: { size, open } });
}

/** For `holdUntil` and `stallAfter`: whatever waits for `opened` goes on when the test says `open()`. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Sends the reply only after this. */
export function holdUntil(released: Promise<unknown>): Middleware {
  return async (request, next) => {
    await orGone(released, request);
    return await next(request);
  };
}

/** Sends the reply this many milliseconds late. */
export function delay(milliseconds: number): Middleware {
  return async (request, next) => {
    await sleep(milliseconds);
    return await next(request);
  };
}

/** Closes the connection without a word. */
export function dropConnection(): Middleware {
  return () => Promise.reject(new ConnectionReset());
}

/** Sets a header of the reply, or takes it away. Lower-case name. */
export function header(name: string, value: string | undefined): Middleware {
  return async (request, next) => {
    const reply = await next(request);
    const headers = without(reply.headers, name);
    return { ...reply, headers: value === undefined ? headers : { ...headers, [name]: value } };
  };
}

/** `Link` to the very page that was asked for, for ever. */
export function repeatLink(): Middleware {
  return async (request, next) => {
    const query = request.query.size === 0 ? '' : `?${request.query.toString()}`;
    return await header('link', `<${request.path}${query}>; rel="next"`)(request, next);
  };
}

/** 200 with the whole blob, whatever `Range` asked for. */
export function ignoreRange(): Middleware {
  return (request, next) => {
    return next({ ...request, headers: without(request.headers, 'range') });
  };
}

/** A 206 that starts this many bytes from where it was asked to, and says so. */
export function shiftRange(by: number): Middleware {
  return (request, next) =>
    next({ ...request, headers: { ...request.headers, range: shifted(request, by) } });
}

function shifted(request: ServiceRequest, by: number): string {
  const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  return `bytes=${Math.max(0, Number(start) + by)}-${end}`;
}

/** 307 to the same blob on another origin (see `startBlobHost`), as registries with an object store behind them do. */
export function redirectBlobsTo(url: string): Middleware {
  return (request) => {
    const digest = request.path.slice(request.path.lastIndexOf('/') + 1);
    return Promise.resolve({ status: 307, headers: { location: `${url}/blobs/${digest}?signature=once` } });
  };
}

/** 307 to this address, whatever it is. */
export function redirectTo(location: string): Middleware {
  return answer({ status: 307, headers: { location } });
}

/** Resets the connection (RST) when this many bytes of the body have gone out. The client may see a few less. */
export function resetAfter(bytes: number): Middleware {
  return onBody((stream) => resetting(stream, bytes));
}

/** Closes the connection (FIN) after this many bytes of the body, fewer than Content-Length promised. */
export function hangUpAfter(bytes: number): Middleware {
  return async (request, next) => ({
    ...(await onBody((stream) => limited(stream, bytes))(request, next)),
    hangUp: true,
  });
}

/** A body that ends after this many bytes, with a Content-Length that says so: complete by HTTP, short by its descriptor. */
export function truncateTo(bytes: number): Middleware {
  return async (request, next) => {
    const reply = await next(request);
    const { body } = reply;
    if (body === undefined) return reply;
    const headers = without(reply.headers, 'content-length');
    return {
      ...reply,
      headers,
      body: { size: Math.min(bytes, body.size), open: () => limited(body.open(), bytes) },
    };
  };
}

/** Sends this many bytes of the body, then nothing more until `released` (by default never). */
export function stallAfter(
  bytes: number,
  released: Promise<unknown> = new Promise(() => undefined),
): Middleware {
  return onBody((stream, request) => pausing(stream, bytes, () => orGone(released, request)));
}

/** Sends the body at this speed, in twenty portions a second. */
export function drip(bytesPerSecond: number): Middleware {
  return onBody((stream) => dripping(stream, Math.max(1, Math.round(bytesPerSecond / 20))));
}

/** Inverts the byte at this offset of the body that is sent. */
export function flipByte(offset: number): Middleware {
  return onBody((stream) => flipping(stream, offset));
}

/** Lets this many bytes of a request's body in, then resets the connection (RST): an upload that breaks off. */
export function resetUploadAfter(bytes: number): Middleware {
  return (request, next) => next({ ...request, body: resetting(request.body, bytes) });
}

/** Sends uploads on to the same path of another origin (see `startUploadHost`): by their Location, as registries with an object store do. */
export function sendUploadsTo(url: string): Middleware {
  return async (request, next) => {
    const reply = await next(request);
    const { location } = reply.headers;
    return location === undefined
      ? reply
      : { ...reply, headers: { ...reply.headers, location: `${url}${location}` } };
  };
}

function onBody(change: (stream: Readable, request: ServiceRequest) => Readable): Middleware {
  return async (request, next): Promise<Reply> => {
    const reply = await next(request);
    const { body } = reply;
    if (body === undefined) return reply;
    const headers = {
      ...reply.headers,
      'content-length': reply.headers['content-length'] ?? String(body.size),
    };
    const changed: Body = { size: body.size, open: () => change(body.open(), request) };
    return { ...reply, headers, body: changed };
  };
}

function without<T>(headers: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

function from(chunks: AsyncIterable<Buffer>): Readable {
  return Readable.from(chunks, { objectMode: false });
}

/** Waits for this, or fails when the client has gone. */
async function orGone(released: Promise<unknown>, { gone }: ServiceRequest): Promise<void> {
  const closed = new Promise<never>((_, reject) => {
    gone.addEventListener('abort', () => reject(new ConnectionReset()), { once: true });
  });
  await Promise.race([released, closed]);
}

function* repeat(chunk: Buffer): Generator<Buffer> {
  for (;;) yield chunk;
}

function limited(stream: Readable, bytes: number): Readable {
  return from(first(stream, bytes));
}

async function* first(stream: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of stream) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

function resetting(stream: Readable, bytes: number): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    yield* first(stream, bytes);
    // What the kernel took should have reached the client before the reset discards the rest.
    await sleep(20);
    throw new ConnectionReset();
  }
  return from(chunks());
}

function pausing(stream: Readable, bytes: number, wait: () => Promise<void>): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    let sent = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const head = chunk.subarray(0, Math.max(0, bytes - sent));
      sent += head.length;
      if (head.length > 0) yield head;
      if (head.length === chunk.length) continue;
      await wait();
      yield chunk.subarray(head.length);
    }
  }
  return from(chunks());
}

function dripping(stream: Readable, portion: number): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += portion) {
        yield chunk.subarray(at, at + portion);
        await sleep(50);
      }
    }
  }
  return from(chunks());
}

function flipping(stream: Readable, offset: number): Readable {
  async function* chunks(): AsyncGenerator<Buffer> {
    let at = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const index = offset - at;
      at += chunk.length;
      const byte = chunk[index];
      if (byte === undefined) {
        yield chunk;
        continue;
      }
      const copy = Buffer.from(chunk);
      copy[index] = byte ^ 0xff;
      yield copy;
    }
  }
  return from(chunks());
}
