import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../../../test/support/localServer.ts';
import type { LocalServer } from '../../../test/support/localServer.ts';
import { StrataError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { sha256 } from '../../oci/digest.ts';
import { OCI_MANIFEST } from '../../oci/mediaTypes.ts';
import { parseReference } from '../../reference/index.ts';
import { createTransport } from '../../transport/index.ts';
import { createRegistry } from '../registry.ts';
import type { Registry } from '../types.ts';
import type { Credentials } from './credentials.ts';

interface Call {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

type TokenAnswer = object | number;

/** A registry that wants a token, and its token service. Tokens are `token-1`, `token-2`…; `valid` says which are taken. */
async function startGuarded(options: {
  token?: (call: Call, count: number) => TokenAnswer | Promise<TokenAnswer>;
  valid?: (authorization: string) => boolean;
  challenge?: (realm: string) => string;
}): Promise<{ registry: LocalServer; calls: Call[]; realm: string }> {
  const calls: Call[] = [];
  const service = await startServer((request, response) => {
    void answerToken(request, response);
  });
  const answerToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const call: Call = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', service.url),
      authorization: request.headers.authorization,
      form: new URLSearchParams(body),
    };
    calls.push(call);
    const answer = await Promise.resolve(
      options.token?.(call, calls.length) ?? { token: `token-${calls.length}` },
    );
    if (typeof answer === 'number') response.writeHead(answer).end('{}');
    else response.end(JSON.stringify(answer));
  };
  const realm = `${service.url}/token`;
  const challenge = options.challenge?.(realm) ?? `Bearer realm="${realm}",service="guard"`;
  const registry = await startServer((request, response) => {
    const { authorization } = request.headers;
    if (request.url === '/v2/') response.end();
    else if (authorization !== undefined && (options.valid?.(authorization) ?? true)) {
      response.writeHead(200, { 'content-type': OCI_MANIFEST }).end('{}');
    } else response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
  });
  return { registry, calls, realm };
}

function client(
  credentials?: Credentials | (() => Promise<Credentials | undefined>),
  log: string[] = [],
): Registry {
  const write = (line: string): void => void log.push(line);
  const logger = { ...silentLogger, debug: write, warn: write };
  const transport = createTransport({ insecureHosts: [], userAgent: 'strata-test' }, logger);
  onTestFinished(() => transport.close());
  const get = typeof credentials === 'function' ? credentials : () => Promise.resolve(credentials);
  return createRegistry({ transport, credentials: { get }, mirrors: {}, insecureHosts: [], logger });
}

const app = (server: LocalServer, path = 'team/app'): ReturnType<typeof parseReference> =>
  parseReference(`${server.host}/${path}:latest`);
const me = { username: 'me', password: 'pass:word' };
const basic = `Basic ${Buffer.from('me:pass:word').toString('base64')}`;
const manifestCalls = (server: LocalServer): number =>
  server.seen.filter((line) => line.includes('/manifests/')).length;

describe('a Bearer challenge', () => {
  it('is answered without credentials by GET, for pulling this repository', async () => {
    const { registry, calls } = await startGuarded({});
    await client().manifest(app(registry));
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: 'GET', authorization: undefined });
    expect(Object.fromEntries(calls[0]?.url.searchParams ?? [])).toEqual({
      service: 'guard',
      scope: 'repository:team/app:pull',
    });
    expect(registry.requests.at(-1)?.headers.authorization).toBe('Bearer token-1');
  });

  it('is answered with user and password, and nothing of that is logged', async () => {
    const log: string[] = [];
    const { registry, calls } = await startGuarded({});
    await client(me, log).manifest(app(registry));
    expect(calls[0]?.authorization).toBe(basic);
    expect(log.join('\n')).not.toMatch(/token-1|pass:word|Basic|Bearer/);
    expect(log.length).toBeGreaterThan(2);
  });

  it('is answered by POST with an identity token', async () => {
    const { registry, calls } = await startGuarded({ token: () => ({ access_token: 'oauth' }) });
    await client({ identityToken: 'idt' }).manifest(app(registry));
    expect(calls.map((call) => call.method)).toEqual(['POST']);
    expect(Object.fromEntries(calls[0]?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'strata',
      service: 'guard',
      scope: 'repository:team/app:pull',
      refresh_token: 'idt',
    });
    expect(registry.requests.at(-1)?.headers.authorization).toBe('Bearer oauth');
  });

  it.each([404, 405])('falls back to GET when POST is answered by %i', async (status) => {
    const { registry, calls } = await startGuarded({
      token: (call) => (call.method === 'POST' ? status : { token: 'x' }),
    });
    await client({ identityToken: 'idt' }).manifest(app(registry));
    expect(calls.map((call) => call.method)).toEqual(['POST', 'GET']);
    expect(calls[1]?.authorization).toBe(`Basic ${Buffer.from(':idt').toString('base64')}`);
  });

  it('asks for the registry’s own scope if that is for pulling, and for no other', async () => {
    const scoped = (scope: string): ReturnType<typeof startGuarded> =>
      startGuarded({ challenge: (realm) => `Bearer realm="${realm}",scope="${scope}"` });
    const proxied = await scoped('repository:proxy/team/app:pull');
    await client().manifest(app(proxied.registry));
    expect(proxied.calls[0]?.url.searchParams.get('scope')).toBe('repository:proxy/team/app:pull');
    const greedy = await scoped('repository:other:pull,push,delete');
    await client().manifest(app(greedy.registry));
    expect(greedy.calls[0]?.url.searchParams.get('scope')).toBe('repository:team/app:pull');
  });

  it('is preferred to Basic beside it', async () => {
    const { registry, calls } = await startGuarded({
      challenge: (realm) => `Basic realm="x", Bearer realm="${realm}"`,
    });
    await client(me).manifest(app(registry));
    expect(calls).toHaveLength(1);
  });
});

