import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../test/support/localServer.ts';
import type { LocalServer } from '../../test/support/localServer.ts';
import { silentLogger } from '../base/logger.ts';
import { sha256 } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { parseReference } from '../reference/index.ts';
import { createTransport } from '../transport/index.ts';
import { createRegistry } from './registry.ts';
import type { Registry, RegistryOptions } from './types.ts';

function registry(options: Partial<RegistryOptions> = {}, warnings: string[] = []): Registry {
  const logger = { ...silentLogger, warn: (line: string) => void warnings.push(line) };
  const insecureHosts = options.insecureHosts ?? [];
  const transport = createTransport({ insecureHosts, userAgent: 'strata-test' }, logger);
  onTestFinished(() => transport.close());
  return createRegistry({
    transport,
    credentials: { get: () => Promise.resolve(undefined) },
    mirrors: {},
    insecureHosts,
    logger,
    ...options,
  });
}

type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers `/v2/`, these routes, and 404 elsewhere. */
const start = (routes: Record<string, Route>): Promise<LocalServer> =>
  startServer((request, response) => {
    const route = routes[request.url ?? ''];
    if (route) route(request, response);
    else if (request.url === '/v2/') response.end('{}');
    else response.writeHead(404).end('{"errors":[{"code":"UNKNOWN","message":"not here"}]}');
  });

const send =
  (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Route =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

const manifestText = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: {}, layers: [] });
const typed = (type: string): Record<string, string> => ({ 'content-type': type });
const MANIFEST = '/v2/team/app/manifests/latest';

