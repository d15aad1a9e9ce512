import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import type { PushEvent } from '../../src/images/index.ts';
import { DOCKER_MANIFEST, OCI_LAYER_GZIP } from '../../src/oci/mediaTypes.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { buildIndex, buildImage } from '../support/images.ts';
import type { BuiltImage, LayerSpec } from '../support/images.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import { header, requests, resetUploadAfter, startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { runOk } from '../support/run.ts';
import { entryOf, storeBlobs } from '../support/storedImages.ts';

const MiB = 1024 * 1024;

let world: PullWorld;
let target: TestRegistry;
let app: App;

beforeEach(async () => {
  [world, target] = await Promise.all([createPullWorld(), startRegistry()]);
  app = world.open();
});
afterEach(async () => {
  await world.close();
  await target.close();
});

/** Writes an image into the store, as a load would. @returns its canonical name */
async function stored(image: BuiltImage, name: string): Promise<string> {
  const store = await app.store();
  await storeBlobs(store, image);
  await store.update((entries) => [...entries, entryOf(image, { name })]);
  return name;
}

async function pushed(name: string, more: Partial<Parameters<App['push']>[0]> = {}): Promise<PushEvent[]> {
  const events: PushEvent[] = [];
  await app.push({ name, ...more }, { onProgress: (event) => events.push(event) });
  return events;
}

const statuses = (events: readonly PushEvent[]): Record<string, string[]> => {
  const found: Record<string, string[]> = {};
  for (const event of events) {
    if (event.kind !== 'layer' || event.current !== undefined) continue;
    (found[event.id] ??= []).push(event.from === undefined ? event.status : `${event.status} ${event.from}`);
  }
  return found;
};

const ends = (events: readonly PushEvent[]): (string | undefined)[] =>
  Object.values(statuses(events)).map((said) => said.at(-1));

