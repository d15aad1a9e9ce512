import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../test/support/localServer.ts';
import type { LocalServer } from '../../test/support/localServer.ts';
import { silentLogger } from '../base/logger.ts';
import { createTransport } from '../transport/index.ts';
import type { BlobAnswer } from './openBlob.ts';
import { openBlob } from './openBlob.ts';

const CONTENT = '0123456789';

async function open(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  offset = 0,
  authorization?: string,
): Promise<{ answer: BlobAnswer; server: LocalServer }> {
  const server = await startServer(handler);
  const transport = createTransport({ insecureHosts: [], userAgent: 'strata-test' }, silentLogger);
  onTestFinished(() => transport.close());
  const answer = await openBlob(
    transport,
    {
      url: `${server.url}/v2/app/blobs/x`,
      host: server.host,
      name: 'app',
      attempts: 1,
      ...(authorization === undefined ? {} : { authorization }),
    },
    { offset, signal: AbortSignal.timeout(5000) },
  );
  return { answer, server };
}

async function contentOf(answer: BlobAnswer): Promise<string> {
  if (!('body' in answer)) throw new Error(`no body: ${answer.status}`);
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const partial =
  (range: string, body: string) =>
  (_: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(206, { 'content-range': range, 'content-length': body.length }).end(body);

describe('openBlob', () => {
  it('reads a whole blob, with the Authorization and without a Range', async () => {
    const { answer, server } = await open(
      (_, response) => response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT),
      0,
      'Bearer abc',
    );
    expect(answer).toMatchObject({ status: 'full', size: 10 });
    expect(await contentOf(answer)).toBe(CONTENT);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer abc');
    expect(server.requests[0]?.headers).not.toHaveProperty('range');
  });

  it('goes on where it stopped', async () => {
    const { answer, server } = await open(partial('bytes 4-9/10', '456789'), 4);
    expect(answer).toMatchObject({ status: 'partial', size: 10 });
    expect(await contentOf(answer)).toBe('456789');
    expect(server.requests[0]?.headers.range).toBe('bytes=4-');
  });

  it('takes a range without a total', async () => {
    expect((await open(partial('bytes 4-9/*', '456789'), 4)).answer).toMatchObject({ size: undefined });
  });

  it('says that a registry which ignores the Range begins anew', async () => {
    const { answer } = await open((_, response) => response.end(CONTENT), 4);
    expect(answer.status).toBe('full');
    expect(await contentOf(answer)).toBe(CONTENT);
  });

  it.each([
    'bytes 3-9/10',
    'bytes 3-8/10',
    'bytes 0-5/10',
    'bytes 5-9/10',
    'bytes 0-9/10',
    'bytes 4-2/10',
    'bytes 4-9/9',
    'bytes 4-8/10',
    'bytes */10',
    'items 4-9/10',
    '',
    `bytes ${'9'.repeat(400)}-9/10`,
  ])('refuses a lying range: %s', async (range) => {
    await expect(open(partial(range, '456789'), 4)).rejects.toMatchObject({ code: 'registry-invalid' });
  });

  it('refuses a part that nobody asked for', async () => {
    await expect(open(partial('bytes 0-9/10', CONTENT))).rejects.toMatchObject({ code: 'registry-failed' });
  });

  it('says to start anew on 416', async () => {
    const { answer } = await open((_, response) => response.writeHead(416).end(), 4);
    expect(answer).toEqual({ status: 'restart' });
  });

  it('hands out the challenge of a 401', async () => {
    const challenge = 'Bearer realm="https://auth.test",service="s"';
    const { answer } = await open((_, response) =>
      response.writeHead(401, { 'www-authenticate': challenge }).end(),
    );
    expect(answer).toEqual({ status: 'unauthorized', challenge });
  });

  it('does not hand out the challenge of a host that it was redirected to', async () => {
    const away = await startServer((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end(),
    );
    await expect(
      open((_, response) => response.writeHead(307, { location: away.url }).end(), 0, 'Bearer abc'),
    ).rejects.toMatchObject({ code: 'registry-unauthorized' });
    expect(away.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    [403, 'registry-forbidden', false],
    [404, 'registry-failed', false],
    [429, 'registry-rate-limited', true],
    [503, 'registry-failed', true],
  ])('status %i is %s', async (status, code, retryable) => {
    await expect(open((_, response) => response.writeHead(status).end())).rejects.toMatchObject({
      code,
      retryable,
    });
  });
});
