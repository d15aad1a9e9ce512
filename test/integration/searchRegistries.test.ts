import { mkdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import type { Descriptor } from '../../src/oci/documents.ts';
import { OCI_INDEX } from '../../src/oci/mediaTypes.ts';
import { createTestApp } from '../support/app.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import type { DockerRegistry } from '../support/dockerRegistry.ts';
import { startHub } from '../support/hub.ts';
import { blobOf, buildAttestation, buildIndex } from '../support/images.ts';
import type { BuiltImage } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { noisyImage } from '../support/pullWorld.ts';
import { answer, fail, repeatLink, requests, startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** What Strata knows of a registry beyond pulling: its repositories, tags, manifests and referrers; and deleting a tag. */

let folder: TempFolder;
let ours: TestRegistry;
let debian: DockerRegistry;
let app: App;

const amd64 = noisyImage([1000, 2000]);
const arm64 = noisyImage([1500], { platform: { os: 'linux', architecture: 'arm64' } });
const attestation = buildAttestation(amd64);
const index = buildIndex([amd64, arm64, attestation]);
const pulledBytes = ({ config, layers }: BuiltImage): number =>
  [config, ...layers].reduce((sum, { descriptor }) => sum + descriptor.size, 0);

beforeAll(async () => {
  [folder, ours, debian] = await Promise.all([tempFolder(), startRegistry(), startDockerRegistry()]);
  app = createTestApp({ root: `${folder.path}/store` });
});
afterAll(async () => {
  await app.close();
  await Promise.all([ours.close(), debian.close()]);
  await folder.remove();
});
afterEach(() => {
  ours.faults.clear();
  ours.allowAnyone();
  ours.requests.length = 0;
});

const registries = [
  ['our registry', () => ours],
  ["Debian's docker-registry", () => debian],
] as const;

async function put(url: string, repository: string, reference: string, manifest: Descriptor, bytes: Buffer) {
  const response = await fetch(`${url}/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    body: new Uint8Array(bytes),
    headers: { 'content-type': manifest.mediaType },
  });
  expect(response.status).toBe(201);
}

describe.each(registries)('%s', (_, registry) => {
  it('lists repositories, and is searched by them', async () => {
    const { url, host } = registry();
    for (const name of ['list/one', 'list/two', 'other/three']) await pushImage(url, name, 'latest', amd64);
    expect(await app.remoteRepositories(host)).toEqual(
      expect.arrayContaining(['list/one', 'list/two', 'other/three']),
    );
    const found = await app.search(`${host}/LIST/`, { limit: 100 });
    expect(found.map(({ name }) => name)).toEqual([`${host}/list/one`, `${host}/list/two`]);
    expect(await app.search(`${host}/list/`, { limit: 1 })).toHaveLength(1);
  });

  it('lists tags as their names tell', async () => {
    const { url, host } = registry();
    for (const tag of ['1.9', '1.10', 'latest', 'edge']) await pushImage(url, 'tags/app', tag, amd64);
    expect(await app.remoteTagList(`${host}/tags/app`)).toEqual(
      ['latest', '1.10', '1.9', 'edge'].map((name) => ({ name })),
    );
    await expect(app.remoteTagList(`${host}/tags/none`)).rejects.toMatchObject({
      code: 'registry-not-found',
    });
  });

  it('tells what an index holds: platforms, sizes, and what is attested', async () => {
    const { url, host } = registry();
    await pushImage(url, 'remote/app', 'latest', index);
    const [first, second, third] = [amd64, arm64, attestation].map(({ manifest }) => manifest.descriptor);
    expect(await app.remoteImage(`${host}/remote/app`)).toEqual({
      digest: index.index.descriptor.digest,
      mediaType: OCI_INDEX,
      manifests: [
        {
          digest: first?.digest,
          size: first?.size,
          imageSize: pulledBytes(amd64),
          platform: { os: 'linux', architecture: 'amd64' },
        },
        {
          digest: second?.digest,
          size: second?.size,
          imageSize: pulledBytes(arm64),
          platform: { os: 'linux', architecture: 'arm64' },
        },
        {
          digest: third?.digest,
          size: third?.size,
          imageSize: pulledBytes(attestation),
          platform: { os: 'unknown', architecture: 'unknown' },
          attestationOf: first?.digest,
        },
      ],
      referrers: [],
    });
  });

  it('tells the one platform of a plain manifest', async () => {
    const { url, host } = registry();
    await pushImage(url, 'remote/plain', '1', arm64);
    const { digest, size, mediaType } = arm64.manifest.descriptor;
    expect(await app.remoteImage(`${host}/remote/plain:1`)).toEqual({
      digest,
      mediaType,
      manifests: [
        { digest, size, imageSize: pulledBytes(arm64), platform: { os: 'linux', architecture: 'arm64' } },
      ],
      referrers: [],
    });
  });

  it('deletes a tag and no other', async () => {
    const { url, host } = registry();
    await pushImage(url, 'delete/app', 'gone', noisyImage([111]));
    await pushImage(url, 'delete/app', 'stays', noisyImage([222]));
    await app.deleteRemoteTag(`${host}/delete/app:gone`);
    expect(await app.remoteTags(`${host}/delete/app`)).toEqual(['stays']);
    await app.remoteImage(`${host}/delete/app:stays`);
    await expect(app.deleteRemoteTag(`${host}/delete/app:gone`)).rejects.toMatchObject({
      code: 'registry-not-found',
    });
  });
});

it('reads the referrers of a registry that lists them', async () => {
  await pushImage(ours.url, 'refer/app', 'latest', amd64);
  const { digest, size, mediaType } = amd64.manifest.descriptor;
  const signature: BuiltImage = {
    ...noisyImage([10], {
      manifestExtra: {
        artifactType: 'application/vnd.example.signature',
        subject: { digest, size, mediaType },
        annotations: { 'org.example.by': 'ann' },
      },
    }),
  };
  await pushImage(ours.url, 'refer/app', 'signature', signature);
  const { referrers } = await app.remoteImage(`${ours.host}/refer/app`);
  expect(referrers).toEqual([
    {
      digest: signature.manifest.descriptor.digest,
      size: signature.manifest.descriptor.size,
      artifactType: 'application/vnd.example.signature',
      annotations: { 'org.example.by': 'ann' },
    },
  ]);
});

it('reads the referrers of a registry that lists none from the tag that stands for them', async () => {
  await pushImage(debian.url, 'refer/app', 'latest', amd64);
  await pushImage(debian.url, 'refer/app', 'other', arm64);
  const { digest } = amd64.manifest.descriptor;
  const entry = { ...arm64.manifest.descriptor, artifactType: 'application/vnd.example.sbom' };
  const list = blobOf(
    OCI_INDEX,
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] })),
  );
  await put(debian.url, 'refer/app', digest.replace(':', '-'), list.descriptor, list.bytes);
  const { referrers } = await app.remoteImage(`${debian.host}/refer/app`);
  expect(referrers).toEqual([
    { digest: entry.digest, size: entry.size, artifactType: 'application/vnd.example.sbom', annotations: {} },
  ]);
});

describe('a registry that deletes by digest only', () => {
  const rest = async (repository: string): Promise<unknown> =>
    await app.remoteTags(`${debian.host}/${repository}`);

  it('keeps what another tag names too', async () => {
    const shared = noisyImage([333]);
    for (const tag of ['a', 'b', 'c']) await pushImage(debian.url, 'shared/app', tag, shared);
    await expect(app.deleteRemoteTag(`${debian.host}/shared/app:b`)).rejects.toMatchObject({
      code: 'delete-unsupported',
      params: { sharedWith: expect.stringMatching(/^[ac]$/) as string },
    });
    expect(await rest('shared/app')).toEqual(expect.arrayContaining(['a', 'b', 'c']));
  });

  it('keeps what the index of another tag lists', async () => {
    await pushImage(debian.url, 'index/app', 'all', index);
    await pushImage(debian.url, 'index/app', 'only-arm', arm64);
    await expect(app.deleteRemoteTag(`${debian.host}/index/app:only-arm`)).rejects.toMatchObject({
      code: 'delete-unsupported',
      params: { sharedWith: 'all' },
    });
    await app.deleteRemoteTag(`${debian.host}/index/app:all`);
    await app.deleteRemoteTag(`${debian.host}/index/app:only-arm`);
    await expect(app.remoteTags(`${debian.host}/index/app`)).resolves.toEqual([]);
  });
});

it('asks for the right to delete, and says when it is not given', async () => {
  await pushImage(ours.url, 'guarded/app', '1', amd64);
  const allows = (user: string | undefined, { action }: { action: string }): boolean =>
    action !== 'delete' || user === 'ann';
  await ours.requireTokens({ users: { ann: 'right', bob: 'right' }, allows });
  const as = async (user: string): Promise<void> => {
    const dockerConfig = `${folder.path}/as-${user}`;
    const own = createTestApp({ root: `${folder.path}/store-${user}`, dockerConfig });
    const auth = Buffer.from(`${user}:right`).toString('base64');
    await mkdir(dockerConfig, { recursive: true });
    await writeFile(`${dockerConfig}/config.json`, JSON.stringify({ auths: { [ours.host]: { auth } } }));
    try {
      await own.deleteRemoteTag(`${ours.host}/guarded/app:1`);
    } finally {
      await own.close();
      await rm(dockerConfig, { recursive: true });
    }
  };
  await expect(as('bob')).rejects.toMatchObject({ code: 'registry-forbidden' });
  await as('ann');
});

describe('a catalogue', () => {
  it('whose Link repeats itself ends', async () => {
    await pushImage(ours.url, 'loop/app', '1', amd64);
    ours.faults.add({ match: requests({ path: /_catalog/ }), action: repeatLink() });
    expect(await app.remoteRepositories(ours.host)).toContain('loop/app');
    expect(ours.requests.filter(({ path }) => path.includes('_catalog')).length).toBeLessThanOrEqual(2);
  });

  it.each([404, 403, 405, 501])('that is answered by %i is none', async (status) => {
    ours.faults.add({ match: requests({ path: /_catalog/ }), action: fail(status) });
    await expect(app.remoteRepositories(ours.host)).rejects.toMatchObject({
      code: 'search-unsupported',
      params: { host: ours.host },
    });
    await expect(app.search(`${ours.host}/x`)).rejects.toMatchObject({ code: 'search-unsupported' });
  });

  it.each([
    ['a page of HTML', '<!doctype html><title>Registry</title>'],
    ['a list that is none', '{"repositories": 7}'],
    ['nothing', ''],
  ])('that is %s is none', async (_, body) => {
    const html = answer({ status: 200, body: Buffer.from(body) });
    ours.faults.add({ match: requests({ path: /_catalog|v1\/search/ }), action: html });
    await expect(app.search(`${ours.host}/x`)).rejects.toMatchObject({ code: 'search-unsupported' });
  });

  it('that is shown to nobody unknown asks one to sign in', async () => {
    ours.requireBasic({ ann: 'right' });
    await expect(app.remoteRepositories(ours.host)).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { host: ours.host, name: ours.host, signedIn: false },
    });
    await expect(app.search(`${ours.host}/x`)).rejects.toMatchObject({ code: 'registry-unauthorized' });
  });
});

describe('Docker Hub', () => {
  it('is searched with pulls and publishers, and by its old search where the new one fails', async () => {
    const hub = await startHub({
      repositories: [
        {
          name: 'alpine',
          description: 'A minimal image',
          stars: 9,
          official: true,
          pulls: 1_000_000,
          badge: 'official',
        },
        { name: 'bitnami/alpine', stars: 3, pulls: 500, badge: 'verified_publisher' },
        { name: 'free/alpine', stars: 2, pulls: 7, badge: 'open_source' },
        { name: 'someone/alpine', automated: true },
      ],
    });
    const hubbed = createTestApp({ root: `${folder.path}/hub`, configuration: { hubUrl: hub.url } });
    try {
      const expected = [
        {
          name: 'alpine',
          description: 'A minimal image',
          stars: 9,
          official: true,
          automated: false,
          pulls: 1_000_000,
        },
        {
          name: 'bitnami/alpine',
          description: '',
          stars: 3,
          official: false,
          automated: false,
          pulls: 500,
          publisher: 'verified',
        },
        {
          name: 'free/alpine',
          description: '',
          stars: 2,
          official: false,
          automated: false,
          pulls: 7,
          publisher: 'sponsored',
        },
        { name: 'someone/alpine', description: '', stars: 0, official: false, automated: true, pulls: 0 },
      ];
      expect(await hubbed.search('alpine')).toEqual(expected);
      hub.faults.add({ match: requests({ path: /^\/v2\/search/ }), action: fail(404) });
      const plain = expected.map((result) => {
        const { pulls: _, ...rest } = result;
        return rest;
      });
      expect(await hubbed.search('alpine')).toEqual(plain);
      hub.faults.add({
        match: requests({ path: /^\/api\// }),
        action: answer({ status: 200, body: Buffer.from('<html>') }),
      });
      expect(await hubbed.search('alpine')).toEqual(plain.map(({ publisher: _, ...rest }) => rest));
      hub.faults.add({ match: requests({ path: /^\/v1\// }), action: fail(404) });
      await expect(hubbed.search('alpine')).rejects.toMatchObject({
        code: 'registry-failed',
        params: { host: 'docker.io', status: 404 },
      });
    } finally {
      await hubbed.close();
      await hub.close();
    }
  });

  it('tells when tags were set, and how large images are', async () => {
    const digest = amd64.manifest.descriptor.digest;
    const hub = await startHub({
      repositories: [
        {
          name: 'team/app',
          tags: {
            '1.0': '2024-01-01T00:00:00Z',
            '2.0': '2024-02-01T00:00:00Z',
            latest: '2023-01-01T00:00:00Z',
          },
          sizes: { [digest]: 4242 },
        },
      ],
    });
    // A mirror stands in for the registry of Docker Hub; tags are its own to list, so they come from there.
    await pushImage(ours.url, 'team/app', '1.0', index);
    const mirrored = createTestApp({
      root: `${folder.path}/mirrored`,
      configuration: { hubUrl: hub.url, mirrors: { 'docker.io': [ours.url] } },
    });
    try {
      const image = await mirrored.remoteImage('team/app:1.0').catch((error: unknown) => error);
      expect(image).toMatchObject({ digest: index.index.descriptor.digest });
      const sizes = (image as { manifests: { digest: string; imageSize?: number }[] }).manifests;
      expect(sizes.find((manifest) => manifest.digest === digest)?.imageSize).toBe(4242);
      // Hub counts every manifest that is read: one was.
      const read = ours.requests.filter(
        ({ method, path }) => method === 'GET' && path.includes('/manifests/'),
      );
      expect(read).toHaveLength(1);
    } finally {
      await mirrored.close();
      await hub.close();
    }
  });
});

it('cancels', async () => {
  const abort = new AbortController();
  abort.abort();
  for (const ask of [
    () => app.search(`${ours.host}/x`, { signal: abort.signal }),
    () => app.remoteRepositories(ours.host, abort.signal),
    () => app.remoteTagList(`${ours.host}/list/one`, abort.signal),
    () => app.remoteImage(`${ours.host}/list/one`, abort.signal),
    () => app.deleteRemoteTag(`${ours.host}/list/one:latest`, abort.signal),
    () => app.verifyCredentials(ours.host, { username: 'a', password: 'b' }, abort.signal),
  ]) {
    await expect(ask()).rejects.toMatchObject({ name: 'AbortError' });
  }
});