describe('tokens', () => {
  it('are asked for once however many wait, and kept by repository', async () => {
    const { registry, calls } = await startGuarded({
      token: async (_, count) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { token: `token-${count}` };
      },
    });
    const http = client();
    await Promise.all(Array.from({ length: 10 }, () => http.manifest(app(registry))));
    expect(calls).toHaveLength(1);
    await http.manifest(app(registry, 'team/other'));
    await http.manifest(app(registry));
    expect(calls).toHaveLength(2);
  });

  it('still come to the others when one gives up', async () => {
    const { registry, calls } = await startGuarded({
      token: async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { token: 'x' };
      },
    });
    const http = client();
    const abort = new AbortController();
    const impatient = http.manifest(app(registry), abort.signal);
    const patient = http.manifest(app(registry));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    abort.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    expect((await patient).digest).toBe(sha256('{}'));
    expect(calls).toHaveLength(1);
  });

  it('are renewed before they run out, without a 401', async () => {
    const { registry, calls } = await startGuarded({
      token: (_, count) => ({ token: `token-${count}`, expires_in: 1 }),
    });
    const http = client();
    await http.manifest(app(registry));
    await new Promise((resolve) => setTimeout(resolve, 900));
    await http.manifest(app(registry));
    expect(calls).toHaveLength(2);
    // The first try without a token, and one success each.
    expect(manifestCalls(registry)).toBe(3);
  });

  it('count their age from issued_at where that is plausible', async () => {
    const { registry, calls } = await startGuarded({
      token: (_, count) => ({
        token: `token-${count}`,
        expires_in: 100,
        // The first is all but over when it comes; the second has a clock that is wrong by years.
        issued_at: new Date(count === 1 ? Date.now() - 99_900 : 0).toISOString(),
      }),
    });
    const http = client();
    await http.manifest(app(registry));
    await new Promise((resolve) => setTimeout(resolve, 110));
    await http.manifest(app(registry));
    await http.manifest(app(registry));
    expect(calls).toHaveLength(2);
  });

  it('are renewed when the registry refuses one that it took before', async () => {
    let revoked = '';
    const { registry, calls } = await startGuarded({ valid: (authorization) => authorization !== revoked });
    const http = client();
    await http.manifest(app(registry));
    revoked = 'Bearer token-1';
    await http.manifest(app(registry));
    expect(calls).toHaveLength(2);
  });

  it('for a worker are one request for all who saw the same 401', async () => {
    const { registry, calls, realm } = await startGuarded({});
    const http = client();
    await http.manifest(app(registry));
    const descriptor = { mediaType: 'x', digest: sha256('x'), size: 1 };
    const [source] = await http.blobSources(app(registry), descriptor);
    if (!source) throw new Error('no source');
    expect(source.authorization).toBe('Bearer token-1');
    const challenge = `Bearer realm="${realm}",service="guard"`;
    const renewed = await Promise.all(
      Array.from({ length: 5 }, () => http.renewAuthorization(source, challenge)),
    );
    expect(new Set(renewed)).toEqual(new Set(['Bearer token-2']));
    expect(await http.renewAuthorization(source, challenge)).toBe('Bearer token-2');
    expect(calls).toHaveLength(2);
  });

  it.each<[string, TokenAnswer]>([
    ['is missing', {}],
    ['is empty', { token: '' }],
    ['is no text', { token: 7 }],
    ['would forge a header', { token: 'a\r\nx-evil: 1' }],
    ['lies in an array', [{ token: 'x' }]],
  ])('that %s are refused', async (_, answer) => {
    const { registry } = await startGuarded({ token: () => answer });
    await expect(client().manifest(app(registry))).rejects.toMatchObject({ code: 'registry-invalid' });
  });

  it('that are too large are refused', async () => {
    const { registry } = await startGuarded({ token: () => ({ token: 'x'.repeat(1024 * 1024) }) });
    await expect(client().manifest(app(registry))).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('a chain of 401s', () => {
  it('ends, for one who is not signed in', async () => {
    const { registry, calls } = await startGuarded({ valid: () => false });
    await expect(client().manifest(app(registry))).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { host: registry.host, signedIn: false },
    });
    expect(calls).toHaveLength(1);
    expect(manifestCalls(registry)).toBe(2);
  });

  it('ends as forbidden, where the token service took the credentials', async () => {
    const { registry } = await startGuarded({ valid: () => false });
    await expect(client(me).manifest(app(registry))).rejects.toMatchObject({ code: 'registry-forbidden' });
  });

  it('ends for a worker', async () => {
    const { registry, calls, realm } = await startGuarded({ valid: () => false });
    const http = client();
    const descriptor = { mediaType: 'x', digest: sha256('x'), size: 1 };
    let [request] = await http.blobSources(app(registry), descriptor);
    const loop = async (): Promise<void> => {
      for (;;) {
        if (!request) throw new Error('no source');
        const authorization = await http.renewAuthorization(request, `Bearer realm="${realm}"`);
        if (authorization === undefined) throw new Error('none');
        request = { ...request, authorization };
      }
    };
    await expect(loop()).rejects.toMatchObject({ code: 'registry-unauthorized' });
    expect(calls).toHaveLength(1);
  });

  it('begins anew for one who has signed in since', async () => {
    let signedIn = false;
    const { registry } = await startGuarded({
      token: (call) => ({ token: call.authorization === undefined ? 'anonymous' : 'mine' }),
      valid: (authorization) => authorization === 'Bearer mine',
    });
    const http = client(() => Promise.resolve(signedIn ? me : undefined));
    await expect(http.manifest(app(registry))).rejects.toMatchObject({ code: 'registry-unauthorized' });
    signedIn = true;
    expect((await http.manifest(app(registry))).digest).toBe(sha256('{}'));
  });
});

