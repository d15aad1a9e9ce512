import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import type { CopyEvent } from '../../src/images/index.ts';
import { UPLOAD_WHOLE_BYTES } from '../../src/base/limits.ts';
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/mediaTypes.ts';
import { sha256 } from '../../src/oci/digest.ts';
import { strata } from '../support/cli.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { buildAttestation, buildIndex } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import {
  blobs,
  fail,
  flipByte,
  requests,
  resetAfter,
  resetUploadAfter,
  startRegistry,
} from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { runOk } from '../support/run.ts';

const MiB = 1024 * 1024;
const ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_MANIFEST].join(', ');

let world: PullWorld;
let target: TestRegistry;
let app: App;

beforeEach(async () => {
  requireParts('skopeo');
  [world, target] = await Promise.all([createPullWorld(), startRegistry()]);
  app = world.open();
});
afterEach(async () => {
  await world.close();
  await target.close();
});

async function copied(
  source: string,
  to: string,
  platform?: string,
): Promise<{ digest: string; events: CopyEvent[] }> {
  const events: CopyEvent[] = [];
  const request = { source, target: to, ...(platform === undefined ? {} : { platform }) };
  const { digest } = await app.copy(request, { onProgress: (event) => events.push(event) });
  return { digest, events };
}

const ends = (events: readonly CopyEvent[]): string[] => [
  ...new Map(events.map(({ digest, status }) => [digest, status])).values(),
];

async function digestAt(host: string, name: string, reference: string): Promise<string> {
  const response = await fetch(`http://${host}/v2/${name}/manifests/${reference}`, {
    headers: { accept: ACCEPT },
  });
  return sha256(Buffer.from(await response.arrayBuffer()));
}

const skopeo = async (...args: string[]): Promise<string> => await runOk(REAL_PARTS.skopeo.path, args);

