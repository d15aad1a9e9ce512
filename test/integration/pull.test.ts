import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import { OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD } from '../../src/oci/mediaTypes.ts';
import { hostPlatform } from '../../src/oci/platform.ts';
import { createTestApp } from '../support/app.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { buildAttestation, buildImage, buildIndex } from '../support/images.ts';
import type { BuiltImage, ImageSpec, LayerSpec } from '../support/images.ts';
import { recordPull } from '../support/progress.ts';
import { pushImage } from '../support/pushImage.ts';
import { startRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** What a pull does, against our registry and against Debian's alike. What only our registry's log can show is in pullRequests.test.ts. */

const { architecture } = hostPlatform();

const file = (path: string, content: string, more: Partial<LayerSpec> = {}): LayerSpec => ({
  entries: [{ path, content }],
  createdBy: `COPY ${path}`,
  ...more,
});

const threeLayers: ImageSpec = {
  platform: { os: 'linux', architecture },
  layers: [
    file('gzip', 'in gzip'.repeat(1000)),
    { empty: true, createdBy: 'ENV A=b' },
    file('zstd', 'in zstd'.repeat(2000), { compression: 'zstd' }),
    file('plain', 'as it is', { compression: 'none' }),
  ],
  config: { Env: ['A=b'], Labels: { made: 'in code' } },
};

describe.each([
  ['our registry', startRegistry],
  ["Debian's docker-registry", startDockerRegistry],
])('pull from %s', (_, start: () => Promise<{ url: string; host: string; close(): Promise<void> }>) => {
  let registry: Awaited<ReturnType<typeof start>>;
  let folder: TempFolder;
  let app: App;

  beforeAll(async () => {
    registry = await start();
  });
  afterAll(() => registry.close());
  beforeEach(async () => {
    folder = await tempFolder();
    app = createTestApp({ root: join(folder.path, 'store') });
  });
  afterEach(async () => {
    await app.close();
    await folder.remove();
  });

  const push = async (
    name: string,
    image: Parameters<typeof pushImage>[3],
    tag = 'latest',
  ): Promise<string> => {
    await pushImage(registry.url, name, tag, image);
    return `${registry.host}/${name}`;
  };

  it.each(['oci', 'docker'] as const)(
    'takes gzip, zstd and plain layers of %s media types',
    async (mediaTypes) => {
      const image = buildImage({ ...threeLayers, mediaTypes });
      const name = await push(`mixed/${mediaTypes}`, image);
      const result = await app.pull({ name });
      expect(result).toEqual({
        reference: `${name}:latest`,
        familiar: `${name}:latest`,
        digest: image.manifest.descriptor.digest,
        imageId: image.config.descriptor.digest,
        newer: true,
      });
      const [listed, ...others] = await app.list();
      expect(others).toEqual([]);
      expect(listed).toMatchObject({
        id: image.config.descriptor.digest,
        tags: [`${name}:latest`],
        repoDigests: [`${name}@${image.manifest.descriptor.digest}`],
        platform: { os: 'linux', architecture },
        labels: { made: 'in code' },
        size: 7000 + 14_000 + 8,
      });
      expect(listed?.layers).toEqual(
        image.layers.map(({ descriptor, diffId }, i) => ({
          digest: descriptor.digest,
          diffId,
          // Docker's types are listed in image-spec's.
          mediaType: [OCI_LAYER_GZIP, OCI_LAYER_ZSTD, OCI_LAYER][i],
          compressedSize: descriptor.size,
          size: [7000, 14_000, 8][i],
          createdBy: ['COPY gzip', 'COPY zstd', 'COPY plain'][i],
        })),
      );
      const store = await app.store();
      for (const { descriptor, bytes } of [image.manifest, image.config, ...image.layers]) {
        expect(await store.readBlob(descriptor.digest, bytes.length)).toEqual(bytes);
      }
      expect(await app.activePulls()).toEqual([]);
    },
  );

  it.each(['oci', 'docker'] as const)(
    'picks a platform out of an index of %s, and never an attestation',
    async (mediaTypes) => {
      const platforms = [
        { os: 'linux', architecture: 's390x' },
        { os: 'linux', architecture },
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ];
      const images = platforms.map((platform) => buildImage({ ...threeLayers, mediaTypes, platform }));
      const [s390x, own, arm] = images as [BuiltImage, BuiltImage, BuiltImage];
      const index = buildIndex([buildAttestation(own), ...images], mediaTypes);
      const name = await push(`index/${mediaTypes}`, index);
      const { digest } = index.index.descriptor;

      expect(await app.pull({ name })).toMatchObject({ digest, imageId: own.config.descriptor.digest });
      for (const [platform, image] of [
        ['linux/s390x', s390x],
        ['linux/arm/v7', arm],
        ['linux/arm', arm],
      ] as const) {
        const result = await app.pull({ name, platform });
        expect(result).toMatchObject({ digest, imageId: image.config.descriptor.digest });
      }
      await expect(app.pull({ name, platform: 'linux/mips64le' })).rejects.toMatchObject({
        code: 'platform-missing',
        params: { platform: 'linux/mips64le', available: `linux/s390x, linux/${architecture}, linux/arm/v7` },
      });
      await expect(app.pull({ name, platform: 'unknown/unknown' })).rejects.toMatchObject({
        code: 'platform-missing',
      });
      await expect(app.pull({ name, platform: 'a/b/c/d' })).rejects.toMatchObject({
        code: 'platform-invalid',
      });
      const offered = await app.remotePlatforms(name);
      expect(offered.map((each) => each.digest)).toEqual(
        images.map(({ manifest }) => manifest.descriptor.digest),
      );
      // One name, held by the platform that was pulled last; the others stay without.
      const byId = new Map((await app.list()).map((image) => [image.id, image.tags]));
      expect(byId.get(arm.config.descriptor.digest)).toEqual([`${name}:latest`]);
      expect(byId.get(own.config.descriptor.digest)).toEqual([]);
      expect(byId.get(s390x.config.descriptor.digest)).toEqual([]);
    },
  );

  it('says so where a plain manifest is for another platform than was asked for', async () => {
    const name = await push('single/platform', buildImage(threeLayers));
    const recorder = recordPull();
    await app.pull({ name, platform: 'linux/mips64le' }, recorder);
    const warnings = recorder.events
      .filter((event) => event.kind === 'warning')
      .map(({ message }) => message);
    expect(warnings).toEqual([
      `image with reference ${name} was found but does not match the specified platform: ` +
        `wanted linux/mips64le, actual: linux/${architecture}`,
    ]);
  });

  it('pulls by tag, by digest, and by tag and digest together', async () => {
    const old = buildImage({ layers: [file('a', 'old')] });
    const current = buildImage({ layers: [file('a', 'current')] });
    await push('by/digest', old, 'moved');
    const name = await push('by/digest', current, 'moved');
    const [oldDigest, digest] = [old.manifest.descriptor.digest, current.manifest.descriptor.digest];

    expect(await app.pull({ name: `${name}@${oldDigest}` })).toMatchObject({
      reference: `${name}@${oldDigest}`,
      digest: oldDigest,
      newer: true,
    });
    expect(await app.list()).toMatchObject([{ tags: [], repoDigests: [`${name}@${oldDigest}`] }]);
    expect(await app.pull({ name: `${name}@${oldDigest}` })).toMatchObject({ newer: false });
    // The digest decides; the tag is neither asked for nor set.
    expect(await app.pull({ name: `${name}:moved@${oldDigest}` })).toMatchObject({
      digest: oldDigest,
      newer: false,
    });
    expect(await app.pull({ name: `${name}:nosuch@${oldDigest}` })).toMatchObject({ digest: oldDigest });
    expect(await app.pull({ name: `${name}:moved` })).toMatchObject({ digest, newer: true });
    expect((await app.find(`${name}:moved`)).id).toBe(current.config.descriptor.digest);
    expect((await app.find(`${name}@${oldDigest}`)).id).toBe(old.config.descriptor.digest);
  });

  it('leaves an image whose tag moved as <none>, with its layers', async () => {
    const shared = file('base', 'shared by both');
    const before = buildImage({ layers: [shared, file('a', 'before')] });
    const after = buildImage({ layers: [shared, file('a', 'after')] });
    const name = await push('moved/tag', before);
    await app.pull({ name });
    await push('moved/tag', after);
    const recorder = recordPull();
    expect(await app.pull({ name }, recorder)).toMatchObject({
      newer: true,
      imageId: after.config.descriptor.digest,
    });
    const [base, top] = after.layers.map(({ descriptor }) => descriptor.digest);
    expect(recorder.statusesOf(base ?? '')).toEqual(['Already exists']);
    expect(recorder.layersWith('Pull complete')).toEqual([top]);
    const images = await app.list();
    expect(images.map(({ id, tags }) => ({ id, tags }))).toEqual(
      expect.arrayContaining([
        { id: after.config.descriptor.digest, tags: [`${name}:latest`] },
        { id: before.config.descriptor.digest, tags: [] },
      ]),
    );
    // The old one is whole: it can be told apart, inspected and removed.
    expect((await app.inspect(before.config.descriptor.digest)).RootFS.Layers).toEqual(
      before.layers.map(({ diffId }) => diffId),
    );
    await app.remove(before.config.descriptor.digest);
    const store = await app.store();
    expect(
      await store.hasBlob(before.layers[1]?.descriptor.digest ?? before.manifest.descriptor.digest),
    ).toBe(false);
    expect(await store.hasBlob(after.layers[0]?.descriptor.digest ?? before.manifest.descriptor.digest)).toBe(
      true,
    );
  });

  it('takes images of odd shapes: no layer, no history, one layer twice', async () => {
    const twice = file('same', 'twice in one image');
    const specs: Record<string, ImageSpec> = {
      nothing: { layers: [], config: { Labels: { only: 'a configuration' } } },
      nohistory: { layers: [file('a', 'a'), file('b', 'b')], withoutHistory: true },
      twice: { layers: [twice, file('between', 'x'), twice] },
    };
    for (const [key, spec] of Object.entries(specs)) {
      const image = buildImage(spec);
      const name = await push(`odd/${key}`, image);
      const recorder = recordPull();
      expect(await app.pull({ name }, recorder)).toMatchObject({ imageId: image.config.descriptor.digest });
      const distinct = [...new Set(image.layers.map(({ descriptor }) => descriptor.digest))];
      expect(recorder.layersWith('Pull complete')).toEqual(distinct);
      const summary = await app.find(name);
      expect(summary.layers.map(({ digest }) => digest)).toEqual(
        image.layers.map((each) => each.descriptor.digest),
      );
      expect(await app.history(name)).toHaveLength(key === 'twice' ? 3 : 0);
      expect((await app.inspect(name)).RootFS.Layers ?? []).toEqual(image.layers.map(({ diffId }) => diffId));
    }
    expect(await app.list()).toHaveLength(3);
  });

  it('tells of each layer in the order of Docker', async () => {
    const contents = ['first', 'second', 'third', 'fourth', 'fifth'];
    const image = buildImage({ layers: contents.map((content) => file(content, content.repeat(50_000))) });
    const name = await push('order/events', image);
    const recorder = recordPull();
    await app.pull({ name }, recorder);
    const digests = image.layers.map(({ descriptor }) => descriptor.digest);
    expect(recorder.events.slice(0, 3)).toEqual([
      { kind: 'start', name: `${name}:latest`, tagDefaulted: true },
      { kind: 'found', lead: 'latest: Pulling from order/events' },
      {
        kind: 'layers',
        layers: image.layers.map(({ descriptor: { digest, size } }) => ({
          id: digest.slice(7, 19),
          digest,
          size,
        })),
      },
    ]);
    expect(recorder.layersWith('Pulling fs layer')).toEqual(digests);
    expect(recorder.layersWith('Pull complete')).toEqual(digests);
    // Three are fetched at a time.
    expect(recorder.layersWith('Waiting')).toHaveLength(2);
    for (const digest of digests) {
      const statuses = recorder
        .statusesOf(digest)
        .filter((status) => !['Waiting', 'Downloading'].includes(status));
      expect(statuses).toEqual([
        'Pulling fs layer',
        'Verifying Checksum',
        'Download complete',
        'Pull complete',
      ]);
    }
    const again = recordPull();
    expect(await app.pull({ name }, again)).toMatchObject({ newer: false });
    expect(again.events.map(({ kind }) => kind)).toEqual(['start', 'found']);
  });

  it('names what a registry does not have', async () => {
    const name = await push('known/image', buildImage({ layers: [file('a', 'a')] }), 'tagged');
    await expect(app.pull({ name })).rejects.toMatchObject({ code: 'registry-not-found' });
    await expect(app.pull({ name: `${registry.host}/unknown/image:tagged` })).rejects.toMatchObject({
      code: 'registry-not-found',
    });
    await expect(app.pull({ name: `${name}@sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({
      code: 'registry-not-found',
    });
    expect(await app.list({ all: true })).toEqual([]);
    expect(await app.remoteTags(name)).toEqual(['tagged']);
  });
});