describe('manifest', () => {
  it('is fetched by tag, with every type asked for, and its digest computed', async () => {
    const server = await start({
      [MANIFEST]: send(manifestText, {
        ...typed(`${OCI_MANIFEST}; charset=utf-8`),
        'docker-content-digest': sha256(manifestText),
      }),
    });
    const answer = await registry().manifest(parseReference(`${server.host}/team/app:latest`));
    expect(answer).toEqual({
      mediaType: OCI_MANIFEST,
      digest: sha256(manifestText),
      bytes: Buffer.from(manifestText),
      source: { host: server.host, mirror: false },
    });
    expect(server.requests.at(-1)?.headers.accept).toContain(OCI_INDEX);
    expect(server.requests.at(-1)?.headers.accept).toContain(DOCKER_MANIFEST);
  });

  it('is fetched by digest where there is one, and refused when its bytes are others', async () => {
    const digest = sha256(manifestText);
    const server = await start({
      [`/v2/team/app/manifests/${digest}`]: send(`${manifestText} `, typed(OCI_MANIFEST)),
    });
    await expect(
      registry().manifest(parseReference(`${server.host}/team/app:tag@${digest}`)),
    ).rejects.toMatchObject({
      code: 'digest-mismatch',
      params: { expected: digest, actual: sha256(`${manifestText} `) },
    });
  });

  it('is refused when the registry itself names another digest', async () => {
    const server = await start({
      [MANIFEST]: send(manifestText, { ...typed(OCI_MANIFEST), 'docker-content-digest': sha256('x') }),
    });
    await expect(registry().manifest(parseReference(`${server.host}/team/app:latest`))).rejects.toMatchObject(
      {
        code: 'digest-mismatch',
      },
    );
  });

  it('takes the document’s own type when the server does not know it', async () => {
    const server = await start({ [MANIFEST]: send(manifestText, typed('application/octet-stream')) });
    const answer = await registry().manifest(parseReference(`${server.host}/team/app:latest`));
    expect(answer.mediaType).toBe(OCI_MANIFEST);
  });

  it.each<[string, string, string, object]>([
    ['another type than it says', manifestText, OCI_INDEX, { code: 'content-invalid' }],
    ['no JSON', 'nonsense', OCI_MANIFEST, { code: 'content-invalid' }],
    ['no object', '[]', OCI_MANIFEST, { code: 'content-invalid' }],
    ['a type that is no text', '{"mediaType":7}', OCI_MANIFEST, { code: 'content-invalid' }],
    [
      'schema 1, by header',
      '{"schemaVersion":1}',
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      { code: 'manifest-unsupported', params: { schema1: true } },
    ],
    [
      'schema 1, by document',
      '{"schemaVersion":1}',
      'application/json',
      { code: 'manifest-unsupported', params: { schema1: true } },
    ],
    [
      'an unknown type',
      '{}',
      'application/vnd.acme+json',
      { code: 'manifest-unsupported', params: { mediaType: 'application/vnd.acme+json', schema1: false } },
    ],
    ['a page', '<html>', 'text/html', { code: 'content-invalid' }],
    ['more than 4 MiB', ' '.repeat(4 * 1024 * 1024 + 1), OCI_MANIFEST, { code: 'too-large' }],
  ])('is refused when it is %s', async (_, body, type, expected) => {
    const server = await start({ [MANIFEST]: send(body, typed(type)) });
    await expect(registry().manifest(parseReference(`${server.host}/team/app:latest`))).rejects.toMatchObject(
      expected,
    );
  });

  it.each<[number, string, object]>([
    [403, 'registry-forbidden', { name: expect.stringMatching(/team\/app$/) as string }],
    [404, 'registry-not-found', { name: expect.stringMatching(/team\/app:latest$/) as string }],
    [418, 'registry-failed', { status: 418, detail: 'not today' }],
  ])('status %i is %s', async (status, code, params) => {
    const server = await start({
      [MANIFEST]: send('{"errors":[{"code":"X","message":"not\\ntoday"}]}', {}, status),
    });
    await expect(registry().manifest(parseReference(`${server.host}/team/app:latest`))).rejects.toMatchObject(
      {
        code,
        params: { host: server.host, ...params },
      },
    );
  });

  it('names what a rate limit asks for', async () => {
    const server = await start({ [MANIFEST]: send('', { 'retry-after': '3600' }, 429) });
    await expect(registry().manifest(parseReference(`${server.host}/team/app:latest`))).rejects.toMatchObject(
      {
        code: 'registry-rate-limited',
        params: { host: server.host, retryAfterSeconds: 3600 },
        retryable: true,
      },
    );
  });

  it('is asked for again when it breaks off in the middle', async () => {
    let count = 0;
    const server = await start({
      [MANIFEST]: (request, response) => {
        count += 1;
        response.writeHead(200, { ...typed(OCI_MANIFEST), 'content-length': manifestText.length });
        if (count === 1) response.write('{', () => request.socket.destroy());
        else response.end(manifestText);
      },
    });
    const answer = await registry().manifest(parseReference(`${server.host}/team/app:latest`));
    expect(answer.digest).toBe(sha256(manifestText));
  });
});

describe('blob', () => {
  const content = Buffer.from('{"os":"linux"}');
  const descriptor: Descriptor = { mediaType: 'x', digest: sha256(content), size: content.length };
  const path = `/v2/team/app/blobs/${descriptor.digest}`;

  it('comes whole and checked', async () => {
    const server = await start({ [path]: send(content) });
    const bytes = await registry().blob(parseReference(`${server.host}/team/app`), descriptor, 1000);
    expect(bytes).toEqual(content);
  });

  it.each<[string, Buffer, object]>([
    ['wrong bytes', Buffer.from('{"os":"macos"}'), { code: 'digest-mismatch' }],
    ['too few', content.subarray(1), { code: 'size-mismatch' }],
    ['too many', Buffer.concat([content, content]), { code: 'too-large' }],
  ])('is refused with %s', async (_, body, expected) => {
    const server = await start({ [path]: send(body) });
    await expect(
      registry().blob(parseReference(`${server.host}/team/app`), descriptor, 1000),
    ).rejects.toMatchObject(expected);
  });

  it('beyond the limit is not asked for', async () => {
    const server = await start({ [path]: send(content) });
    await expect(
      registry().blob(parseReference(`${server.host}/team/app`), descriptor, 5),
    ).rejects.toMatchObject({ code: 'too-large', params: { limit: 5 } });
    expect(server.seen).toEqual([]);
  });
});

