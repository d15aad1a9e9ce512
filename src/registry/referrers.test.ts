import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connectRegistry } from '../../test/support/clientRegistry.ts';
import { startServer } from '../../test/support/localServer.ts';
import type { LocalServer } from '../../test/support/localServer.ts';
import { sha256 } from '../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { parseReference } from '../reference/index.ts';

const SUBJECT = sha256('subject');
const API = `/v2/team/app/referrers/${SUBJECT}`;
const TAG = `/v2/team/app/manifests/${SUBJECT.replace(':', '-')}`;
const entry = (text: string): object => ({
  mediaType: OCI_MANIFEST,
  digest: sha256(text),
  size: text.length,
  artifactType: 'application/vnd.example',
});
const indexText = (...manifests: unknown[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });

type Route = (response: ServerResponse) => void;
const start = (routes: Readonly<Record<string, Route>>): Promise<LocalServer> =>
  startServer(({ url = '' }, response) => {
    const route = routes[url];
    if (route !== undefined) route(response);
    else response.writeHead(url === '/v2/' ? 200 : 404).end('404 page not found');
  });
const index =
  (...manifests: unknown[]): Route =>
  (response) =>
    response.writeHead(200, { 'content-type': OCI_INDEX }).end(indexText(...manifests));

const list = async ({ host }: LocalServer): Promise<unknown> =>
  await connectRegistry().referrers(parseReference(`${host}/team/app`), SUBJECT);

describe('referrers', () => {
  it('come page by page, each once, and what is no descriptor is left out', async () => {
    const server = await start({
      [API]: (response) =>
        response
          .writeHead(200, { 'content-type': OCI_INDEX, link: `<${API}?page=2>; rel="next"` })
          .end(indexText(entry('a'), { digest: 'sha256:../..' }, 7, entry('b'))),
      [`${API}?page=2`]: index(entry('b'), entry('c')),
    });
    expect(await list(server)).toEqual([entry('a'), entry('b'), entry('c')]);
  });

  it('that are none are not looked for elsewhere', async () => {
    const server = await start({ [API]: index(), [TAG]: index(entry('a')) });
    expect(await list(server)).toEqual([]);
  });

  it.each<[string, Route]>([
    ['has no such list', (response) => response.writeHead(404).end()],
    ['refuses the method', (response) => response.writeHead(405).end()],
    ['sends its home page', (response) => response.end('<!doctype html>')],
  ])('of a registry that %s stand under a tag', async (_, api) => {
    expect(await list(await start({ [API]: api, [TAG]: index(entry('a')) }))).toEqual([entry('a')]);
    expect(await list(await start({ [API]: api }))).toEqual([]);
  });

  it('under a tag that is no index are none', async () => {
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: {}, layers: [] });
    const server = await start({
      [TAG]: (response) => response.writeHead(200, { 'content-type': OCI_MANIFEST }).end(manifest),
    });
    expect(await list(server)).toEqual([]);
  });

  it('of a registry that fails are unknown', async () => {
    const server = await start({
      [API]: (response) => response.writeHead(503).end(),
      [TAG]: index(entry('a')),
    });
    await expect(list(server)).rejects.toMatchObject({ code: 'registry-failed', params: { status: 503 } });
  });
});
