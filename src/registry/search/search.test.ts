import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connectRegistry } from '../../../test/support/clientRegistry.ts';
import { startServer } from '../../../test/support/localServer.ts';
import type { LocalServer } from '../../../test/support/localServer.ts';

type Route = (response: ServerResponse, url: URL) => void;

const start = (routes: Readonly<Record<string, Route>>): Promise<LocalServer> =>
  startServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const route = routes[url.pathname];
    if (route !== undefined) route(response, url);
    else response.writeHead(url.pathname === '/v2/' ? 200 : 404).end('{}');
  });

const json =
  (value: unknown, status = 200): Route =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const text =
  (body: string, status = 200): Route =>
  (response) =>
    response.writeHead(status).end(body);

const brief = { limit: 25, details: false };
const detailed = { limit: 25, details: true };

describe('v1', () => {
  it('is asked as docker asks it, and read whatever it holds', async () => {
    const { host, seen } = await start({
      '/v1/search': json({
        num_results: 4,
        results: [
          {
            name: 'one',
            description: 'two\nlines\u001b[2J',
            star_count: 3,
            is_official: true,
            is_automated: true,
          },
          { name: 7, description: null, star_count: -3, is_official: 'yes' },
          null,
          'text',
          { star_count: 1e300 },
        ],
      }),
    });
    const none = { stars: 0, official: false, automated: false };
    expect(await connectRegistry().search(host, 'a b&c', brief)).toEqual([
      { name: 'one', description: 'two lines [2J', stars: 3, official: true, automated: true },
      { ...none, name: '', description: '' },
      { ...none, name: '', description: '' },
    ]);
    expect(seen.at(-1)).toBe('GET /v1/search?q=a+b%26c&n=25');
  });

  it('gives no more than was asked for', async () => {
    const results = Array.from({ length: 500 }, (_, i) => ({ name: `n${i}` }));
    const { host } = await start({ '/v1/search': json({ results }) });
    expect(await connectRegistry().search(host, 'n', { ...brief, limit: 7 })).toHaveLength(7);
  });

  it('that found nothing says so by null', async () => {
    const { host } = await start({ '/v1/search': json({ results: null }) });
    expect(await connectRegistry().search(host, 'n', brief)).toEqual([]);
  });
});

describe('where v1 does not serve', () => {
  const catalog = json({ repositories: ['team/app', 'Not/A Name', 7, '../../etc', 'team/web'] });

  it.each<[string, Route]>([
    ['is missing', json({}, 404)],
    ['is forbidden', json({}, 403)],
    ['fails', text('', 500)],
    ['is HTML', text('<!doctype html>')],
    ['is no object', text('[]')],
    ['has no results', json({ hits: [] })],
    ['has results that are no list', json({ results: {} })],
    ['is endless', text(`{"results":["${'x'.repeat(2 ** 21)}"]}`)],
    [
      'wants a sign-in',
      (response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
    ],
  ])('because it %s, the catalogue is read', async (_, v1) => {
    const { host } = await start({ '/v1/search': v1, '/v2/_catalog': catalog });
    const found = await connectRegistry().search(host, 'TEAM', brief);
    expect(found.map(({ name }) => name)).toEqual(['team/app', 'team/web']);
  });

  it('the catalogue is read only until enough is found', async () => {
    const { host, seen } = await start({
      '/v2/_catalog': (response, url) => {
        const last = Number(url.searchParams.get('last') ?? 0);
        const link = `</v2/_catalog?last=${last + 2}>; rel="next"`;
        response.writeHead(200, { link }).end(`{"repositories":["app/n${last}","app/n${last + 1}"]}`);
      },
    });
    const found = await connectRegistry().search(host, 'app', { ...brief, limit: 5 });
    expect(found.map(({ name }) => name)).toEqual(['app/n0', 'app/n1', 'app/n2', 'app/n3', 'app/n4']);
    expect(seen.filter((line) => line.includes('_catalog'))).toHaveLength(3);
  });

  it('pages that never end are not followed for ever', async () => {
    let page = 0;
    const { host } = await start({
      '/v2/_catalog': (response) => {
        page += 1;
        response
          .writeHead(200, { link: `</v2/_catalog?last=x${page}>; rel="next"` })
          .end('{"repositories":[]}');
      },
    });
    expect(await connectRegistry().repositories(host)).toEqual([]);
    expect(page).toBe(1000);
  });

  it('the next page is this host’s, whatever its Link says', async () => {
    const other = await start({});
    const { host, seen } = await start({
      '/v2/_catalog': (response, url) =>
        url.searchParams.has('last')
          ? response.end('{"repositories":["b"]}')
          : response
              .writeHead(200, { link: `<http://${other.host}/v2/_catalog?last=a>; rel="next"` })
              .end('{"repositories":["a"]}'),
    });
    expect(await connectRegistry().repositories(host)).toEqual(['a', 'b']);
    expect(other.seen).toEqual([]);
    expect(seen).toContain('GET /v2/_catalog?last=a');
  });

  it('a list of repositories that is null is empty', async () => {
    const { host } = await start({ '/v2/_catalog': json({ repositories: null }) });
    expect(await connectRegistry().repositories(host)).toEqual([]);
  });

  it('neither being there is said plainly', async () => {
    const { host } = await start({});
    await expect(connectRegistry().search(host, 'x', brief)).rejects.toMatchObject({
      code: 'search-unsupported',
      params: { host },
    });
  });

  it('a registry that fails is no registry that cannot', async () => {
    const { host } = await start({ '/v2/_catalog': text('', 503) });
    await expect(connectRegistry().search(host, 'x', brief)).rejects.toMatchObject({
      code: 'registry-failed',
      params: { status: 503 },
    });
  });
});

describe('Docker Hub', () => {
  it.each<[string, Route]>([
    ['fails', text('', 500)],
    ['is HTML', text('<html>')],
    ['has no list', json({ results: 'none' })],
    ['is not an object', json([])],
    ['limits requests', text('', 429)],
  ])('is asked by v1 where the newer API %s', async (_, v2) => {
    const { url } = await start({
      '/v2/search/repositories/': v2,
      '/api/search/v3/catalog/search': v2,
      '/v1/search': json({ results: [{ name: 'alpine', star_count: 2 }] }),
    });
    const found = await connectRegistry({ hubUrl: url }).search('docker.io', 'alp', detailed);
    expect(found).toEqual([{ name: 'alpine', description: '', stars: 2, official: false, automated: false }]);
  });

  it('may stand below a path, and has no publisher for its own images', async () => {
    const { url, seen } = await start({
      '/hub/v2/search/repositories/': json({
        results: [
          { repo_name: 'library/alpine', is_official: true, pull_count: 9 },
          { repo_name: 'a/b', pull_count: 'many' },
        ],
      }),
      '/hub/api/search/v3/catalog/search': json({
        results: [
          { slug: 'alpine', badge: 'verified_publisher' },
          { slug: 'a/b', source: 'open_source' },
          { slug: 'c/d', badge: 'verified_publisher' },
        ],
      }),
    });
    const found = await connectRegistry({ hubUrl: `${url}/hub/` }).search('index.docker.io', 'a', detailed);
    expect(found).toMatchObject([
      { name: 'alpine', official: true, pulls: 9 },
      { name: 'a/b', official: false, pulls: 0, publisher: 'sponsored' },
    ]);
    expect(found[0]).not.toHaveProperty('publisher');
    expect(seen.every((line) => line.startsWith('GET /hub/'))).toBe(true);
  });
});