describe('tags', () => {
  const page = (tags: unknown, next?: string): Route =>
    send(
      JSON.stringify({ name: 'team/app', tags }),
      next === undefined ? {} : { link: `<${next}>; rel="next"` },
    );
  const first = '/v2/team/app/tags/list?n=1000';

  it('are read page by page, wherever the Link claims that the registry lives', async () => {
    const server = await start({
      [first]: page(['a', 'b'], '/v2/team/app/tags/list?n=1000&last=b'),
      '/v2/team/app/tags/list?n=1000&last=b': page(['b', 'c'], 'https://elsewhere.test/v2/p3'),
      '/v2/p3': page(['d', 'not a tag', 7]),
    });
    expect(await registry().tags(parseReference(`${server.host}/team/app`))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('end when a Link repeats itself', async () => {
    const server = await start({
      [first]: page(['a'], '/v2/p2'),
      '/v2/p2': page(['b'], first),
    });
    expect(await registry().tags(parseReference(`${server.host}/team/app`))).toEqual(['a', 'b']);
    expect(server.seen).toHaveLength(3);
  });

  it('end after MAX_PAGES of ever new Links', async () => {
    let count = 0;
    const server = await startServer((request, response) => {
      count += 1;
      page([], `//evil.test/v2/${count}`)(request, response);
    });
    expect(await registry().tags(parseReference(`${server.host}/team/app`))).toEqual([]);
    expect(server.seen).toHaveLength(1001);
  }, 20_000);

  it('may be none, and nothing else than a list', async () => {
    const empty = await start({ [first]: page(null) });
    expect(await registry().tags(parseReference(`${empty.host}/team/app`))).toEqual([]);
    const wrong = await start({ [first]: page('abc') });
    await expect(registry().tags(parseReference(`${wrong.host}/team/app`))).rejects.toMatchObject({
      code: 'registry-invalid',
    });
  });
});

describe('mirrors', () => {
  const good = send(manifestText, typed(OCI_MANIFEST));

  it('are tried in order, then the origin; each failure is passed over', async () => {
    const wrong = await start({ [MANIFEST]: send(manifestText, { 'docker-content-digest': sha256('x') }) });
    const missing = await start({});
    const mirror = await start({ '/v2/cache/team/app/manifests/latest': good });
    const origin = await start({ [MANIFEST]: good });
    const warnings: string[] = [];
    const mirrors = { [origin.host]: [wrong.host, '127.0.0.1:1', missing.url, `${mirror.url}/v2/cache/`] };
    const client = registry({ mirrors }, warnings);
    const ref = parseReference(`${origin.host}/team/app:latest`);
    expect((await client.manifest(ref)).source).toEqual({ host: mirror.host, mirror: true });
    expect(warnings).toHaveLength(3);
    expect(origin.seen).toEqual([]);
  });

  it('leave the origin to answer, and its failure is the one that is told', async () => {
    const missing = await start({});
    const origin = await start({ [MANIFEST]: send('', {}, 403) });
    const mirrors = { [origin.host]: [missing.host] };
    await expect(
      registry({ mirrors }).manifest(parseReference(`${origin.host}/team/app:latest`)),
    ).rejects.toMatchObject({ code: 'registry-forbidden', params: { host: origin.host } });
    expect(missing.seen).toContain(`GET ${MANIFEST}`);
  });

  it('that cannot be reached rest for a while', async () => {
    const origin = await start({ [MANIFEST]: good });
    const warnings: string[] = [];
    const client = registry({ mirrors: { [origin.host]: ['127.0.0.1:1'] } }, warnings);
    const ref = parseReference(`${origin.host}/team/app:latest`);
    await client.manifest(ref);
    await client.manifest(ref);
    expect(warnings).toHaveLength(1);
  });

  const TAGS = '/v2/team/app/tags/list?n=1000';
  const tagged = (...tags: string[]): Route => send(JSON.stringify({ name: 'team/app', tags }));
  const refused = parseReference('127.0.0.1:1/team/app:latest');

  it('list tags where the origin cannot be reached, in their order, and then before it', async () => {
    const lacking = await start({});
    const mirror = await start({ '/v2/cache/team/app/tags/list?n=1000': tagged('a', 'b') });
    const warnings: string[] = [];
    const client = registry({ mirrors: { '127.0.0.1:1': [lacking.host, `${mirror.url}/cache`] } }, warnings);
    expect(await client.tags(refused)).toEqual(['a', 'b']);
    expect(lacking.seen).toContain(`GET ${TAGS}`);
    expect(warnings).toEqual([
      expect.stringContaining('registry 127.0.0.1:1 is passed over'),
      expect.stringContaining(`mirror ${lacking.host} is passed over`),
    ]);
    expect(await client.tags(refused)).toEqual(['a', 'b']);
    // The origin rests, and its times are not waited for.
    expect(warnings).toHaveLength(3);
    expect(await client.tagTimes(refused)).toEqual(new Map());
  });

  it('list tags where another server answers in the origin’s place', async () => {
    const origin = await startServer((_, response) => response.end(), 'selfSigned');
    const mirror = await start({ [TAGS]: tagged('a') });
    const client = registry({ mirrors: { [origin.host]: [mirror.host] } });
    expect(await client.tags(parseReference(`${origin.host}/team/app`))).toEqual(['a']);
  });

  it('have no say in tags where the origin answers, by a failure too', async () => {
    const mirror = await start({ [TAGS]: tagged('old') });
    const origin = await start({ [TAGS]: tagged('new') });
    const client = registry({ mirrors: { [origin.host]: [mirror.host] } });
    expect(await client.tags(parseReference(`${origin.host}/team/app`))).toEqual(['new']);
    await expect(client.tags(parseReference(`${origin.host}/team/none`))).rejects.toMatchObject({
      code: 'registry-not-found',
      params: { host: origin.host },
    });
    expect(mirror.seen).toEqual([]);
  });

  it('that cannot list tags either leave the origin’s failure, and each is asked anew', async () => {
    const lacking = await start({});
    const client = registry({ mirrors: { '127.0.0.1:1': [lacking.host] } });
    const unreachable = { code: 'registry-unreachable', params: { host: '127.0.0.1:1' } };
    await expect(client.tags(refused)).rejects.toMatchObject(unreachable);
    await expect(client.tags(refused)).rejects.toMatchObject(unreachable);
    expect(lacking.seen.filter((line) => line === `GET ${TAGS}`)).toHaveLength(2);
  });

  it('tell what refers to an image where the origin cannot be reached', async () => {
    const digest = sha256(manifestText);
    const referrer = { mediaType: OCI_MANIFEST, digest: sha256('r'), size: 1, artifactType: 'text/x' };
    const mirror = await start({
      [`/v2/team/app/referrers/${digest}`]: send(JSON.stringify({ manifests: [referrer] })),
    });
    const client = registry({ mirrors: { '127.0.0.1:1': [mirror.host] } });
    expect(await client.referrers(refused, digest)).toEqual([expect.objectContaining(referrer)]);
  });

  it('are not asked once the signal has spoken', async () => {
    const mirror = await start({ [TAGS]: tagged('a') });
    const abort = new AbortController();
    const origin = await startServer(() => abort.abort(new Error('enough')));
    const client = registry({ mirrors: { [origin.host]: [mirror.host] } });
    const ref = parseReference(`${origin.host}/team/app`);
    await expect(client.tags(ref, abort.signal)).rejects.toThrow('enough');
    expect(mirror.seen).toEqual([]);
  });

  it('that are no address are said to be none', async () => {
    const client = registry({ mirrors: { 'docker.io': ['http://'] } });
    await expect(client.manifest(parseReference('alpine:latest'))).rejects.toMatchObject({
      code: 'config-invalid',
    });
  });
});

describe('blobSources', () => {
  const descriptor: Descriptor = {
    mediaType: 'x',
    digest: sha256('layer'),
    size: 5,
    urls: ['https://me:secret@far.test/layer', 'file:///etc/passwd', 'nonsense'],
  };

  it('are plain data in order: mirrors, the origin, a foreign layer’s own addresses', async () => {
    const client = registry({ mirrors: { 'docker.io': ['mirror.test/prefix', 'http://10.0.0.1:5000'] } });
    const sources = await client.blobSources(parseReference('alpine'), descriptor);
    const blob = `library/alpine/blobs/${descriptor.digest}`;
    expect(structuredClone(sources)).toEqual([
      {
        url: `https://mirror.test/v2/prefix/${blob}`,
        host: 'mirror.test',
        name: 'alpine',
        repository: 'prefix/library/alpine',
        attempts: 2,
      },
      {
        url: `http://10.0.0.1:5000/v2/${blob}`,
        host: '10.0.0.1:5000',
        name: 'alpine',
        repository: 'library/alpine',
        attempts: 2,
      },
      {
        url: `https://registry-1.docker.io/v2/${blob}`,
        host: 'docker.io',
        name: 'alpine',
        repository: 'library/alpine',
      },
      { url: 'https://far.test/layer', host: 'far.test', name: 'alpine' },
    ]);
  });

  it('of a foreign layer are given no credentials, whatever their challenge', async () => {
    const client = registry({
      credentials: { get: () => Promise.resolve({ username: 'me', password: 'secret' }) },
    });
    const foreign = (await client.blobSources(parseReference('alpine'), descriptor)).at(-1);
    expect(foreign).toBeDefined();
    if (foreign) expect(await client.renewAuthorization(foreign, 'Basic realm="x"')).toBeUndefined();
  });
});

describe('the choice between HTTP and HTTPS', () => {
  it('is plain HTTP for loopback, found out once', async () => {
    const server = await start({ [MANIFEST]: send(manifestText, typed(OCI_MANIFEST)) });
    const client = registry();
    const ref = parseReference(`${server.host}/team/app:latest`);
    await Promise.all([client.manifest(ref), client.manifest(ref)]);
    await client.manifest(ref);
    expect(server.seen.filter((line) => line === 'GET /v2/')).toHaveLength(1);
  });

  it('falls to HTTPS where plain HTTP is not spoken, whose trouble is then told', async () => {
    const server = await startServer((_, response) => response.end(), 'selfSigned');
    await expect(registry().ping(server.host)).rejects.toMatchObject({ code: 'registry-tls' });
    await registry({ insecureHosts: [server.host] }).ping(server.host);
    expect(server.seen).toContain('GET /v2/');
  });

  it('falls to plain HTTP for a host listed as insecure', async () => {
    const server = await start({});
    await registry({ insecureHosts: ['127.0.0.1'] }).ping(server.host);
    expect(server.seen).toContain('GET /v2/');
  });

  it('is HTTPS for every other host', async () => {
    const [source] = await registry().blobSources(parseReference('reg.test:5000/app'), {
      mediaType: 'x',
      digest: sha256('x'),
      size: 1,
    });
    expect(source?.url).toMatch(/^https:\/\/reg\.test:5000\/v2\/app\/blobs\//);
  });

  it('fails with what the first try met when neither works', async () => {
    await expect(registry().ping('127.0.0.1:1')).rejects.toMatchObject({
      code: 'registry-unreachable',
      params: { host: '127.0.0.1:1', reason: 'refused' },
    });
  });
});

describe('ping', () => {
  it('takes 401 for a registry, and other failures for none', async () => {
    const guarded = await startServer(send('', { 'www-authenticate': 'Basic' }, 401));
    await registry().ping(guarded.host);
    const none = await startServer(send('', {}, 404));
    await expect(registry().ping(none.host)).rejects.toMatchObject({ code: 'registry-failed' });
  });
});
