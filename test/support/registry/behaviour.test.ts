import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/oci/digest.ts';
import { OCI_INDEX } from '../../../src/oci/mediaTypes.ts';
import { buildImage } from '../images.ts';
import { pushImage } from '../pushImage.ts';
import { tempFolder } from '../tempFolder.ts';
import { startRegistry } from './index.ts';
import type { TestRegistry } from './index.ts';

/** What ours does beyond the contract that every registry keeps. */

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(() => registry.close());

const image = buildImage({ layers: [{ entries: [{ path: 'a', content: 'text' }] }] });
const v2 = (path: string): string => `${registry.url}/v2/${path}`;

describe('pages', () => {
  beforeEach(async () => {
    for (const tag of ['c', 'a', 'b']) await pushImage(registry.url, 'r', tag, image);
  });

  it('gives tags in pages with a Link to the next', async () => {
    const first = await fetch(v2('r/tags/list?n=2'));
    expect(await first.json()).toEqual({ name: 'r', tags: ['a', 'b'] });
    expect(first.headers.get('link')).toBe('</v2/r/tags/list?n=2&last=b>; rel="next"');
    const second = await fetch(v2('r/tags/list?n=2&last=b'));
    expect(await second.json()).toEqual({ name: 'r', tags: ['c'] });
    expect(second.headers.get('link')).toBeNull();
  });

  it('refuses a page of no number', async () => {
    expect((await fetch(v2('r/tags/list?n=many'))).status).toBe(400);
  });
});

describe('what it refuses', () => {
  it.each([
    ['GET', 'UPPER/manifests/latest', 400, 'NAME_INVALID'],
    ['GET', 'r/manifests/-tag', 400, 'MANIFEST_INVALID'],
    ['GET', 'r/blobs/sha256:abc', 400, 'DIGEST_INVALID'],
    ['GET', 'r/nothing', 404, 'UNSUPPORTED'],
    ['POST', 'r/manifests/latest', 405, 'UNSUPPORTED'],
    ['DELETE', 'r/manifests/absent', 404, 'MANIFEST_UNKNOWN'],
  ])('answers %s %s with %i %s', async (method, path, status, code) => {
    const response = await fetch(v2(path), { method });
    expect(response.status).toBe(status);
    expect(((await response.json()) as { errors: { code: string }[] }).errors[0]?.code).toBe(code);
  });

  it('takes no chunk out of order', async () => {
    const started = await fetch(v2('r/blobs/uploads/'), { method: 'POST' });
    const location = new URL(started.headers.get('location') ?? '', registry.url);
    const headers = { 'content-range': '5-9' };
    const response = await fetch(location, { method: 'PATCH', headers, body: 'later' });
    expect(response.status).toBe(416);
    expect(response.headers.get('range')).toBe('0-0');
  });

  it('takes no manifest over 4 MiB', async () => {
    const body = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
    const response = await fetch(v2('r/manifests/latest'), { method: 'PUT', body });
    expect(response.status).toBe(413);
  });

  it('takes no manifest under a Content-Type that its mediaType denies', async () => {
    await pushImage(registry.url, 'r', 'latest', image);
    const headers = { 'content-type': OCI_INDEX };
    const body = image.manifest.bytes;
    expect((await fetch(v2('r/manifests/latest'), { method: 'PUT', headers, body })).status).toBe(400);
  });
});

it('takes and verifies sha512', async () => {
  const digest = `sha512:${(await import('node:crypto')).createHash('sha512').update('text').digest('hex')}`;
  const response = await fetch(v2(`r/blobs/uploads/?digest=${digest}`), { method: 'POST', body: 'text' });
  expect(response.status).toBe(201);
  expect(await (await fetch(v2(`r/blobs/${digest}`))).text()).toBe('text');
});

it('deletes one tag and leaves the others', async () => {
  for (const tag of ['a', 'b']) await pushImage(registry.url, 'r', tag, image);
  expect((await fetch(v2('r/manifests/a'), { method: 'DELETE' })).status).toBe(202);
  expect(await (await fetch(v2('r/tags/list'))).json()).toEqual({ name: 'r', tags: ['b'] });
});

it('lists what refers to a manifest', async () => {
  await pushImage(registry.url, 'r', 'latest', image);
  const subject = image.manifest.descriptor;
  const artifactType = 'application/vnd.example.signature';
  const signature = buildImage({ layers: [], manifestExtra: { subject, artifactType } });
  await pushImage(registry.url, 'r', 'signature', signature);
  const response = await fetch(v2(`r/referrers/${subject.digest}?artifactType=${artifactType}`));
  expect(response.headers.get('content-type')).toBe(OCI_INDEX);
  expect(response.headers.get('oci-filters-applied')).toBe('artifactType');
  const { manifests } = (await response.json()) as { manifests: unknown[] };
  expect(manifests).toEqual([{ ...signature.manifest.descriptor, artifactType }]);
  const other = await fetch(v2(`r/referrers/${subject.digest}?artifactType=other`));
  expect(await other.json()).toMatchObject({ manifests: [] });
});

it('logs what came, how it was answered and how many bytes went out', async () => {
  const digest = sha256('text');
  await fetch(v2(`r/blobs/uploads/?digest=${digest}`), { method: 'POST', body: 'text' });
  await (await fetch(v2(`r/blobs/${digest}`), { headers: { range: 'bytes=1-2' } })).text();
  expect(registry.requests).toHaveLength(2);
  expect(registry.requests[1]).toMatchObject({
    method: 'GET',
    path: `/v2/r/blobs/${digest}`,
    headers: { range: 'bytes=1-2' },
    status: 206,
    bytesSent: 2,
  });
});

it('keeps in its folder what the next one on that folder serves', async () => {
  const folder = await tempFolder();
  try {
    const first = await startRegistry({ root: folder.path });
    await pushImage(first.url, 'deep/er', 'latest', image);
    await first.close();
    const second = await startRegistry({ root: folder.path });
    const response = await fetch(`${second.url}/v2/deep/er/manifests/latest`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(image.manifest.bytes);
    await second.close();
  } finally {
    await folder.remove();
  }
});
