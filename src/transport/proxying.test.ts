import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProxy, startServer, testCa } from '../../test/support/localServer.ts';
import type { LocalServer } from '../../test/support/localServer.ts';
import { silentLogger } from '../base/logger.ts';
import { readBody } from './body.ts';
import { createTransport } from './transport.ts';
import type { ProxySettings, Transport, TransportConfig } from './types.ts';

function through(proxy: ProxySettings, config: Partial<TransportConfig> = {}): Transport {
  const http = createTransport(
    { insecureHosts: [], userAgent: 'strata-test', extraCa: [testCa], proxy, ...config },
    silentLogger,
    { retryBaseMs: 5, connectTimeoutMs: 1000 },
  );
  onTestFinished(() => http.close());
  return http;
}

async function get(http: Transport, url: string): Promise<string> {
  return (await readBody(await http.request({ url, attempts: 1 }), 1000, 'the body')).toString();
}

const startRegistry = (): Promise<LocalServer> =>
  startServer((request, response) => response.end(`registry ${request.headers.host ?? ''}`), 'server');

const proxyFailure = (detail: RegExp): unknown =>
  expect.objectContaining({
    code: 'registry-unreachable',
    params: expect.objectContaining({
      reason: 'proxy',
      detail: expect.stringMatching(detail) as string,
    }) as object,
  });

describe('an https registry behind a proxy', () => {
  it('is reached through CONNECT, its certificate checked for its own name', async () => {
    const registry = await startRegistry();
    const proxy = await startProxy({ resolve: () => registry.port });
    const http = through({ https: proxy.url });
    expect(await get(http, 'https://registry.test/v2/')).toBe('registry registry.test');
    expect(await get(http, 'https://storage.test:8443/x')).toBe('registry storage.test:8443');
    expect(proxy.tunnels).toEqual(['registry.test:443', 'storage.test:8443']);
    await expect(get(http, 'https://wrong.test/')).rejects.toThrow(
      expect.objectContaining({
        code: 'registry-tls',
        params: { host: 'wrong.test', detail: 'its certificate is for another host name' },
      }),
    );
  });

  it('is reached with user and password, which no registry sees', async () => {
    const registry = await startRegistry();
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    const proxy = await startProxy({ resolve: () => registry.port, authorization });
    const url = proxy.url.replace('//', '//me:secret@');
    expect(await get(through({ https: url }), 'https://registry.test/')).toBe('registry registry.test');
    expect(registry.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    await expect(get(through({ https: proxy.url }), 'https://registry.test/')).rejects.toThrow(
      proxyFailure(/user name and a password \(407\)/),
    );
  });

  it('is reached through a proxy that itself speaks TLS', async () => {
    const registry = await startRegistry();
    const proxy = await startProxy({ resolve: () => registry.port, certificate: 'server' });
    expect(
      await get(through({ https: proxy.url.replace('127.0.0.1', 'localhost') }), 'https://registry.test/'),
    ).toBe('registry registry.test');
  });

  it('is not taken for the proxy when the proxy’s certificate is checked', async () => {
    const registry = await startRegistry();
    const proxy = await startProxy({ resolve: () => registry.port, certificate: 'server' });
    // Neither certificate is for wrong.test: the registry's is the one at fault.
    const url = proxy.url.replace('127.0.0.1', 'localhost');
    await expect(get(through({ https: url }), 'https://wrong.test/')).rejects.toMatchObject({
      code: 'registry-tls',
    });
  });

  it('is given up at once when aborted, though the connection is not there yet', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const abort = new AbortController();
    const request = through({ https: `http://127.0.0.1:${port}` }).request({
      url: 'https://registry.test/',
      signal: abort.signal,
    });
    const started = performance.now();
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(request).rejects.toThrow('enough');
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('fails with the proxy’s name for it when the proxy refuses, is not there, or is none', async () => {
    const refusing = await startProxy({ resolve: () => 1, refuseWith: 503 });
    await expect(get(through({ https: refusing.url }), 'https://registry.test/')).rejects.toThrow(
      proxyFailure(/answered 503/),
    );
    await expect(get(through({ https: 'http://127.0.0.1:1' }), 'https://registry.test/')).rejects.toThrow(
      proxyFailure(/connection refused/),
    );
    const none = await startServer((_, response) => response.end());
    await expect(get(through({ https: none.url }), 'https://registry.test/')).rejects.toThrow(
      proxyFailure(/./),
    );
  });

  it('fails with TLS trouble when the proxy’s certificate is not trusted', async () => {
    const proxy = await startProxy({ resolve: () => 1, certificate: 'selfSigned' });
    await expect(get(through({ https: proxy.url }), 'https://registry.test/')).rejects.toThrow(
      proxyFailure(/self-signed/),
    );
  });

  it('is reached straight when NO_PROXY lists it', async () => {
    const proxy = await startProxy({ resolve: () => 1 });
    const http = through({ https: proxy.url, noProxy: 'registry.invalid' });
    await expect(get(http, 'https://registry.invalid/')).rejects.toMatchObject({
      params: { reason: 'unknown-host' },
    });
    expect(proxy.tunnels).toHaveLength(0);
  });

  it('is not reached through an address that is none', async () => {
    await expect(get(through({ https: 'http://' }), 'https://registry.test/')).rejects.toMatchObject({
      code: 'proxy-invalid',
    });
  });
});

describe('a plain registry behind a proxy', () => {
  it('is asked for by its whole URL', async () => {
    const proxy = await startProxy({ resolve: () => 1 });
    expect(await get(through({ http: proxy.url }), 'http://registry.test:5000/v2/?n=1')).toBe('by proxy');
    expect(proxy.seen).toEqual(['GET http://registry.test:5000/v2/?n=1']);
    expect(proxy.requests[0]?.headers.host).toBe('registry.test:5000');
  });

  it('also by a proxy that itself speaks TLS', async () => {
    const proxy = await startProxy({ resolve: () => 1, certificate: 'server' });
    const url = proxy.url.replace('127.0.0.1', 'localhost');
    expect(await get(through({ http: url }), 'http://registry.elsewhere/')).toBe('by proxy');
  });

  it('takes a 407 and a refused connection for the proxy’s own', async () => {
    const proxy = await startProxy({ resolve: () => 1, authorization: 'Basic x' });
    await expect(get(through({ http: proxy.url }), 'http://registry.test/')).rejects.toThrow(
      proxyFailure(/407/),
    );
    await expect(get(through({ http: 'http://127.0.0.1:1' }), 'http://registry.test/')).rejects.toThrow(
      proxyFailure(/connection refused/),
    );
  });
});
