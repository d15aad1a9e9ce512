import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/oci/digest.ts';
import type { Descriptor } from '../../../src/oci/documents.ts';
import { ACCEPTED_MANIFESTS, DOCKER_MANIFEST_LIST, OCI_INDEX } from '../../../src/oci/mediaTypes.ts';
import { blobOf, buildAttestation, buildImage, buildIndex } from '../images.ts';
import type { BuiltImage } from '../images.ts';
import { pushImage } from '../pushImage.ts';

interface RunningRegistry {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Pulls and pushes as the distribution spec (1.1) says, and as every registry that we run tests against does them.
 * One suite for our registry and for Debian's: a test that needs more than this holds only for ours.
 */
export function registryContract(name: string, start: () => Promise<RunningRegistry>): void {
  describe(`${name}: distribution contract`, () => {
    let registry: RunningRegistry;
    let client: Client;
    beforeAll(async () => {
      registry = await start();
      client = new Client(registry.url);
    });
    afterAll(() => registry.close());

    it('answers the version check', async () => {
      const response = await client.get('');
      expect(response.status).toBe(200);
      expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
    });

    describe('pushing blobs', () => pushingBlobs(() => client));
    describe('pulling blobs', () => pullingBlobs(() => client));
    describe('manifests', () => manifestsContract(() => client));
    describe('listings', () => listingsContract(() => client));
  });
}

/** Plain requests below /v2/. */
class Client {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async send(
    method: string,
    path: string,
    body?: Uint8Array | ReadableStream,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const streamed = body instanceof ReadableStream ? { duplex: 'half' } : {};
    const sent = body === undefined ? {} : { body, ...streamed };
    return await fetch(new URL(path, `${this.url}/v2/`), { method, headers, redirect: 'manual', ...sent });
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await this.send('GET', path, undefined, headers);
  }

  async manifest(path: string, method = 'GET'): Promise<Response> {
    return await this.send(method, path, undefined, { accept: ACCEPTED_MANIFESTS.join(', ') });
  }

  /** Begins an upload; where it goes on. */
  async begin(repository: string): Promise<URL> {
    const response = await this.send('POST', `${repository}/blobs/uploads/`);
    expect(response.status).toBe(202);
    return this.location(response);
  }

  location(response: Response): URL {
    const location = response.headers.get('location');
    if (location === null) throw new Error('no Location');
    return new URL(location, response.url);
  }

  async finish(location: URL, digest: string, body?: Uint8Array): Promise<Response> {
    location.searchParams.set('digest', digest);
    return await this.send('PUT', location.href, body, { 'content-type': 'application/octet-stream' });
  }

  async pushBlob(repository: string, bytes: Uint8Array): Promise<string> {
    const digest = sha256(bytes);
    expect((await this.finish(await this.begin(repository), digest, bytes)).status).toBe(201);
    return digest;
  }