describe('refusals', () => {
  it.each([401, 403])('of the token service with %i are unauthorized', async (status) => {
    const { registry } = await startGuarded({ token: () => status });
    for (const credentials of [undefined, me]) {
      await expect(client(credentials).manifest(app(registry))).rejects.toMatchObject({
        code: 'registry-unauthorized',
        params: { signedIn: credentials !== undefined },
      });
    }
  });

  it('of an identity token come as 400', async () => {
    const { registry } = await startGuarded({ token: () => 400 });
    await expect(client({ identityToken: 'old' }).manifest(app(registry))).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { signedIn: true },
    });
  });

  it('tell what kept us from signing in, after trying without', async () => {
    const trouble = new StrataError('credentials-helper-failed', { helper: 'x', detail: 'locked' });
    const failing = (): Promise<undefined> => Promise.reject(trouble);
    const open = await startGuarded({});
    expect((await client(failing).manifest(app(open.registry))).digest).toBe(sha256('{}'));
    const closed = await startGuarded({ token: () => 401 });
    await expect(client(failing).manifest(app(closed.registry))).rejects.toBe(trouble);
  });
});

describe('a Basic challenge', () => {
  const challenge = (): string => 'Basic realm="guard"';

  it('is answered with user and password, kept for the next request', async () => {
    const { registry, calls } = await startGuarded({ challenge, valid: (sent) => sent === basic });
    const http = client(me);
    await http.manifest(app(registry));
    await http.manifest(app(registry));
    expect(manifestCalls(registry)).toBe(3);
    expect(calls).toHaveLength(0);
  });

  it('ends with the first refusal', async () => {
    const { registry } = await startGuarded({ challenge, valid: () => false });
    await expect(client(me).manifest(app(registry))).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { signedIn: true },
    });
    expect(manifestCalls(registry)).toBe(2);
    await expect(client().manifest(app(registry))).rejects.toMatchObject({ params: { signedIn: false } });
  });
});

describe('hostile challenges', () => {
  it.each([
    'Bearer realm="ftp://x.test/token"',
    'Bearer realm="not a url"',
    'Bearer realm="/token"',
    'Bearer realm=""',
    'Bearer realm="javascript:alert(1)"',
  ])('%s names no token service', async (challenge) => {
    const { registry } = await startGuarded({ challenge: () => challenge });
    await expect(client(me).manifest(app(registry))).rejects.toMatchObject({ code: 'registry-invalid' });
  });

  it.each(['', 'Bearer', 'Negotiate', 'garbage "," =', 'Bearer service="x"'])(
    '%j leads to no request for a token',
    async (challenge) => {
      const { registry, calls } = await startGuarded({ challenge: () => challenge });
      await expect(client(me).manifest(app(registry))).rejects.toMatchObject({
        code: 'registry-unauthorized',
      });
      expect(calls).toHaveLength(0);
    },
  );

  it('get no credentials over plain HTTP to another machine', async () => {
    const { registry } = await startGuarded({ challenge: () => 'Bearer realm="http://token.invalid/t"' });
    await expect(client(me).manifest(app(registry))).rejects.toMatchObject({
      code: 'registry-invalid',
      params: { detail: expect.stringContaining('plain HTTP') as string },
    });
  });

  it('of a host that we were redirected to are not answered', async () => {
    const away = await startGuarded({});
    const home = await startServer((request, response) => {
      if (request.url === '/v2/') response.end();
      else response.writeHead(307, { location: `${away.registry.url}${request.url ?? ''}` }).end();
    });
    await expect(client(me).manifest(app(home))).rejects.toMatchObject({ code: 'registry-unauthorized' });
    expect(away.calls).toHaveLength(0);
  });
});
