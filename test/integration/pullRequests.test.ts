import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import { createTestApp } from '../support/app.ts';
import { strata } from '../support/cli.ts';
import { buildAttestation, buildImage, buildIndex } from '../support/images.ts';
import type { BuiltImage } from '../support/images.ts';
import { recordPull } from '../support/progress.ts';
import { pushImage } from '../support/pushImage.ts';
import { blobs, createGate, holdUntil, startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** What a pull asks a registry for, read from the log of ours. */

let registry: TestRegistry;
let folder: TempFolder;
let root: string;
const apps: App[] = [];

beforeEach(async () => {
  [registry, folder] = await Promise.all([startRegistry(), tempFolder()]);
  root = join(folder.path, 'store');
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await registry.close();
  await folder.remove();
});

function open(concurrentDownloads = 3): App {
  const app = createTestApp({ root, configuration: { concurrentDownloads } });
  apps.push(app);
  return app;
}

/** A distinct image; `first` layers are the same whatever the name. */
function imageOf(name: string, layers = 5, first = 0): BuiltImage {
  return buildImage({
    layers: Array.from({ length: layers }, (_, i) => ({
      entries: [{ path: `file${i}`, content: `${i < first ? 'shared' : name} ${i} `.repeat(20_000) }],
    })),
  });
}

async function push(name: string, image: Parameters<typeof pushImage>[3]): Promise<string> {
  await pushImage(registry.url, name, 'latest', image);
  registry.requests.length = 0;
  return `${registry.host}/${name}`;
}

/** Method and path below /v2/, the check of the API version itself left out. */
const asked = (): string[] =>
  registry.requests
    .filter(({ path }) => path !== '/v2/')
    .map(({ method, path }) => `${method} ${path.slice(4)}`);
const layerRequests = (image: BuiltImage): string[] =>
  asked().filter((line) =>
    image.layers.some(({ descriptor }) => line.endsWith(`/blobs/${descriptor.digest}`)),
  );

describe('requests', () => {
  it('asks for each document and each blob once, and of an image that is up to date for its manifest alone', async () => {
    const image = imageOf('once');
    const index = buildIndex([image, buildAttestation(image)]);
    const name = await push('ask/once', index);
    const app = open();
    await app.pull({ name });
    expect(asked().sort()).toEqual(
      [
        'GET ask/once/manifests/latest',
        `GET ask/once/manifests/${image.manifest.descriptor.digest}`,
        `GET ask/once/blobs/${image.config.descriptor.digest}`,
        ...image.layers.map(({ descriptor }) => `GET ask/once/blobs/${descriptor.digest}`),
      ].sort(),
    );
    registry.requests.length = 0;
    expect(await app.pull({ name })).toMatchObject({ newer: false });
    expect(asked()).toEqual(['GET ask/once/manifests/latest']);
    // And so does a process that knows nothing yet.
    registry.requests.length = 0;
    expect(await open().pull({ name })).toMatchObject({ newer: false });
    expect(asked()).toEqual(['GET ask/once/manifests/latest']);
  });

  it('fetches a layer that two images share, or one image has twice, once', async () => {
    const twice = buildImage({
      layers: [0, 1, 0].map((i) => ({ entries: [{ path: 'f', content: `layer ${i}` }] })),
    });
    const app = open();
    await app.pull({ name: await push('twice/image', twice) });
    expect(layerRequests(twice)).toHaveLength(2);
    const first = imageOf('first', 4, 3);
    const second = imageOf('second', 4, 3);
    await app.pull({ name: await push('shared/first', first) });
    const name = await push('shared/second', second);
    const recorder = recordPull();
    await app.pull({ name }, recorder);
    expect(layerRequests(second)).toHaveLength(1);
    expect(recorder.layersWith('Already exists')).toEqual(
      second.layers.slice(0, 3).map((l) => l.descriptor.digest),
    );
  });

  it('fetches each blob once though one app pulls the image five times at once', async () => {
    const image = imageOf('many');
    const name = await push('many/pulls', image);
    const gate = createGate();
    registry.faults.add({ match: blobs(), action: holdUntil(gate.opened) });
    const app = open();
    const results = Promise.all(Array.from({ length: 5 }, () => app.pull({ name })));
    // All of them wait for the configuration or a layer before the first byte comes.
    while (registry.requests.filter(({ path }) => path.includes('/manifests/')).length < 5) await sleep(5);
    gate.open();
    for (const result of await results) expect(result.imageId).toBe(image.config.descriptor.digest);
    expect(layerRequests(image).sort()).toEqual(
      image.layers.map(({ descriptor }) => `GET many/pulls/blobs/${descriptor.digest}`).sort(),
    );
    expect(await app.list()).toHaveLength(1);
  });

  it('fetches each blob once though two processes pull two images that share it', async () => {
    const images = [imageOf('left', 5, 4), imageOf('right', 5, 4)];
    const names = [
      await push('left/image', images[0] as BuiltImage),
      await push('right/image', images[1] as BuiltImage),
    ];
    const results = await Promise.all(names.map((name) => strata(['pull', name], { root })));
    for (const { code, stderr } of results) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const digests = new Set(
      images.flatMap(({ layers }) => layers.map(({ descriptor }) => descriptor.digest)),
    );
    const fetched = registry.requests
      .map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
      .filter((digest) => [...digests].includes(digest as never));
    expect(fetched.sort()).toEqual([...digests].sort());
    expect(fetched).toHaveLength(6);
    expect(await open().list()).toHaveLength(2);
  });

  it.each([1, 2, 4])('keeps to %i layers at a time', async (concurrency) => {
    const image = imageOf('lanes', 6);
    const name = await push('lanes/image', image);
    const digests = new Set<string>(image.layers.map(({ descriptor }) => descriptor.digest));
    const under = { now: 0, most: 0 };
    const gate = createGate();
    registry.faults.add({
      match: (request) =>
        blobs()(request) && digests.has(request.path.slice(request.path.lastIndexOf('/') + 1)),
      action: async (request, next) => {
        under.now += 1;
        under.most = Math.max(under.most, under.now);
        // The first ones wait until as many are under way as may be: fewer would hang here. The time that
        // they are held longer is for one too many to show itself.
        if (under.now === concurrency) setTimeout(() => gate.open(), 200);
        await gate.opened;
        under.now -= 1;
        return await next(request);
      },
    });
    await open(concurrency).pull({ name });
    expect(under.most).toBe(concurrency);
    expect(layerRequests(image)).toHaveLength(6);
  });
});
