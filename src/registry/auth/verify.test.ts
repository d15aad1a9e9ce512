import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connectRegistry } from '../../../test/support/clientRegistry.ts';
import { startServer } from '../../../test/support/localServer.ts';
import type { LocalServer } from '../../../test/support/localServer.ts';

const ACCOUNT = { username: 'ann', password: 'right' };
const BASIC = `Basic ${Buffer.from('ann:right').toString('base64')}`;

/** `/v2/` takes this Authorization; without one it answers by this challenge. */
function start(
  challenge: string | ((self: string) => string),
  accepted: string,
  token: (response: ServerResponse) => void = (response) => response.writeHead(404).end(),
): Promise<LocalServer> {
  return startServer((request, response) => {
    if (request.url?.startsWith('/token') === true) {
      token(response);
    } else if (request.headers.authorization === accepted) {
      response.end('{}');
    } else {
      const self = `http://${request.headers.host ?? ''}`;
      const text = typeof challenge === 'string' ? challenge : challenge(self);
      response.writeHead(401, { 'www-authenticate': text }).end();
    }
  });
}

const bearer = (self: string): string => `Bearer realm="${self}/token",service="reg"`;
const verify = async ({ host }: LocalServer, account: typeof ACCOUNT = ACCOUNT): Promise<unknown> =>
  await connectRegistry().verify(host, account);

describe('credentials', () => {
  it('are taken by Basic', async () => {
    const server = await start('Basic realm="x"', BASIC);
    expect(await verify(server)).toEqual({});
    await expect(verify(server, { ...ACCOUNT, password: 'wrong' })).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { signedIn: true, name: server.host },
      message: `login attempt to ${server.url}/v2/ failed with status: 401 Unauthorized`,
    });
  });

  it('are exchanged for a token, and for an identity token where there is one', async () => {
    const server = await start(bearer, 'Bearer t0ken', (response) =>
      response.end('{"token":"t0ken","refresh_token":"for-later"}'),
    );
    expect(await verify(server)).toEqual({ identityToken: 'for-later' });
    const asked = server.requests.find(({ url }) => url?.startsWith('/token'));
    expect(asked?.headers.authorization).toBe(BASIC);
    expect(asked?.url).toBe('/token?service=reg&account=ann&client_id=strata&offline_token=true');
  });

  it('are taken by any server that asks for none', async () => {
    const server = await startServer((_, response) => response.end('{}'));
    expect(await verify(server)).toEqual({});
    expect(server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it.each<[string, (response: ServerResponse) => void, object]>([
    [
      'refused in the service’s words',
      (response) => response.writeHead(401).end('{"errors":[{"message":"no such\\u001b[31m account"}]}'),
      {
        code: 'registry-unauthorized',
        message: expect.stringMatching(/: unauthorized: no such \[31m account$/) as string,
      },
    ],
    ['met by HTML', (response) => response.end('<html>'), { code: 'registry-invalid' }],
    ['met by an endless answer', (response) => response.end('x'.repeat(2 ** 21)), { code: 'too-large' }],
    ['met by no token', (response) => response.end('{}'), { code: 'registry-invalid' }],
    ['met by a failure', (response) => response.writeHead(500).end(), { code: 'registry-failed' }],
    [
      'given a token that the registry does not take',
      (response) => response.end('{"token":"other"}'),
      { code: 'registry-unauthorized' },
    ],
  ])('are %s', async (_, token, failure) => {
    await expect(verify(await start(bearer, 'Bearer t0ken', token))).rejects.toMatchObject(failure);
  });

  it('do not go over plain HTTP to another machine, nor to where a challenge is of an unknown kind', async () => {
    const plain = await start('Bearer realm="http://tokens.example/token"', BASIC);
    await expect(verify(plain)).rejects.toMatchObject({ code: 'registry-invalid' });
    const strange = await start('Negotiate', BASIC);
    await expect(verify(strange)).rejects.toMatchObject({ code: 'registry-invalid' });
    for (const { requests } of [plain, strange]) {
      expect(requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    }
  });

  it('do not follow a redirect to another host', async () => {
    const other = await startServer((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="mine"' }).end(),
    );
    const server = await startServer((_, response) =>
      response.writeHead(307, { location: `${other.url}/v2/` }).end(),
    );
    await expect(verify(server)).rejects.toMatchObject({ code: 'registry-unauthorized' });
    expect(other.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });
});
