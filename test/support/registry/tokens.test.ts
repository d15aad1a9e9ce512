import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildImage } from '../images.ts';
import { pushImage } from '../pushImage.ts';
import { startRegistry } from './index.ts';
import type { TestRegistry } from './index.ts';
import type { TokenService } from './tokens.ts';

let registry: TestRegistry;
const image = buildImage({ layers: [{ entries: [{ path: 'a' }] }] });

beforeEach(async () => {
  registry = await startRegistry();
  await pushImage(registry.url, 'r', 'latest', image);
});
afterEach(() => registry.close());

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

async function manifest(authorization?: string, method = 'GET'): Promise<Response> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return await fetch(`${registry.url}/v2/r/manifests/latest`, { method, headers });
}

interface TokenAnswer {
  token?: string;
  access_token: string;
  expires_in: number;
  refresh_token?: string;
}

async function getToken(tokens: TokenService, query: string, authorization?: string): Promise<TokenAnswer> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const response = await fetch(`${tokens.url}/token?${query}`, { headers });
  return (await response.json()) as TokenAnswer;
}

async function postToken(tokens: TokenService, form: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ service: 'strata test registry', client_id: 'test', ...form });
  return await fetch(`${tokens.url}/token`, { method: 'POST', body });
}

describe('Basic', () => {
  it('lets in who knows the password', async () => {
    registry.requireBasic({ alice: 'se:cret' });
    const refused = await manifest();
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="strata test registry"');
    expect((await manifest(basic('alice:wrong'))).status).toBe(401);
    expect((await manifest(basic('alice:se:cret'))).status).toBe(200);
    registry.allowAnyone();
    expect((await manifest()).status).toBe(200);
  });
});

describe('tokens', () => {
  it('are asked for with the scope that the request needs', async () => {
    const tokens = await registry.requireTokens();
    const challenge = `Bearer realm="${tokens.url}/token",service="strata test registry"`;
    expect((await manifest()).headers.get('www-authenticate')).toBe(`${challenge},scope="repository:r:pull"`);
    expect((await manifest(undefined, 'DELETE')).headers.get('www-authenticate')).toBe(
      `${challenge},scope="repository:r:delete"`,
    );
    expect((await fetch(`${registry.url}/v2/`)).headers.get('www-authenticate')).toBe(challenge);
    const mount = await fetch(`${registry.url}/v2/r/blobs/uploads/?from=other&mount=x`, { method: 'POST' });
    expect(mount.headers.get('www-authenticate')).toBe(
      `${challenge},scope="repository:r:pull,push repository:other:pull"`,
    );
  });

  it('are given to anyone for a pull, and for no more', async () => {
    const tokens = await registry.requireTokens();
    const { token = '' } = await getToken(tokens, 'scope=repository:r:pull,delete');
    expect((await manifest(`Bearer ${token}`)).status).toBe(200);
    const refused = await manifest(`Bearer ${token}`, 'DELETE');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(tokens.issued).toEqual({ get: 1, post: 0 });
  });

  it('must grant all that a push needs', async () => {
    const tokens = await registry.requireTokens();
    const { token = '' } = await getToken(tokens, 'scope=repository:r:pull,push');
    const headers = { authorization: `Bearer ${token}` };
    const push = await fetch(`${registry.url}/v2/r/blobs/uploads/`, { method: 'POST', headers });
    expect(push.status).toBe(401);
  });

  it('hold for the repository that they name', async () => {
    const tokens = await registry.requireTokens();
    const { token = '' } = await getToken(tokens, 'scope=repository:other:pull');
    expect((await manifest(`Bearer ${token}`)).status).toBe(401);
  });

  it('are given to users who know their password', async () => {
    const tokens = await registry.requireTokens({ users: { alice: 'secret' } });
    const wrong = await fetch(`${tokens.url}/token`, { headers: { authorization: basic('alice:wrong') } });
    expect(wrong.status).toBe(401);
    const { token = '' } = await getToken(tokens, 'scope=repository:r:delete', basic('alice:secret'));
    expect((await manifest(`Bearer ${token}`, 'DELETE')).status).toBe(202);
    expect(tokens.issued.get).toBe(1);
  });

  it('run out', async () => {
    const tokens = await registry.requireTokens({ expiresIn: 0.05 });
    const { token = '', expires_in: expiresIn } = await getToken(tokens, 'scope=repository:r:pull');
    expect(expiresIn).toBe(0.05);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const refused = await manifest(`Bearer ${token}`);
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('are revoked', async () => {
    const tokens = await registry.requireTokens();
    const { token = '' } = await getToken(tokens, 'scope=repository:r:pull');
    tokens.revokeAll();
    expect((await manifest(`Bearer ${token}`)).status).toBe(401);
  });

  it('follow rules of the test', async () => {
    const tokens = await registry.requireTokens({ allows: () => false });
    const { token = '' } = await getToken(tokens, 'scope=repository:r:pull');
    expect((await manifest(`Bearer ${token}`)).status).toBe(401);
  });

  it('come for an identity token by OAuth2', async () => {
    const tokens = await registry.requireTokens({ identityTokens: { known: 'alice' } });
    const scope = 'repository:r:pull repository:r:delete';
    const response = await postToken(tokens, { grant_type: 'refresh_token', refresh_token: 'known', scope });
    const answer = (await response.json()) as TokenAnswer;
    expect(answer.refresh_token).toBe('known');
    expect((await manifest(`Bearer ${answer.access_token}`, 'DELETE')).status).toBe(202);
    expect(tokens.issued).toEqual({ get: 0, post: 1 });
    const refused = await postToken(tokens, { grant_type: 'refresh_token', refresh_token: 'unknown', scope });
    expect(refused.status).toBe(401);
  });

  it('come with an identity token for who asks for one', async () => {
    const tokens = await registry.requireTokens({ users: { alice: 'secret' } });
    const fromGet = await getToken(tokens, 'offline_token=true', basic('alice:secret'));
    const password = {
      grant_type: 'password',
      username: 'alice',
      password: 'secret',
      access_type: 'offline',
    };
    const fromPost = (await (await postToken(tokens, password)).json()) as TokenAnswer;
    for (const { refresh_token: identity = '' } of [fromGet, fromPost]) {
      const form = { grant_type: 'refresh_token', refresh_token: identity };
      expect((await postToken(tokens, form)).status).toBe(200);
    }
  });
});
