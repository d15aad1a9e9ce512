import { describe, expect, it, onTestFinished } from 'vitest';
import type { CertificateName } from '../../test/support/localServer.ts';
import { startServer, testCa } from '../../test/support/localServer.ts';
import { silentLogger } from '../base/logger.ts';
import { readBody } from './body.ts';
import { createTransport } from './transport.ts';
import type { TransportConfig } from './types.ts';

async function fetchFrom(url: string, config: Partial<TransportConfig>): Promise<string> {
  const http = createTransport({ insecureHosts: [], userAgent: 'strata-test', ...config }, silentLogger, {
    retryBaseMs: 5,
  });
  onTestFinished(() => http.close());
  const response = await http.request({ url, attempts: 1 });
  return (await readBody(response, 1000, 'the body')).toString();
}

const startTls = (certificate: CertificateName): ReturnType<typeof startServer> =>
  startServer((_, response) => response.end('over TLS'), certificate);

const tlsFailure = (detail: RegExp): unknown =>
  expect.objectContaining({
    code: 'registry-tls',
    params: expect.objectContaining({ detail: expect.stringMatching(detail) as string }) as object,
  });

describe('TLS', () => {
  it('trusts an extra CA', async () => {
    const server = await startTls('server');
    expect(await fetchFrom(server.url, { extraCa: [testCa] })).toBe('over TLS');
  });

  it('does not without it, and says why', async () => {
    const server = await startTls('server');
    await expect(fetchFrom(server.url, {})).rejects.toThrow(tlsFailure(/authority that is not trusted/));
  });

  it.each<[string, CertificateName, RegExp]>([
    ['a self-signed certificate', 'selfSigned', /self-signed/],
    ['an expired certificate', 'expired', /has expired/],
  ])('refuses %s', async (_, certificate, detail) => {
    const server = await startTls(certificate);
    await expect(fetchFrom(server.url, { extraCa: [testCa] })).rejects.toThrow(tlsFailure(detail));
  });

  it('is left unverified for hosts listed as insecure, and for those alone', async () => {
    const server = await startTls('expired');
    expect(await fetchFrom(server.url, { insecureHosts: [server.host] })).toBe('over TLS');
    await expect(fetchFrom(server.url, { insecureHosts: ['127.0.0.1:1'] })).rejects.toThrow(
      tlsFailure(/authority that is not trusted|has expired/),
    );
  });

  it('is left unverified when the whole configuration says so', async () => {
    const server = await startTls('selfSigned');
    expect(await fetchFrom(server.url, { rejectUnauthorized: false })).toBe('over TLS');
  });

  it('says that plain HTTP answered', async () => {
    const server = await startServer((_, response) => response.end());
    await expect(fetchFrom(server.url.replace('http:', 'https:'), {})).rejects.toThrow(
      tlsFailure(/plain HTTP/),
    );
  });

  it('refuses a redirect to plain HTTP', async () => {
    const plain = await startServer((_, response) => response.end());
    const server = await startServer(
      (_, response) => response.writeHead(302, { location: plain.url }).end(),
      'server',
    );
    await expect(fetchFrom(server.url, { extraCa: [testCa] })).rejects.toMatchObject({
      code: 'registry-invalid',
    });
    expect(plain.seen).toHaveLength(0);
  });

  it('refuses an extra CA that is none', async () => {
    const server = await startTls('server');
    await expect(fetchFrom(server.url, { extraCa: ['not a certificate'] })).rejects.toMatchObject({
      code: 'certificate-unreadable',
    });
  });
});
