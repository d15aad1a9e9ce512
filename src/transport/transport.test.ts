import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../test/support/localServer.ts';
import { silentLogger } from '../base/logger.ts';
import { readBody } from './body.ts';
import { createTransport } from './transport.ts';
import type { Transport, TransportConfig, TransportTuning } from './types.ts';

function transport(
  config: Partial<TransportConfig> = {},
  tuning: TransportTuning = {},
  log: string[] = [],
): Transport {
  const logger = { ...silentLogger, debug: (line: string) => void log.push(line) };
  const created = createTransport({ insecureHosts: [], userAgent: 'strata-test', ...config }, logger, {
    retryBaseMs: 5,
    ...tuning,
  });
  onTestFinished(() => created.close());
  return created;
}

const text = async (response: Parameters<typeof readBody>[0]): Promise<string> =>
  (await readBody(response, 1000, 'the body')).toString();

describe('a request', () => {
  it('carries its headers, and answers with status, headers and body whatever the status', async () => {
    const server = await startServer((_, response) =>
      response.writeHead(418, { 'x-kind': 'tea' }).end('short'),
    );
    const response = await transport().request({
      url: `${server.url}/pot?n=1`,
      authorization: 'Bearer abc',
      headers: { accept: 'x/y' },
    });
    expect(response.status).toBe(418);
    expect(response.headers['x-kind']).toBe('tea');
    expect(await text(response)).toBe('short');
    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': 'strata-test',
      authorization: 'Bearer abc',
      accept: 'x/y',
      'accept-encoding': 'identity',
    });
  });

  it('sends bodies', async () => {
    const bodies: string[] = [];
    const server = await startServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
      request.on('end', () => response.end());
    });
    const http = transport();
    await text(await http.request({ url: server.url, method: 'POST', body: 'form=1' }));
    await text(await http.request({ url: server.url, method: 'PUT', body: Readable.from(['stre', 'am']) }));
    expect(bodies.join(' ')).toMatch(/^form=1 stre ?am$/);
  });

  it('logs one line, without secrets', async () => {
    const log: string[] = [];
    const server = await startServer((_, response) => response.end());
    await transport({}, {}, log).request({
      url: `${server.url}/x?token=SECRET`,
      authorization: 'Bearer SECRET',
    });
    expect(log).toEqual([
      expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:\d+\/x\?token=\*\*\* 200 \d+ ms$/),
    ]);
  });

  it('leaves the global dispatcher alone', async () => {
    const server = await startServer((_, response) => response.end());
    const symbols = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].map((name) =>
      Symbol.for(name),
    );
    const before = symbols.map((symbol) => symbol in globalThis);
    await transport().request({ url: server.url });
    expect(symbols.map((symbol) => symbol in globalThis)).toEqual(before);
  });

  it('keeps connections', async () => {
    const server = await startServer((_, response) => response.end('x'));
    const http = transport();
    for (let i = 0; i < 8; i += 1) await text(await http.request({ url: server.url }));
    // Two: a request that follows at once finds the first connection not quite free.
    expect(new Set(server.requests.map((request) => request.socket.remotePort)).size).toBeLessThanOrEqual(2);
  });
});