async function manifestOf(
  host: string,
  name: string,
  tag: string,
): Promise<{ digest: string; bytes: Buffer }> {
  const response = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, {
    headers: {
      accept: `${DOCKER_MANIFEST}, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json`,
    },
  });
  return {
    digest: response.headers.get('docker-content-digest') ?? '',
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

const uploadsOf = (registry: TestRegistry): TestRegistry['requests'] =>
  registry.requests.filter(({ method, path }) => /^P/.test(method) && path.includes('/blobs/uploads/'));

describe.each(['our registry', 'docker-registry'])('push to %s', (kind) => {
  async function start(): Promise<{ host: string; close: () => Promise<void> }> {
    return kind === 'our registry' ? await startRegistry() : await startDockerRegistry();
  }

  it('keeps the manifest of the registry that an image came from, byte for byte', async () => {
    requireParts('skopeo');
    const image = noisyImage([300, 2 * MiB], { mediaTypes: 'docker' });
    const name = await world.push('team/app', image);
    await app.pull({ name });
    const to = await start();
    try {
      const events = await pushed(name, { target: `${to.host}/copies/app:1` });
      expect(events[0]).toEqual({ kind: 'start', repository: `${to.host}/copies/app` });
      expect(ends(events)).toEqual(['Pushed', 'Pushed']);
      const { digest, bytes } = await manifestOf(to.host, 'copies/app', '1');
      expect(bytes.equals(image.manifest.bytes)).toBe(true);
      expect(digest).toBe(image.manifest.descriptor.digest);
      expect(events.at(-1)).toEqual({ kind: 'pushed', tag: '1', digest, size: bytes.length });
      const seen = await runOk(REAL_PARTS.skopeo.path, [
        'copy',
        '-q',
        '--src-tls-verify=false',
        `docker://${to.host}/copies/app:1`,
        `dir:${world.folder}/skopeo`,
      ]);
      expect(seen).toBe('');
      // Nothing is sent a second time.
      expect(ends(await pushed(name, { target: `${to.host}/copies/app:1` }))).toEqual([
        'Layer already exists',
        'Layer already exists',
      ]);
    } finally {
      await to.close();
    }
  });

  it('compresses what no registry has seen yet, and knows it the second time', async () => {
    const layers = ['first', 'second'].map((path) => ({
      entries: [{ path, content: path.repeat(500_000) }],
      compression: 'none' as const,
    }));
    const image = buildImage({ layers });
    const to = await start();
    try {
      const name = await stored(image, `${to.host}/team/raw:1`);
      const [result] = await app.push({ name });
      const { bytes, digest } = await manifestOf(to.host, 'team/raw', '1');
      expect(result?.digest).toBe(digest);
      const manifest = JSON.parse(bytes.toString()) as BuiltImage['manifest'] & {
        config: { digest: string };
        layers: { mediaType: string; digest: string; size: number }[];
      };
      expect(manifest.config.digest).toBe(image.config.descriptor.digest);
      for (const [i, layer] of manifest.layers.entries()) {
        expect(layer.mediaType).toBe(OCI_LAYER_GZIP);
        const answer = await fetch(`http://${to.host}/v2/team/raw/blobs/${layer.digest}`);
        const blob = Buffer.from(await answer.arrayBuffer());
        expect(blob.length).toBe(layer.size);
        expect(gunzipSync(blob).equals(image.layers[i]?.tar ?? Buffer.alloc(0))).toBe(true);
      }
      expect((await app.find(name)).repoDigests).toEqual([`${to.host}/team/raw@${digest}`]);
      expect(ends(await pushed(name))).toEqual(['Layer already exists', 'Layer already exists']);
      expect((await app.find(name)).repoDigests).toHaveLength(1);
      // Without what was remembered it is made again, the same, where no registry is known to have it.
      await rm(join(world.root, 'strata', 'compressed.json'));
      await (await app.store()).update((entries) => entries.map((entry) => ({ ...entry, repoDigests: [] })));
      expect((await app.push({ name }))[0]?.digest).toBe(digest);
    } finally {
      await to.close();
    }
  });

  it.each(['docker', 'oci'] as const)(
    'leaves layers uncompressed that a registry has so, by an index too (%s)',
    async (mediaTypes) => {
      const layer = (path: string): LayerSpec => ({
        entries: [{ path, content: path.repeat(100_000) }],
        compression: 'none',
      });
      const to = await start();
      try {
        // A layer that a load brought too, and that a push of it compressed.
        const loaded = buildImage({ layers: [layer('shared')] });
        await app.push({ name: await stored(loaded, `${to.host}/team/loaded:1`) });
        const raw = buildImage({ layers: [layer('shared'), layer('own')], mediaTypes });
        for (const [path, image] of [
          ['team/plain', raw],
          ['team/multi', buildIndex([raw], mediaTypes)],
        ] as const) {
          const name = await world.push(path, image);
          await app.pull({ name });
          const copy = `${to.host}/${path}:1`;
          await app.tag(name, copy);
          for (const request of [{ name: copy }, { name, target: `${to.host}/again/${path}:1` }]) {
            const [result] = await app.push(request);
            expect(result?.digest).toBe(raw.manifest.descriptor.digest);
          }
          const { bytes } = await manifestOf(to.host, path, '1');
          expect(bytes.equals(raw.manifest.bytes)).toBe(true);
          await app.remove(name, { force: true });
          await app.remove(copy, { force: true });
        }
      } finally {
        await to.close();
      }
    },
  );

  it('pushes an index with the children that are here, or one platform of it', async () => {
    const images = ['amd64', 'arm64', 's390x'].map((architecture, i) =>
      noisyImage([1000 + i], { platform: { os: 'linux', architecture } }),
    );
    const index = buildIndex(images);
    const store = await app.store();
    const to = await start();
    try {
      await store.writeBlob(index.index.bytes);
      for (const image of images.slice(0, 2)) await storeBlobs(store, image);
      const entry = { name: `${to.host}/team/multi:1`, manifest: index.index.descriptor, repoDigests: [] };
      await store.update((entries) => [...entries, entry]);
      await app.push({ name: entry.name });
      const partial = JSON.parse((await manifestOf(to.host, 'team/multi', '1')).bytes.toString()) as {
        manifests: { platform: { architecture: string } }[];
      };
      expect(partial.manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64']);
      const [, , last] = images;
      if (last !== undefined) await storeBlobs(store, last);
      const [whole] = await app.push({ name: entry.name });
      expect(whole?.digest).toBe(index.index.descriptor.digest);
      const [one] = await app.push({ name: entry.name, platform: 'linux/arm64' });
      expect(one?.digest).toBe(images[1]?.manifest.descriptor.digest);
      await expect(app.push({ name: entry.name, platform: 'linux/riscv64' })).rejects.toMatchObject({
        code: 'platform-missing',
      });
    } finally {
      await to.close();
    }
  });
});

describe('push', () => {
  it('has layers mounted from where this store knows them to be', async () => {
    const image = noisyImage([1000, 2000]);
    await stored(image, `${target.host}/team/app:1`);
    await app.push({ name: `${target.host}/team/app:1` });
    await app.tag(`${target.host}/team/app:1`, `${target.host}/other/app:2`);
    target.requests.length = 0;
    const events = await pushed(`${target.host}/other/app:2`);
    expect(ends(events)).toEqual(['Mounted team/app', 'Mounted team/app']);
    const mounts = uploadsOf(target).filter(({ path }) => path.includes('mount='));
    expect(mounts.map(({ status }) => status)).toEqual([201, 201]);
    // The configuration is sent: no registry mounts what Docker does not ask for.
    expect(uploadsOf(target).filter(({ method }) => method === 'PUT')).toHaveLength(1);
    expect((await app.find(`${target.host}/other/app:2`)).repoDigests).toHaveLength(2);
  });

  it('pushes all tags of a repository in their order', async () => {
    const image = noisyImage([1000]);
    for (const tag of ['b', 'a', 'c']) await stored(image, `${target.host}/team/app:${tag}`);
    const results = await app.push({ name: `${target.host}/team/app`, allTags: true });
    expect(results.map(({ reference }) => reference.split(':').at(-1))).toEqual(['a', 'b', 'c']);
  });

  it('goes on where a connection broke, and sends nothing twice', async () => {
    const image = noisyImage([40 * MiB]);
    const size = image.layers[0]?.descriptor.size ?? 0;
    await stored(image, `${target.host}/team/big:1`);
    target.faults.add({ match: requests({ method: 'PATCH' }), action: resetUploadAfter(20 * MiB), times: 1 });
    expect(ends(await pushed(`${target.host}/team/big:1`))).toEqual(['Pushed']);
    const received = target.requests
      .filter(({ method }) => method === 'PATCH')
      .map(({ bytesReceived, status }) => ({ bytesReceived, status }));
    expect(received[0]?.status).toBeUndefined();
    const after = received.slice(1).reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
    expect(after).toBeLessThanOrEqual(size - 19 * MiB);
    expect(
      target.requests.filter(({ method, path }) => method === 'POST' && path.includes('uploads')),
    ).toHaveLength(2);
  });

  it('says at most ten times a second how far a layer is', async () => {
    await stored(noisyImage([64 * MiB]), `${target.host}/team/big:1`);
    const started = performance.now();
    const events = await pushed(`${target.host}/team/big:1`);
    const seconds = (performance.now() - started) / 1000;
    const moving = events.filter((event) => event.kind === 'layer' && event.current !== undefined);
    expect(moving.length).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 1);
  });

  it('renews its token in mid-upload, and asks for push and for the source of a mount', async () => {
    const tokens = await target.requireTokens({ users: { bob: 'secret' } });
    const dockerConfig = await signIn(target.host, 'bob:secret');
    app = world.open({ dockerConfig });
    await stored(noisyImage([40 * MiB]), `${target.host}/team/app:1`);
    target.faults.add({
      match: requests({ method: 'PATCH' }),
      action: async (request, next) => {
        const reply = await next(request);
        tokens.revokeAll();
        return reply;
      },
      times: 1,
    });
    await app.push({ name: `${target.host}/team/app:1` });
    await app.tag(`${target.host}/team/app:1`, `${target.host}/team/two:1`);
    expect(ends(await pushed(`${target.host}/team/two:1`))).toEqual(['Mounted team/app']);
    const scopes = tokens.requests.map(({ path }) => new URL(path, 'http://x').searchParams.getAll('scope'));
    expect(scopes).toContainEqual(['repository:team/app:pull,push']);
    expect(scopes).toContainEqual(['repository:team/two:pull,push', 'repository:team/app:pull']);
  });

  it('pushes to a registry that wants a password, and says so where it has none', async () => {
    const registry = await startDockerRegistry({ users: { bob: 'secret' } });
    try {
      const name = await stored(noisyImage([2 * MiB]), `${registry.host}/team/app:1`);
      await expect(app.push({ name })).rejects.toMatchObject({ message: 'no basic auth credentials' });
      const wrong = world.open({ dockerConfig: await signIn(registry.host, 'bob:wrong') });
      await expect(wrong.push({ name })).rejects.toMatchObject({
        message: 'unauthorized: authentication required',
      });
      const right = world.open({ dockerConfig: await signIn(registry.host, 'bob:secret') });
      expect(await right.push({ name })).toHaveLength(1);
    } finally {
      await registry.close();
    }
  });

  it('leaves foreign layers where they are', async () => {
    const image = noisyImage([500, 600]);
    const [foreign, own] = image.layers;
    if (foreign === undefined || own === undefined) throw new Error('two layers');
    const layers = [{ ...foreign.descriptor, urls: ['https://example.com/layer'] }, own.descriptor];
    const changed = buildImage({
      layers: [
        { tar: foreign.tar, level: 1 },
        { tar: own.tar, level: 1 },
      ],
      manifestExtra: { layers },
    });
    await stored(changed, `${target.host}/team/foreign:1`);
    expect(ends(await pushed(`${target.host}/team/foreign:1`))).toEqual(['Pushed', 'Skipped foreign layer']);
    expect((await manifestOf(target.host, 'team/foreign', '1')).bytes.equals(changed.manifest.bytes)).toBe(
      true,
    );
  });

  it('says what is not here', async () => {
    const image = noisyImage([500]);
    const name = await stored(image, `${target.host}/team/app:1`);
    await expect(app.push({ name: `${target.host}/none` })).rejects.toMatchObject({
      message: `An image does not exist locally with the tag: ${target.host}/none`,
    });
    await expect(app.push({ name: `${target.host}/team/app` })).rejects.toMatchObject({
      message: `tag does not exist: ${target.host}/team/app:latest`,
    });
    const [layer] = image.layers;
    const store = await app.store();
    if (layer !== undefined) await rm(store.blobPath(layer.descriptor.digest));
    await expect(app.push({ name })).rejects.toMatchObject({ code: 'blob-missing' });
  });

  it('refuses a registry that changes what it is given', async () => {
    const name = await stored(noisyImage([500]), `${target.host}/team/app:1`);
    const other = `sha256:${'0'.repeat(64)}`;
    target.faults.add({
      match: requests({ method: 'PUT', path: /manifests/ }),
      action: header('docker-content-digest', other),
    });
    await expect(app.push({ name })).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect((await app.find(name)).repoDigests).toEqual([]);
  });

  it('stops when it is told to, and holds nothing afterwards', async () => {
    const name = await stored(noisyImage([40 * MiB]), `${target.host}/team/app:1`);
    const abort = new AbortController();
    const work = app.push(
      { name },
      {
        signal: abort.signal,
        onProgress: (event) => {
          if (event.kind === 'layer' && event.status === 'Pushing') abort.abort();
        },
      },
    );
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(await (await app.store()).activeLeases()).toEqual([]);
  });
});

async function signIn(host: string, pair: string): Promise<string> {
  const folder = join(world.folder, `docker-${pair.replace(':', '-')}`);
  await mkdir(folder, { recursive: true });
  const auths = { [host]: { auth: Buffer.from(pair).toString('base64') } };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
  return folder;
}
