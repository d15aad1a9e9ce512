import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connectRegistry } from '../../test/support/clientRegistry.ts';
import { startServer } from '../../test/support/localServer.ts';
import type { LocalServer } from '../../test/support/localServer.ts';
import { sha256 } from '../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { parseReference } from '../reference/index.ts';

const BASE = '/v2/team/app/manifests/';
const ONE = sha256('one');
const TWO = sha256('two');

interface Tags {
  [tag: string]: string;
}

/**
 * A registry with these tags and what else they need: deletes as `deletes` says, and forgets tags whose digest is deleted.
 */
function start(
  tags: Tags,
  {
    byTag = 400,
    byDigest = 202,
    indexes = {},
    silent = false,
  }: { byTag?: number; byDigest?: number; indexes?: Readonly<Record<string, string>>; silent?: boolean } = {},
): Promise<LocalServer> {
  const documents = new Map(Object.values(indexes).map((text) => [sha256(text) as string, text]));
  return startServer((request: IncomingMessage, response: ServerResponse) => {
    const { url = '', method } = request;
    if (url.startsWith('/v2/team/app/tags/list')) {
      response.end(JSON.stringify({ name: 'team/app', tags: Object.keys(tags) }));
      return;
    }
    if (!url.startsWith(BASE)) {
      response.writeHead(url === '/v2/' ? 200 : 404).end();
      return;
    }
    const reference = url.slice(BASE.length);
    const digest = reference.includes(':') ? reference : tags[reference];
    if (digest === undefined) {
      response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
    } else if (method === 'DELETE') {
      const isTag = reference in tags;
      const status = isTag ? byTag : byDigest;
      if (status < 300) {
        for (const [tag, of] of Object.entries(tags)) {
          if (isTag ? tag === reference : of === digest) Reflect.deleteProperty(tags, tag);
        }
      }
      response.writeHead(status).end();
    } else {
      const text = documents.get(digest);
      const type = text === undefined ? OCI_MANIFEST : OCI_INDEX;
      response.setHeader('content-type', type);
      if (!silent) response.setHeader('docker-content-digest', digest);
      response.end(text ?? '{}');
    }
  });
}

const remove = async ({ host }: LocalServer, tag = 'gone'): Promise<void> => {
  await connectRegistry().deleteTag(parseReference(`${host}/team/app:${tag}`));
};
const deleted = ({ seen }: LocalServer): string[] =>
  seen.filter((line) => line.startsWith('DELETE')).map((line) => line.replace(`DELETE ${BASE}`, ''));
const indexOf = (digest: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ mediaType: OCI_MANIFEST, digest, size: 2 }],
  });

describe('a registry that deletes tags', () => {
  it.each([200, 202, 204])('is asked for that alone (%i)', async (byTag) => {
    const server = await start({ gone: ONE, other: ONE }, { byTag });
    await remove(server);
    expect(deleted(server)).toEqual(['gone']);
  });

  it('that does not have it says so', async () => {
    const server = await start({ other: ONE }, { byTag: 202 });
    await expect(remove(server)).rejects.toMatchObject({ code: 'registry-not-found' });
    expect(deleted(server)).toEqual([]);
  });

  it.each([
    [403, 'registry-forbidden'],
    [500, 'registry-failed'],
  ])('that answers %i has not refused the kind of request', async (byTag, code) => {
    const server = await start({ gone: ONE }, { byTag });
    await expect(remove(server)).rejects.toMatchObject({ code });
    expect(deleted(server).every((reference) => reference === 'gone')).toBe(true);
  });
});

describe('a registry that deletes by digest', () => {
  it.each([400, 404, 405, 501])('is asked for that where nobody else needs the image (%i)', async (byTag) => {
    const server = await start({ gone: ONE, other: TWO }, { byTag });
    await remove(server);
    expect(deleted(server)).toEqual(['gone', ONE]);
  });

  it('is not where another tag is the same image', async () => {
    const server = await start({ gone: ONE, other: TWO, same: ONE });
    await expect(remove(server)).rejects.toMatchObject({
      code: 'delete-unsupported',
      params: { sharedWith: 'same' },
    });
    expect(deleted(server)).toEqual(['gone']);
  });

  it('is not where the index of another tag lists the image', async () => {
    const index = indexOf(ONE);
    const server = await start({ gone: ONE, all: sha256(index) }, { indexes: { all: index } });
    await expect(remove(server)).rejects.toMatchObject({ params: { sharedWith: 'all' } });
    expect(deleted(server)).toEqual(['gone']);
  });

  it('is where the index of another tag lists other images', async () => {
    const index = indexOf(TWO);
    const server = await start({ gone: ONE, all: sha256(index) }, { indexes: { all: index } });
    await remove(server);
    expect(deleted(server)).toEqual(['gone', ONE]);
  });

  it('is not where an index cannot be read: it might list the image', async () => {
    const text = '{"schemaVersion":2,"manifests":7}';
    const server = await start({ gone: ONE, all: sha256(text) }, { indexes: { all: text } });
    await expect(remove(server)).rejects.toMatchObject({ code: 'content-invalid' });
    expect(deleted(server)).toEqual(['gone']);
  });

  it('is not where there are more tags than are looked at', async () => {
    const many = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`t${i}`, TWO]));
    const server = await start({ gone: ONE, ...many });
    await expect(remove(server)).rejects.toMatchObject({ code: 'delete-unsupported' });
    expect(deleted(server)).toEqual(['gone']);
  });

  it('says when it deletes nothing at all', async () => {
    const server = await start({ gone: ONE }, { byDigest: 405 });
    await expect(remove(server)).rejects.toMatchObject({
      code: 'delete-unsupported',
      params: { sharedWith: undefined },
    });
  });
});

it('reads the manifests of a registry that does not tell their digests', async () => {
  // Every manifest of this one is the same empty object.
  const server = await start({ gone: sha256('{}'), other: sha256('{}') }, { silent: true });
  await expect(remove(server)).rejects.toMatchObject({ params: { sharedWith: 'other' } });
});