describe('aborting', () => {
  it('rejects with the reason while waiting for headers', async () => {
    const server = await startServer(() => undefined);
    const abort = new AbortController();
    const request = transport().request({ url: server.url, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(request).rejects.toThrow('enough');
  });

  it('breaks the body off with the reason', async () => {
    const server = await startServer((_, response) =>
      response.writeHead(200, { 'content-length': 10 }).write('a'),
    );
    const abort = new AbortController();
    const response = await transport().request({ url: server.url, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(text(response)).rejects.toThrow('enough');
  });

  it('ends the wait before another try at once', async () => {
    const server = await startServer((_, response) => response.writeHead(503, { 'retry-after': '30' }).end());
    const abort = new AbortController();
    const request = transport().request({ url: server.url, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(request).rejects.toThrow('enough');
    expect(server.seen).toHaveLength(1);
  });

  it('sends nothing when aborted before', async () => {
    const server = await startServer((_, response) => response.end());
    await expect(
      transport().request({ url: server.url, signal: AbortSignal.abort(new Error('never')) }),
    ).rejects.toThrow('never');
    expect(server.seen).toHaveLength(0);
  });
});

describe('failures', () => {
  const failure = async (request: Promise<unknown>): Promise<unknown> => {
    try {
      await request;
    } catch (error) {
      return error;
    }
    throw new Error('it did not fail');
  };

  it('names a refused connection', async () => {
    const error = await failure(transport().request({ url: 'http://127.0.0.1:1/', attempts: 1 }));
    expect(error).toMatchObject({
      code: 'registry-unreachable',
      params: { host: '127.0.0.1:1', reason: 'refused', detail: 'connection refused' },
      retryable: true,
    });
  });

  it('names an unknown host', async () => {
    const error = await failure(transport().request({ url: 'http://no-such-host.invalid/', attempts: 1 }));
    expect(error).toMatchObject({ code: 'registry-unreachable', params: { reason: 'unknown-host' } });
  });

  it('names a body that breaks off, and does not ask again', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('part', () => setTimeout(() => response.destroy(), 20));
    });
    const response = await transport().request({ url: server.url });
    expect(await failure(text(response))).toMatchObject({
      code: 'registry-unreachable',
      params: { reason: 'broken' },
      retryable: true,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('lets a body break that nobody reads, and tells who reads it later', async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('part', () => response.destroy());
    });
    const response = await transport().request({ url: server.url });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await failure(text(response))).toMatchObject({ params: { reason: 'broken' } });
  });

  it('gives up a server that is silent', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/body') response.writeHead(200, { 'content-length': 5 }).write('a');
    });
    const http = transport({}, { headersTimeoutMs: 100, bodyTimeoutMs: 100 });
    expect(await failure(http.request({ url: `${server.url}/headers`, attempts: 1 }))).toMatchObject({
      params: { reason: 'timeout' },
    });
    expect(await failure(text(await http.request({ url: `${server.url}/body` })))).toMatchObject({
      params: { reason: 'timeout' },
    });
  }, 10_000);

  it('names what is no HTTP', async () => {
    const server = await startServer((_, response) => void response.socket?.end('SSH-2.0-OpenSSH\r\n'));
    expect(await failure(transport().request({ url: server.url, attempts: 1 }))).toMatchObject({
      code: 'registry-invalid',
    });
  });

  it('stops reading what is too large, told or not', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/told') response.writeHead(200, { 'content-length': 5000 });
      response.end('x'.repeat(5000));
    });
    const http = transport();
    for (const path of ['/told', '/untold']) {
      expect(await failure(text(await http.request({ url: server.url + path })))).toMatchObject({
        code: 'too-large',
        params: { limit: 1000, what: 'the body' },
      });
    }
  });
});

