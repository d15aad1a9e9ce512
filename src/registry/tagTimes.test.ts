import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connectRegistry } from '../../test/support/clientRegistry.ts';
import { startServer } from '../../test/support/localServer.ts';
import type { LocalServer } from '../../test/support/localServer.ts';
import { parseReference } from '../reference/index.ts';
import type { Credentials } from './index.ts';

type Route = (response: ServerResponse, url: URL, request: IncomingMessage) => void;

const start = (routes: Readonly<Record<string, Route>>): Promise<LocalServer> =>
  startServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const route = routes[url.pathname];
    if (route !== undefined) route(response, url, request);
    else response.writeHead(url.pathname === '/v2/' ? 200 : 404).end('404 page not found');
  });
const json =
  (value: unknown): Route =>
  (response) =>
    response.end(JSON.stringify(value));

const JANUARY = '2024-01-01T00:00:00.000Z';
const FEBRUARY = '2024-02-01T00:00:00.000Z';
const times = async (server: LocalServer, repository = 'team/app'): Promise<unknown> =>
  Object.fromEntries(await connectRegistry().tagTimes(parseReference(`${server.host}/${repository}`)));

it('GitLab tells by its own list, which goes on behind the last tag', async () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ name: `t${i}`, created_at: JANUARY }));
  const server = await start({
    '/gitlab/v1/repositories/team/app/tags/list/': (response, url) => {
      const next = [
        { name: 'newest', created_at: JANUARY, published_at: FEBRUARY },
        { name: 'bad tag!' },
        'x',
      ];
      response.end(JSON.stringify(url.searchParams.get('last') === 't99' ? next : many));
    },
  });
  const found = await times(server);
  expect(Object.keys(found as object)).toHaveLength(101);
  expect(found).toMatchObject({ t0: JANUARY, newest: FEBRUARY });
});

it('Quay tells page by page, to anyone', async () => {
  const server = await start({
    '/api/v1/repository/team/app/tag/': (response, url) => {
      const page = Number(url.searchParams.get('page'));
      const tag =
        page === 1
          ? { name: 'new', last_modified: 'Thu, 01 Feb 2024 00:00:00 -0000' }
          : { name: 'old', last_modified: 'Mon, 01 Jan 2024 00:00:00 -0000' };
      response.end(JSON.stringify({ has_additional: page === 1, page, tags: [tag] }));
    },
  });
  expect(await times(server)).toEqual({ new: FEBRUARY, old: JANUARY });
});

describe('Harbor', () => {
  const ARTIFACTS = '/api/v2.0/projects/team/repositories/deep%252Fapp/artifacts';
  const answer = json([
    {
      digest: 'sha256:1',
      tags: [
        { name: '2', push_time: FEBRUARY },
        { name: 'latest', push_time: FEBRUARY },
      ],
    },
    { digest: 'sha256:2', tags: null },
    {
      digest: 'sha256:3',
      tags: [
        { name: '1', push_time: JANUARY },
        { name: 'never', push_time: '0001-01-01T00:00:00Z' },
      ],
    },
  ]);

  it('tells by artifacts, the repository’s name encoded twice', async () => {
    expect(await times(await start({ [ARTIFACTS]: answer }), 'team/deep/app')).toEqual({
      '2': FEBRUARY,
      latest: FEBRUARY,
      '1': JANUARY,
    });
  });

  it.each<[string, Credentials, boolean]>([
    ['takes the user name and password of the registry', { username: 'ann', password: 'right' }, true],
    ['is not given an identity token', { identityToken: 'secret' }, false],
  ])('%s', async (_, credentials, told) => {
    const server = await start({
      [ARTIFACTS]: (response, url, request) => {
        const authorization = `Basic ${Buffer.from('ann:right').toString('base64')}`;
        if (request.headers.authorization === authorization) answer(response, url, request);
        else response.writeHead(401).end();
      },
    });
    const registry = connectRegistry({ credentials: { get: () => Promise.resolve(credentials) } });
    const found = await registry.tagTimes(parseReference(`${server.host}/team/deep/app`));
    expect(found.size).toBe(told ? 3 : 0);
    const sent = server.requests.map(({ headers }) => headers.authorization ?? '').join();
    expect(sent).not.toContain('secret');
  });
});

describe('Docker Hub', () => {
  const TAGS = '/v2/namespaces/team/repositories/app/tags';

  it('tells page by page, and no further than is useful', async () => {
    let pages = 0;
    const { url } = await start({
      [TAGS]: (response, asked) => {
        pages += 1;
        const name = `t${asked.searchParams.get('page')}`;
        const results = [{ name, last_updated: JANUARY, tag_last_pushed: FEBRUARY }];
        response.end(JSON.stringify({ next: 'https://hub.docker.com/more', results }));
      },
    });
    const found = await connectRegistry({ hubUrl: url }).tagTimes(parseReference('team/app'));
    expect(found.get('t1')).toBe(FEBRUARY);
    expect([found.size, pages]).toEqual([10, 10]);
  });

  it('tells the sizes of a tag’s images', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const { url } = await start({
      [`${TAGS}/1`]: json({
        images: [{ digest, size: 42 }, { digest: 'no', size: 1 }, { digest, size: 'x' }, null],
      }),
    });
    const registry = connectRegistry({ hubUrl: url });
    expect(await registry.imageSizes(parseReference('team/app:1'))).toEqual(new Map([[digest, 42]]));
    expect(await registry.imageSizes(parseReference('team/app:2'))).toEqual(new Map());
    expect(await registry.imageSizes(parseReference('localhost:1/team/app:1'))).toEqual(new Map());
  });
});

describe('a registry that does not tell', () => {
  it.each<[string, Route]>([
    ['answers HTML', (response) => response.end('<html>')],
    ['answers something else', json({ tags: 7, has_additional: 1 })],
    ['answers too much', (response) => response.end(`["${'x'.repeat(2 ** 21)}"]`)],
    ['fails', (response) => response.writeHead(500).end()],
    ['breaks off', (response) => response.destroy()],
    ['redirects for ever', (response, url) => response.writeHead(302, { location: url.href }).end()],
  ])('because it %s', async (_, route) => {
    const server = await start({
      '/gitlab/v1/repositories/team/app/tags/list/': route,
      '/api/v1/repository/team/app/tag/': route,
      '/api/v2.0/projects/team/repositories/app/artifacts': route,
    });
    expect(await times(server)).toEqual({});
  });

  it('is not asked again for a repository, nor by other ways once one is known', async () => {
    const server = await start({
      '/api/v1/repository/team/app/tag/': json({
        has_additional: false,
        tags: [{ name: '1', last_modified: JANUARY }],
      }),
    });
    const registry = connectRegistry();
    const ask = async (repository: string): Promise<number> => {
      server.seen.length = 0;
      await registry.tagTimes(parseReference(`${server.host}/${repository}`));
      return server.seen.filter((line) => !line.endsWith(' /v2/')).length;
    };
    expect(await ask('team/app')).toBe(2);
    expect(await ask('team/app')).toBe(1);
    expect(await ask('team/other')).toBe(1);
    expect(await ask('team/other')).toBe(0);
  });

  it('may be left alone by a signal', async () => {
    const server = await start({ '/gitlab/v1/repositories/team/app/tags/list/': () => undefined });
    const abort = new AbortController();
    const asking = connectRegistry().tagTimes(parseReference(`${server.host}/team/app`), abort.signal);
    abort.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
  });
});