describe('copy from registry to registry', () => {
  it.each(['our registry', 'docker-registry'])(
    'keeps an index as it is, attestations too (%s)',
    async (kind) => {
      const images = ['amd64', 'arm64'].map((architecture, i) =>
        noisyImage([2 * MiB + i, 500], { platform: { os: 'linux', architecture } }),
      );
      const [first] = images;
      if (first === undefined) throw new Error('two images');
      const index = buildIndex([...images, buildAttestation(first)]);
      const source = await world.push('team/multi', index);
      const to = kind === 'our registry' ? await startRegistry() : await startDockerRegistry();
      try {
        const { digest, events } = await copied(source, `${to.host}/copy/multi:1`);
        expect(digest).toBe(index.index.descriptor.digest);
        expect(await digestAt(to.host, 'copy/multi', '1')).toBe(digest);
        // The layer that both have is there for the second.
        expect(new Set(ends(events))).toEqual(new Set(['Copied', 'Already exists']));
        const again = await copied(`docker://${source}`, `docker://${to.host}/copy/multi:2`);
        expect(again.events).toEqual([]);
        const one = await copied(source, `${to.host}/copy/one:1`, 'linux/arm64');
        expect(one.digest).toBe(images[1]?.manifest.descriptor.digest);
        // No stop in the store.
        expect(await world.files('blobs', 'sha256')).toEqual([]);
      } finally {
        await to.close();
      }
    },
  );

  it('has blobs mounted within one registry', async () => {
    const source = await world.push('team/app', noisyImage([1000, 2000]));
    const { events } = await copied(source, `${world.registry.host}/other/app:1`);
    expect(ends(events)).toEqual(['Mounted', 'Mounted', 'Mounted']);
    expect(world.fetchesOf('')).toEqual([]);
  });

  it('goes on where either connection broke, and neither fetches nor sends twice', async () => {
    const image = noisyImage([40 * MiB]);
    const [layer] = image.layers;
    if (layer === undefined) throw new Error('a layer');
    const { digest, size } = layer.descriptor;
    const source = await world.push('team/big', image);
    world.registry.faults.add({ match: blobs(digest), action: resetAfter(10 * MiB), times: 1 });
    target.faults.add({ match: requests({ method: 'PATCH' }), action: resetUploadAfter(20 * MiB), times: 1 });
    await copied(source, `${target.host}/copy/big:1`);
    expect(await digestAt(target.host, 'copy/big', '1')).toBe(image.manifest.descriptor.digest);
    const received = target.requests.filter(({ method }) => method === 'PATCH').map((r) => r.bytesReceived);
    expect(received.slice(1).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(size - 19 * MiB);
    expect(world.fetchesOf(digest)[1]?.range).toMatch(/^bytes=\d{7,}-$/);
  });

  it('never lets wrong bytes land, and says which side they came from', async () => {
    const image = noisyImage([3 * MiB]);
    const [layer] = image.layers;
    if (layer === undefined) throw new Error('a layer');
    const source = await world.push('team/app', image);
    world.registry.faults.add({ match: blobs(layer.descriptor.digest), action: flipByte(2 * MiB) });
    await expect(copied(source, `${target.host}/copy/app:1`)).rejects.toMatchObject({
      code: 'copy-failed',
      params: { side: 'source', place: source },
    });
    expect(target.requests.filter(({ path }) => path.includes('/manifests/'))).toEqual([]);
  });

  it('tells why a layer is refused, though a worker met it', async () => {
    const image = noisyImage([UPLOAD_WHOLE_BYTES + MiB]);
    const source = await world.push('team/app', image);
    world.registry.faults.add({
      match: blobs(image.layers[0]?.descriptor.digest ?? ''),
      action: fail(403, 'DENIED'),
    });
    await expect(copied(source, `${target.host}/copy/app:1`)).rejects.toMatchObject({
      params: { side: 'source' },
      cause: { code: 'registry-forbidden', params: { host: world.registry.host } },
    });
  });

  it('says which side refuses', async () => {
    const source = await world.push('team/app', noisyImage([500]));
    await expect(copied(`${world.registry.host}/none`, `${target.host}/x`)).rejects.toMatchObject({
      params: { side: 'source' },
      cause: { code: 'registry-not-found' },
    });
    target.faults.add({ match: requests({ method: 'POST' }), action: fail(403, 'DENIED', 'not yours') });
    await expect(copied(source, `${target.host}/x`)).rejects.toMatchObject({
      params: { side: 'target' },
      message: `target ${target.host}/x: denied: not yours`,
      cause: { code: 'push-denied', params: { host: target.host } },
    });
  });
});

it('tells at the terminal what helps where a side refuses', async () => {
  const source = await world.push('team/app', noisyImage([500]));
  target.requireBasic({ ann: 'right' });
  for (const [from, to, refused] of [
    [source, `${target.host}/x`, `target ${target.host}/x`],
    [`${target.host}/x`, `${world.registry.host}/y`, `source ${target.host}/x`],
  ] as const) {
    const result = await strata(['copy', '-q', from, to], { root: world.root });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    const [sentence = '', advice = ''] = result.stderr.split('\n');
    expect(sentence.startsWith(`${refused}: `)).toBe(true);
    expect(advice).toMatch(/^Hint: .*strata login/);
  }
});

describe('copy to archives and layouts, and from them', () => {
  it('writes what skopeo reads, and reads what skopeo writes, with digests unchanged', async () => {
    const image = noisyImage([2 * MiB, 300]);
    const { digest } = image.manifest.descriptor;
    const source = await world.push('team/app', image);
    const at = (name: string): string => join(world.folder, name);
    for (const place of [`oci:${at('layout')}:1`, `oci-archive:${at('a.tar')}:1`]) {
      expect((await copied(source, place)).digest).toBe(digest);
      const seen = JSON.parse(await skopeo('inspect', place)) as { Digest: string };
      expect(seen.Digest).toBe(digest);
      expect((await copied(place, `${target.host}/from/there:1`)).digest).toBe(digest);
    }
    for (const place of [`oci:${at('theirs')}:1`, `oci-archive:${at('theirs.tar')}:1`]) {
      await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${source}`, place);
      expect((await copied(place, `${target.host}/from/skopeo:1`)).digest).toBe(digest);
    }
    const { events } = await copied(source, `oci:${at('layout')}:2`);
    expect(ends(events)).toEqual(['Already exists', 'Already exists', 'Already exists']);
    const index = JSON.parse(await readFile(at('layout/index.json'), 'utf8')) as { manifests: unknown[] };
    expect(index.manifests).toHaveLength(2);
  });

  it('writes a docker-archive that skopeo reads, and takes the compressed layers of one', async () => {
    const image = noisyImage([2 * MiB, 300], { mediaTypes: 'docker' });
    const source = await world.push('team/app', image);
    const place = `docker-archive:${join(world.folder, 'd.tar')}:my/app:2`;
    await copied(source, place);
    const config = await skopeo('inspect', '--config', '--raw', place);
    expect(sha256(config)).toBe(image.config.descriptor.digest);
    await copied(place, `${target.host}/from/archive:1`);
    const manifest = JSON.parse(
      await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${target.host}/from/archive:1`),
    ) as { config: { digest: string }; layers: { digest: string }[] };
    expect(manifest.config.digest).toBe(image.config.descriptor.digest);
    expect(manifest.layers.map((layer) => layer.digest)).toEqual(
      image.layers.map((layer) => layer.descriptor.digest),
    );
  });

  it('compresses the layers of a docker-archive that are not', async () => {
    const source = await world.push('team/app', noisyImage([2 * MiB, 300], { mediaTypes: 'docker' }));
    const file = join(world.folder, 'skopeo.tar');
    // skopeo unpacks layers for this kind of archive.
    await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${source}`, `docker-archive:${file}`);
    await copied(`docker-archive:${file}`, `${target.host}/from/raw:1`);
    const seen = await app.pull({ name: `${target.host}/from/raw:1` });
    const again = await app.pull({ name: source });
    expect(seen.imageId).toBe(again.imageId);
    const layers = (await app.find(seen.familiar)).layers;
    expect(layers.every(({ mediaType }) => mediaType.endsWith('gzip'))).toBe(true);
  });

  it('turns Docker’s media types into image-spec’s in a layout, in an index too', async () => {
    const index = buildIndex([noisyImage([500], { mediaTypes: 'docker' })], 'docker');
    const source = await world.push('team/app', index);
    const place = `oci:${join(world.folder, 'layout')}:1`;
    await copied(source, place);
    const raw = JSON.parse(await skopeo('inspect', '--raw', place)) as {
      mediaType: string;
      manifests: { mediaType: string }[];
    };
    expect(raw.mediaType).toBe(OCI_INDEX);
    expect(raw.manifests.map(({ mediaType }) => mediaType)).toEqual([OCI_MANIFEST]);
    await skopeo('copy', '-q', place, `dir:${join(world.folder, 'dir')}`);
  });

  it('leaves nothing of an archive that did not come to its end', async () => {
    const image = noisyImage([3 * MiB]);
    const source = await world.push('team/app', image);
    world.registry.faults.add({ match: blobs(), action: fail(404, 'BLOB_UNKNOWN') });
    const file = join(world.folder, 'never.tar');
    await expect(copied(source, `oci-archive:${file}:1`)).rejects.toMatchObject({
      params: { side: 'source' },
    });
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(['oci-archive', 'docker-archive', 'oci'])('leaves no %s when it is told to stop', async (kind) => {
    const source = await world.push('team/app', noisyImage([40 * MiB]));
    const place = join(world.folder, 'stopped', 'here');
    await mkdir(join(world.folder, 'stopped'));
    const abort = new AbortController();
    const work = app.copy(
      { source, target: `${kind}:${place}:1` },
      {
        signal: abort.signal,
        onProgress: ({ current }) => {
          if (current > 0) abort.abort();
        },
      },
    );
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    const left = await readdir(join(world.folder, 'stopped'), { recursive: true });
    expect(left.filter((name) => !/^here(?:$|\/oci-layout$|\/blobs)/.test(name))).toEqual([]);
    expect(left).not.toContain('here/index.json');
  });

  it.each([
    ['dir:/tmp/x', 'copy-place-invalid'],
    ['oci:', 'copy-place-invalid'],
    ['docker-daemon:x', 'copy-place-invalid'],
    ['oci:/nowhere/at/all:1', 'copy-failed'],
    ['docker-archive:/nowhere.tar', 'copy-failed'],
    ['UPPER', 'reference-invalid'],
  ])('refuses %s', async (place, code) => {
    await expect(copied(place, `${target.host}/x`)).rejects.toMatchObject({ code });
  });
});

it('asks whom it copies from by name when an archive has several', async () => {
  const [a, b] = [noisyImage([500]), noisyImage([600])];
  await pushImage(target.url, 'a', '1', a);
  await pushImage(target.url, 'b', '1', b);
  const layout = `oci:${join(world.folder, 'both')}`;
  await copied(`${target.host}/a:1`, `${layout}:a`);
  await copied(`${target.host}/b:1`, `${layout}:b`);
  await expect(copied(layout, `${target.host}/c:1`)).rejects.toThrow(/has 2 images/);
  expect((await copied(`${layout}:b`, `${target.host}/c:1`)).digest).toBe(b.manifest.descriptor.digest);
});