  async blob(repository: string, digest: string): Promise<Buffer> {
    const response = await this.get(`${repository}/blobs/${digest}`);
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  }
}

async function errorCode(response: Response): Promise<string | undefined> {
  const body = (await response.json()) as { errors: { code: string; message: string }[] };
  expect(typeof body.errors[0]?.message).toBe('string');
  return body.errors[0]?.code;
}

function pushingBlobs(client: () => Client): void {
  const octets = { 'content-type': 'application/octet-stream' };

  it('takes a blob in POST and PUT', async () => {
    const bytes = randomBytes(1000);
    const digest = sha256(bytes);
    const response = await client().finish(await client().begin('push/whole'), digest, bytes);
    expect(response.status).toBe(201);
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    const found = await client().get(client().location(response).href);
    expect(Buffer.from(await found.arrayBuffer())).toEqual(bytes);
  });

  it('takes a blob in one POST, or says how to go on', async () => {
    const bytes = randomBytes(1000);
    const digest = sha256(bytes);
    const path = `push/single/blobs/uploads/?digest=${digest}`;
    const response = await client().send('POST', path, bytes, octets);
    expect([201, 202]).toContain(response.status);
    if (response.status === 202) await client().finish(client().location(response), digest, bytes);
    expect(await client().blob('push/single', digest)).toEqual(bytes);
  });

  it('takes a blob in chunks and tells how far it is', async () => {
    const bytes = randomBytes(3000);
    let location = await client().begin('push/chunked');
    for (const start of [0, 1000]) {
      const chunk = bytes.subarray(start, start + 1000);
      const headers = { ...octets, 'content-range': `${start}-${start + 999}` };
      const response = await client().send('PATCH', location.href, chunk, headers);
      expect(response.status).toBe(202);
      expect(response.headers.get('range')).toBe(`0-${start + 999}`);
      location = client().location(response);
    }
    const progress = await client().get(location.href);
    expect(progress.status).toBe(204);
    expect(progress.headers.get('range')).toBe('0-1999');
    const digest = sha256(bytes);
    expect((await client().finish(location, digest, bytes.subarray(2000))).status).toBe(201);
    expect(await client().blob('push/chunked', digest)).toEqual(bytes);
  });

  it('takes a blob in one stream of unknown length', async () => {
    const bytes = randomBytes(300_000);
    const location = await client().begin('push/streamed');
    const response = await client().send('PATCH', location.href, new Blob([bytes]).stream(), octets);
    expect(response.status).toBe(202);
    const digest = sha256(bytes);
    expect((await client().finish(client().location(response), digest)).status).toBe(201);
    expect(await client().blob('push/streamed', digest)).toEqual(bytes);
  });

  it('refuses a blob with another digest', async () => {
    const digest = sha256('expected');
    const response = await client().finish(await client().begin('push/wrong'), digest, Buffer.from('sent'));
    expect(response.status).toBe(400);
    expect(await errorCode(response)).toBe('DIGEST_INVALID');
    expect((await client().get(`push/wrong/blobs/${digest}`)).status).toBe(404);
  });

  it('forgets a cancelled upload', async () => {
    const location = await client().begin('push/cancelled');
    expect((await client().send('DELETE', location.href)).status).toBe(204);
    const response = await client().get(location.href);
    expect(response.status).toBe(404);
    expect(await errorCode(response)).toBe('BLOB_UPLOAD_UNKNOWN');
  });

  it('mounts a blob of another repository, or begins an upload when it has none', async () => {
    const digest = await client().pushBlob('push/from', randomBytes(100));
    await client().pushBlob('push/to', randomBytes(100));
    expect((await client().get(`push/to/blobs/${digest}`)).status).toBe(404);
    const mount = `push/to/blobs/uploads/?mount=${digest}&from=push/from`;
    const mounted = await client().send('POST', mount);
    expect(mounted.status).toBe(201);
    expect(client().location(mounted).pathname).toBe(`/v2/push/to/blobs/${digest}`);
    expect((await client().get(`push/to/blobs/${digest}`)).status).toBe(200);
    const absent = `push/to/blobs/uploads/?mount=${sha256('absent')}&from=push/from`;
    expect((await client().send('POST', absent)).status).toBe(202);
  });

  it('deletes a blob', async () => {
    const digest = await client().pushBlob('push/deleted', randomBytes(100));
    const path = `push/deleted/blobs/${digest}`;
    expect((await client().send('DELETE', path)).status).toBe(202);
    expect((await client().get(path)).status).toBe(404);
    expect((await client().send('DELETE', path)).status).toBe(404);
  });
}

function pullingBlobs(client: () => Client): void {
  const bytes = randomBytes(5_000_000);
  let path = '';
  beforeAll(async () => {
    path = `pull/blob/blobs/${await client().pushBlob('pull/blob', bytes)}`;
  });

  it('serves a blob whole, and its size to HEAD', async () => {
    for (const method of ['GET', 'HEAD']) {
      const response = await client().send(method, path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-length')).toBe(String(bytes.length));
      expect(response.headers.get('docker-content-digest')).toBe(sha256(bytes));
      const body = Buffer.from(await response.arrayBuffer());
      expect(body.equals(method === 'GET' ? bytes : Buffer.alloc(0))).toBe(true);
    }
  });

  it.each([
    ['bytes=4000000-', 4_000_000, 5_000_000],
    ['bytes=10-19', 10, 20],
    ['bytes=4999990-6000000', 4_999_990, 5_000_000],
    ['bytes=-5', 4_999_995, 5_000_000],
  ])('serves %s', async (range, start, end) => {
    const response = await client().get(path, { range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${bytes.length}`);
    expect(response.headers.get('content-length')).toBe(String(end - start));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
  });

  it('refuses a range behind the end', async () => {
    const response = await client().get(path, { range: `bytes=${bytes.length}-` });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
  });

  it('says which blob it has not', async () => {
    const response = await client().get(`pull/blob/blobs/${sha256('absent')}`);
    expect(response.status).toBe(404);
    expect(await errorCode(response)).toBe('BLOB_UNKNOWN');
  });
}

function manifestsContract(client: () => Client): void {
  it.each(['oci', 'docker'] as const)(
    'serves an image of %s by tag and by digest as it was',
    async (mediaTypes) => {
      const image = sample(mediaTypes, { mediaTypes });
      await pushImage(client().url, `m/${mediaTypes}`, 'v1', image);
      const { descriptor, bytes } = image.manifest;
      for (const reference of ['v1', descriptor.digest]) {
        await expectManifest(client(), `m/${mediaTypes}/manifests/${reference}`, descriptor, bytes);
      }
      for (const { descriptor: layer, bytes: content } of image.layers) {
        expect(await client().blob(`m/${mediaTypes}`, layer.digest)).toEqual(content);
      }
    },
  );

  it.each([
    ['oci', OCI_INDEX],
    ['docker', DOCKER_MANIFEST_LIST],
  ] as const)('serves an index of %s with its images', async (mediaTypes, mediaType) => {
    const amd64 = sample(`${mediaTypes} amd64`, { mediaTypes });
    const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    const images = [amd64, sample(`${mediaTypes} arm64`, { mediaTypes, platform }), buildAttestation(amd64)];
    const index = buildIndex(mediaTypes === 'oci' ? images : images.slice(0, 2), mediaTypes);
    await pushImage(client().url, `i/${mediaTypes}`, 'latest', index);
    const { descriptor, bytes } = index.index;
    expect(descriptor.mediaType).toBe(mediaType);
    await expectManifest(client(), `i/${mediaTypes}/manifests/latest`, descriptor, bytes);
    for (const { manifest } of index.images) {
      const path = `i/${mediaTypes}/manifests/${manifest.descriptor.digest}`;
      await expectManifest(client(), path, manifest.descriptor, manifest.bytes);
    }
  });

  it('finds no index for a client that does not say that it takes one', async () => {
    await pushImage(client().url, 'i/accept', 'latest', buildIndex([sample('accept')]));
    const response = await client().get('i/accept/manifests/latest', { accept: DOCKER_MANIFEST_LIST });
    expect(response.status).toBe(404);
    expect(await errorCode(response)).toBe('MANIFEST_UNKNOWN');
  });

  it('moves a tag and keeps the old manifest by digest', async () => {
    const [before, after] = [sample('before'), sample('after')];
    await pushImage(client().url, 'm/moved', 'latest', before);
    await pushImage(client().url, 'm/moved', 'latest', after);
    const now = await client().manifest('m/moved/manifests/latest', 'HEAD');
    expect(now.headers.get('docker-content-digest')).toBe(after.manifest.descriptor.digest);
    const old = await client().manifest(`m/moved/manifests/${before.manifest.descriptor.digest}`, 'HEAD');
    expect(old.status).toBe(200);
  });

  it('refuses a manifest under another digest', async () => {
    const image = sample('digest');
    await pushImage(client().url, 'm/digest', 'latest', image);
    const { descriptor, bytes } = image.manifest;
    const path = `m/digest/manifests/${sha256('another')}`;
    const response = await client().send('PUT', path, bytes, { 'content-type': descriptor.mediaType });
    expect(response.status).toBe(400);
    expect(await errorCode(response)).toBe('DIGEST_INVALID');
  });

  it('refuses a manifest whose blobs it has not', async () => {
    const { descriptor, bytes } = sample('without blobs').manifest;
    const headers = { 'content-type': descriptor.mediaType };
    const response = await client().send('PUT', 'm/missing/manifests/latest', bytes, headers);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await errorCode(response)).toBe('MANIFEST_BLOB_UNKNOWN');
  });

  it('refuses what is no manifest', async () => {
    const { mediaType } = sample('any').manifest.descriptor;
    const { bytes } = blobOf(mediaType, Buffer.from('{"schemaVersion":'));
    const response = await client().send('PUT', 'm/broken/manifests/latest', bytes, {
      'content-type': mediaType,
    });
    expect(response.status).toBe(400);
    expect(await errorCode(response)).toBe('MANIFEST_INVALID');
  });

  it('deletes a manifest, and its tag with it', async () => {
    const image = sample('deleted');
    await pushImage(client().url, 'm/deleted', 'latest', image);
    const path = `m/deleted/manifests/${image.manifest.descriptor.digest}`;
    expect((await client().send('DELETE', path)).status).toBe(202);
    for (const gone of [path, 'm/deleted/manifests/latest']) {
      const response = await client().manifest(gone);
      expect(response.status).toBe(404);
      expect(await errorCode(response)).toBe('MANIFEST_UNKNOWN');
    }
  });
}

async function expectManifest(
  client: Client,
  path: string,
  descriptor: Descriptor,
  bytes: Buffer,
): Promise<void> {
  for (const method of ['GET', 'HEAD']) {
    const response = await client.manifest(path, method);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(descriptor.mediaType);
    expect(response.headers.get('docker-content-digest')).toBe(descriptor.digest);
    expect(response.headers.get('content-length')).toBe(String(descriptor.size));
    const body = Buffer.from(await response.arrayBuffer());
    expect(body).toEqual(method === 'GET' ? bytes : Buffer.alloc(0));
  }
}

function listingsContract(client: () => Client): void {
  it('lists all tags of a repository', async () => {
    const image = sample('tags');
    const tags = ['1.0', '1.1', 'latest', 'with-dash_and.dot'];
    for (const tag of tags) await pushImage(client().url, 'l/tags', tag, image);
    expect((await allPages(client(), 'l/tags/tags/list?n=3', 'tags')).sort()).toEqual(tags);
  });

  it('says which repository it does not know', async () => {
    const response = await client().get('l/absent/tags/list');
    expect(response.status).toBe(404);
    expect(await errorCode(response)).toBe('NAME_UNKNOWN');
  });

  it('lists its repositories in pages', async () => {
    const names = ['l/catalog-a', 'l/catalog-b', 'l/catalog-c'];
    for (const name of names) await pushImage(client().url, name, 'latest', sample(name));
    const first = await client().get('_catalog?n=2');
    expect(((await first.json()) as { repositories: string[] }).repositories).toHaveLength(2);
    expect(first.headers.get('link')).toMatch(/^<.+>; rel="next"$/);
    expect(await allPages(client(), '_catalog?n=2', 'repositories')).toEqual(expect.arrayContaining(names));
  });
}

async function allPages(client: Client, path: string, key: string): Promise<string[]> {
  const found: string[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const response: Response = await client.get(next);
    expect(response.status).toBe(200);
    const body = (await response.json()) as Record<string, string[]>;
    found.push(...(body[key] ?? []));
    next = /<([^>]+)>; *rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return found;
}

function sample(text: string, spec: Partial<Parameters<typeof buildImage>[0]> = {}): BuiltImage {
  return buildImage({
    layers: [
      { entries: [{ path: 'a', content: text }], createdBy: 'COPY a /a' },
      { empty: true, createdBy: 'CMD ["/a"]' },
      { entries: [{ path: 'b', content: `${text} b` }], createdBy: 'COPY b /b' },
    ],
    ...spec,
  });
}