describe('trying again', () => {
  it.each([408, 429, 500, 502, 503, 504])('follows %i, up to five tries in all', async (status) => {
    const server = await startServer((_, response) => response.writeHead(status).end('no'));
    const response = await transport().request({ url: server.url });
    expect(response.status).toBe(status);
    expect(await text(response)).toBe('no');
    expect(server.seen).toHaveLength(5);
  });

  it.each([400, 401, 403, 404, 501])('does not follow %i', async (status) => {
    const server = await startServer((_, response) => response.writeHead(status).end());
    await transport().request({ url: server.url });
    expect(server.seen).toHaveLength(1);
  });

  it('follows a connection that breaks before an answer', async () => {
    let count = 0;
    const server = await startServer((request, response) => {
      count += 1;
      if (count < 3) request.socket.destroy();
      else response.end('at last');
    });
    expect(await text(await transport().request({ url: server.url }))).toBe('at last');
  });

  it('is not for what cannot be repeated', async () => {
    const server = await startServer((request, response) => {
      request.resume().on('end', () => response.writeHead(503).end());
    });
    const http = transport();
    await http.request({ url: server.url, method: 'POST', body: 'x' });
    await http.request({ url: server.url, method: 'PUT', body: Readable.from(['x']) });
    expect(server.seen).toHaveLength(2);
  });

  it('waits as long as Retry-After says', async () => {
    let count = 0;
    const server = await startServer((_, response) => {
      count += 1;
      if (count === 1) response.writeHead(429, { 'retry-after': '1' });
      response.end();
    });
    const started = performance.now();
    expect((await transport().request({ url: server.url })).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  it('shows the answer at once when Retry-After asks for too much', async () => {
    const server = await startServer((_, response) => response.writeHead(429, { 'retry-after': '61' }).end());
    expect((await transport().request({ url: server.url })).status).toBe(429);
    expect(server.seen).toHaveLength(1);
  });
});

describe('redirects', () => {
  it('are followed, also relative ones, with the Authorization within the origin', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/a/start') response.writeHead(307, { location: '../b?x=1' }).end();
      else response.end(request.headers.authorization ?? 'none');
    });
    const response = await transport().request({ url: `${server.url}/a/start`, authorization: 'Bearer abc' });
    expect(response.url).toBe(`${server.url}/b?x=1`);
    expect(await text(response)).toBe('Bearer abc');
  });

  it('lose every secret when they leave the origin, and do not get it back', async () => {
    const away = await startServer((request, response) => {
      if (request.url === '/storage') response.writeHead(302, { location: `${home.url}/back` });
      response.end();
    });
    const home = await startServer((request, response) => {
      if (request.url === '/start') response.writeHead(302, { location: `${away.url}/storage` });
      response.end('home');
    });
    await transport().request({
      url: `${home.url}/start`,
      authorization: 'Bearer abc',
      headers: { Cookie: 'session', range: 'bytes=5-' },
    });
    expect(home.requests[0]?.headers.authorization).toBe('Bearer abc');
    for (const request of [away.requests[0], home.requests[1]]) {
      expect(request?.headers).not.toHaveProperty('authorization');
      expect(request?.headers).not.toHaveProperty('cookie');
      expect(request?.headers.range).toBe('bytes=5-');
    }
  });

  it('lose an Authorization that came among the headers too', async () => {
    const away = await startServer((_, response) => response.end());
    const home = await startServer((_, response) => response.writeHead(302, { location: away.url }).end());
    await transport().request({ url: home.url, headers: { Authorization: 'Basic x' } });
    expect(home.requests[0]?.headers.authorization).toBe('Basic x');
    expect(away.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('without end are given up', async () => {
    const server = await startServer((_, response) => response.writeHead(301, { location: '/again' }).end());
    await expect(transport().request({ url: server.url })).rejects.toMatchObject({
      code: 'too-many-redirects',
    });
    expect(server.seen).toHaveLength(6);
  });

  it.each(['file:///etc/passwd', 'http://[bad', 'javascript:alert(1)'])(
    'to %s are refused',
    async (location) => {
      const server = await startServer((_, response) => response.writeHead(302, { location }).end());
      await expect(transport().request({ url: server.url })).rejects.toMatchObject({
        code: 'registry-invalid',
      });
    },
  );

  it('are the caller’s when it asked for that, or sent something', async () => {
    const server = await startServer((_, response) => response.writeHead(302, { location: '/b' }).end());
    const http = transport();
    expect((await http.request({ url: server.url, followRedirects: false })).status).toBe(302);
    expect((await http.request({ url: server.url, method: 'POST', body: '' })).status).toBe(302);
    expect(server.seen).toEqual(['GET /', 'POST /']);
  });
});
