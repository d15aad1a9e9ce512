import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import type { BuiltImage } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import {
  blobs,
  drip,
  dropConnection,
  fail,
  flipByte,
  hangUpAfter,
  header,
  ignoreRange,
  manifests,
  redirectBlobsTo,
  repeatLink,
  requests,
  resetAfter,
  shiftRange,
  startRegistry,
  tooManyRequests,
  truncateTo,
} from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';

/** Pulls from a registry that fails: what is tried again, what is resumed, and what a person is told in the end. */

const MiB = 1024 * 1024;

let world: PullWorld;
let registry: TestRegistry;
let app: App;
beforeEach(async () => {
  world = await createPullWorld();
  ({ registry } = world);
  app = world.open();
});
afterEach(() => world.close());

function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`${items.length} instead of one`);
  return item;
}

/** One layer of about 3 MB. */
const oneLayer = noisyImage([3 * MiB]);
const layer = only(oneLayer.layers);
const { digest, size } = layer.descriptor;

async function expectComplete(image: BuiltImage): Promise<void> {
  const store = await app.store();
  for (const { descriptor, bytes } of [image.manifest, image.config, ...image.layers]) {
    expect((await store.readBlob(descriptor.digest, bytes.length)).equals(bytes)).toBe(true);
  }
  expect((await app.list()).map(({ id }) => id)).toEqual([image.config.descriptor.digest]);
  expect(await world.unfinished()).toEqual([]);
}

async function expectNothingListed(): Promise<void> {
  expect(await app.list({ all: true })).toEqual([]);
  expect(await app.activePulls()).toEqual([]);
}

/** Bytes that the store keeps of an unfinished blob. */
async function kept(of: string): Promise<number> {
  const path = join(world.root, 'strata', 'partial', of.slice('sha256:'.length));
  return await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
}

describe('sign-in', () => {
  const eightLayers = noisyImage(Array.from({ length: 8 }, () => 100_000));

  it('asks for one token however many blobs wait for it', async () => {
    const name = await world.push('tokens/many', eightLayers);
    const tokens = await registry.requireTokens();
    await app.pull({ name });
    expect(tokens.issued).toEqual({ get: 1, post: 0 });
    const refused = registry.requests.filter(({ status, path }) => status === 401 && path !== '/v2/');
    expect(refused).toHaveLength(1);
    await expectComplete(eightLayers);
  });

  it('renews a token that runs out in mid-pull, once for all that wait', async () => {
    const name = await world.push('tokens/renewed', eightLayers);
    const tokens = await registry.requireTokens();
    const third = eightLayers.layers[2]?.descriptor.digest;
    registry.faults.add({
      match: blobs(third),
      times: 1,
      action: (request, next) => {
        tokens.revokeAll();
        return next(request);
      },
    });
    await app.pull({ name });
    expect(tokens.issued.get).toBe(2);
    await expectComplete(eightLayers);
  });

  it('renews a token for a layer that is resumed', async () => {
    const name = await world.push('tokens/resumed', oneLayer);
    const tokens = await registry.requireTokens();
    registry.faults.add({
      match: blobs(digest),
      times: 1,
      action: async (request, next) => {
        const reply = await resetAfter(MiB)(request, next);
        tokens.revokeAll();
        return reply;
      },
    });
    await app.pull({ name });
    expect(tokens.issued.get).toBe(2);
    expect(world.fetchesOf(digest).map(({ status }) => status)).toEqual([200, 401, 206]);
    await expectComplete(oneLayer);
  });

  it('signs in with what docker login wrote, and says so where that is refused', async () => {
    const name = await world.push('private/image', eightLayers);
    const tokens = await registry.requireTokens({
      users: { alice: 'secret' },
      allows: (user) => user === 'alice',
    });
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { signedIn: false },
    });
    const login = async (password: string): Promise<App> => {
      const folder = join(world.folder, `docker-${password}`);
      await mkdir(folder, { recursive: true });
      const auth = Buffer.from(`alice:${password}`).toString('base64');
      await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
      return world.open({ dockerConfig: folder });
    };
    const wrong = await login('wrong');
    await expect(wrong.pull({ name })).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { signedIn: true },
    });
    await expectNothingListed();
    const before = tokens.issued.get;
    await (await login('secret')).pull({ name });
    expect(tokens.issued.get).toBe(before + 1);
    await expectComplete(eightLayers);
  });

  it('follows a redirect of blobs to another origin without its Authorization', async () => {
    const name = await world.push('redirect/blobs', eightLayers);
    await registry.requireTokens();
    const host = await registry.startBlobHost();
    registry.faults.add({ match: blobs(), action: redirectBlobsTo(host.url) });
    host.faults.add({
      match: blobs(eightLayers.layers[0]?.descriptor.digest),
      action: resetAfter(50_000),
      times: 1,
    });
    await app.pull({ name });
    expect(host.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(host.requests).toHaveLength(eightLayers.layers.length + 2);
    await expectComplete(eightLayers);
  });
});

describe('passing failures', () => {
  it.each([
    ['429 with Retry-After', tooManyRequests(1)],
    ['429 without', tooManyRequests()],
    ['500', fail(500)],
    ['503', fail(503)],
    ['a connection that drops', dropConnection()],
  ])('%s twice, of a manifest and of a blob', async (_, action) => {
    const name = await world.push('passing/failure', oneLayer);
    registry.faults.add({ match: manifests('latest'), action, times: 2 });
    registry.faults.add({ match: blobs(digest), action, times: 2 });
    await app.pull({ name });
    expect(world.fetchesOf(digest)).toHaveLength(3);
    await expectComplete(oneLayer);
  });

  it.each([
    ['429', tooManyRequests(), { code: 'registry-rate-limited' }],
    [
      '500',
      fail(500, 'UNKNOWN', 'out of order'),
      { code: 'registry-failed', params: { status: 500, detail: 'out of order' } },
    ],
    [
      'a dropped connection',
      dropConnection(),
      { code: 'registry-unreachable', params: { reason: 'broken' } },
    ],
  ])('%s for ever ends with its name, after five tries at a blob', async (_, action, error) => {
    const name = await world.push('lasting/failure', oneLayer);
    registry.faults.add({ match: blobs(digest), action });
    await expect(app.pull({ name })).rejects.toMatchObject(error);
    expect(world.fetchesOf(digest)).toHaveLength(5);
    await expectNothingListed();
    registry.faults.clear();
    await app.pull({ name });
    await expectComplete(oneLayer);
  });

  it('does not wait for an hour where Retry-After asks for it, and asks no more', async () => {
    const name = await world.push('limited/image', oneLayer);
    const error = { code: 'registry-rate-limited', params: { retryAfterSeconds: 3600 } };
    const onBlobs = registry.faults.add({ match: blobs(digest), action: tooManyRequests(3600) });
    await expect(app.pull({ name })).rejects.toMatchObject(error);
    expect(onBlobs.hits).toBe(1);
    const onManifests = registry.faults.add({ match: manifests(), action: tooManyRequests(3600) });
    await expect(app.pull({ name })).rejects.toMatchObject(error);
    expect(onManifests.hits).toBe(1);
    await expectNothingListed();
  });

  it.each([
    ['registry-forbidden', fail(403)],
    ['registry-failed', fail(404)],
  ])('%s for a blob is final', async (code, action) => {
    const name = await world.push('final/failure', oneLayer);
    const fault = registry.faults.add({ match: blobs(digest), action });
    await expect(app.pull({ name })).rejects.toMatchObject({ code });
    expect(fault.hits).toBe(1);
    await expectNothingListed();
  });

  it('stops at a Link that repeats itself', async () => {
    const name = await world.push('many/tags', oneLayer);
    registry.faults.add({ match: requests({ path: /\/tags\/list$/ }), action: repeatLink() });
    expect(await app.remoteTags(name)).toEqual(['latest']);
    expect(registry.requests.length).toBeLessThan(5);
  });
});

describe('broken layers', () => {
  it.each([
    ['reset', resetAfter(1_500_000)],
    ['hung up', hangUpAfter(1_500_000)],
  ])('a connection that is %s in mid-layer is resumed where it broke', async (_, action) => {
    const name = await world.push('broken/layer', oneLayer);
    registry.faults.add({ match: blobs(digest), action, times: 1 });
    await app.pull({ name });
    const [first, second, ...more] = world.fetchesOf(digest);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ range: undefined, status: 200, bytesSent: 1_500_000 });
    const resumedAt = Number(/^bytes=(\d+)-$/.exec(second?.range ?? '')?.[1]);
    // A reset may discard what had left the registry and was not read yet.
    expect(resumedAt).toBeGreaterThan(0);
    expect(resumedAt).toBeLessThanOrEqual(1_500_000);
    expect(second).toMatchObject({ status: 206, bytesSent: size - resumedAt });
    await expectComplete(oneLayer);
  });

  it('goes on for as long as each connection brings something', async () => {
    const name = await world.push('broken/often', oneLayer);
    const fault = registry.faults.add({ match: blobs(digest), action: hangUpAfter(300_000) });
    await app.pull({ name });
    expect(fault.hits).toBe(Math.ceil(size / 300_000));
    await expectComplete(oneLayer);
  });

  it('gives up where no connection brings anything', async () => {
    const name = await world.push('broken/always', oneLayer);
    const fault = registry.faults.add({ match: blobs(digest), action: hangUpAfter(0) });
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: 'registry-unreachable',
      params: { reason: 'broken' },
    });
    expect(fault.hits).toBe(5);
    await expectNothingListed();
  });

  it('begins anew where Range is ignored', async () => {
    const name = await world.push('range/ignored', oneLayer);
    registry.faults.add({ match: blobs(digest), action: ignoreRange() });
    registry.faults.add({ match: blobs(digest), action: hangUpAfter(MiB), times: 1 });
    await app.pull({ name });
    expect(world.fetchesOf(digest).map(({ status, bytesSent }) => ({ status, bytesSent }))).toEqual([
      { status: 200, bytesSent: MiB },
      { status: 200, bytesSent: size },
    ]);
    await expectComplete(oneLayer);
  });

  it('refuses a range that was not asked for', async () => {
    const name = await world.push('range/other', oneLayer);
    registry.faults.add({ match: blobs(digest), action: hangUpAfter(MiB), times: 1 });
    const wrong = registry.faults.add({
      match: (request) => blobs(digest)(request) && request.headers.range !== undefined,
      action: shiftRange(10),
    });
    await expect(app.pull({ name })).rejects.toMatchObject({ code: 'registry-invalid' });
    await expectNothingListed();
    wrong.remove();
    await app.pull({ name });
    expect(world.fetchesOf(digest).at(-1)).toMatchObject({ range: `bytes=${MiB}-`, bytesSent: size - MiB });
    await expectComplete(oneLayer);
  });

  it('a range that lies about where it starts gives no wrong blob, and a fresh start', async () => {
    const name = await world.push('range/liar', oneLayer);
    registry.faults.add({ match: blobs(digest), action: hangUpAfter(MiB), times: 1 });
    registry.faults.add({
      match: (request) => blobs(digest)(request) && request.headers.range !== undefined,
      // The right number of bytes under the Content-Range that was asked for, from elsewhere.
      action: async (request, next) => {
        const shifted = await next({
          ...request,
          headers: { ...request.headers, range: `bytes=100-${size - MiB + 99}` },
        });
        return {
          ...shifted,
          headers: { ...shifted.headers, 'content-range': `bytes ${MiB}-${size - 1}/${size}` },
        };
      },
      times: 1,
    });
    await expect(app.pull({ name })).rejects.toMatchObject({ code: 'digest-mismatch' });
    await expectNothingListed();
    expect(await kept(digest)).toBe(0);
    await app.pull({ name });
    await expectComplete(oneLayer);
  });

  it('a cancelled pull lets go at once and keeps its bytes; the next goes on from them', async () => {
    const image = noisyImage([50_000, 3 * MiB]);
    const [small, big] = image.layers as [typeof layer, typeof layer];
    const name = await world.push('slow/drip', image);
    const slow = registry.faults.add({ match: blobs(big.descriptor.digest), action: drip(2 * MiB) });
    const cancel = new AbortController();
    const pulling = app.pull({ name }, { signal: cancel.signal });
    const outcome = expect(pulling).rejects.toMatchObject({ name: 'AbortError' });
    await expect
      .poll(() => world.fetchesOf(big.descriptor.digest)[0]?.bytesSent ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(500_000);
    await expect
      .poll(() => world.files('blobs', 'sha256'), { timeout: 20_000 })
      .toContain(small.descriptor.digest.slice(7));
    cancel.abort();
    await outcome;
    await expectNothingListed();
    const here = await kept(big.descriptor.digest);
    expect(here).toBeGreaterThan(100_000);
    slow.remove();
    registry.requests.length = 0;
    // Another process takes it up as well.
    await world.open().pull({ name });
    expect(world.fetchesOf(small.descriptor.digest)).toEqual([]);
    expect(world.fetchesOf(big.descriptor.digest)).toEqual([
      { range: `bytes=${here}-`, status: 206, bytesSent: big.descriptor.size - here },
    ]);
    await expectComplete(image);
  });

  it.each([0, 1_234_567, size - 1])('a wrong byte at %i is a digest that does not match', async (offset) => {
    const name = await world.push('wrong/byte', oneLayer);
    const fault = registry.faults.add({ match: blobs(digest), action: flipByte(offset) });
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: 'digest-mismatch',
      params: { expected: digest },
    });
    await expectNothingListed();
    expect(await kept(digest)).toBe(0);
    expect(fault.hits).toBe(1);
    fault.remove();
    await app.pull({ name });
    expect(world.fetchesOf(digest).at(-1)).toEqual({ range: undefined, status: 200, bytesSent: size });
    await expectComplete(oneLayer);
  });

  it('bytes of an earlier pull that turn out to be wrong are fetched anew in the same pull', async () => {
    const name = await world.push('torn/partial', oneLayer);
    const store = await app.store();
    await writeFile(join(store.root, 'strata/partial', digest.slice(7)), Buffer.alloc(1_000_000, 'torn'));
    await app.pull({ name });
    expect(world.fetchesOf(digest)).toEqual([
      { range: 'bytes=1000000-', status: 206, bytesSent: size - 1_000_000 },
      { range: undefined, status: 200, bytesSent: size },
    ]);
    await expectComplete(oneLayer);
  });

  it('a blob that is too short by its own Content-Length is refused by its size', async () => {
    const name = await world.push('short/blob', oneLayer);
    const fault = registry.faults.add({ match: blobs(digest), action: truncateTo(1000) });
    await expect(app.pull({ name })).rejects.toMatchObject({
      code: 'size-mismatch',
      params: { expected: size, actual: 1000 },
    });
    expect(fault.hits).toBe(1);
    await expectNothingListed();
    // A length that is not announced shows at the end only; each try from there on finds nothing more.
    fault.remove();
    registry.faults.add({ match: blobs(digest), action: ignoreRange() });
    registry.faults.add({ match: blobs(digest), action: header('transfer-encoding', 'chunked') });
    const silent = registry.faults.add({ match: blobs(digest), action: truncateTo(1000) });
    await expect(app.pull({ name })).rejects.toMatchObject({ code: 'registry-unreachable' });
    expect(silent.hits).toBeLessThanOrEqual(6);
    await expectNothingListed();
  });
});

describe('mirrors', () => {
  let mirror: TestRegistry;
  beforeEach(async () => {
    mirror = await startRegistry();
  });
  afterEach(() => mirror.close());

  const mirrored = async (): Promise<string> => {
    const name = await world.push('mirrored/image', oneLayer);
    await pushImage(mirror.url, 'mirrored/image', 'latest', oneLayer);
    mirror.requests.length = 0;
    app = world.open({ configuration: { mirrors: { [registry.host]: [mirror.url] } } });
    return name;
  };

  it('has everything from the mirror where that works', async () => {
    const name = await mirrored();
    await app.pull({ name });
    expect(registry.requests.filter(({ path }) => path !== '/v2/')).toEqual([]);
    await expectComplete(oneLayer);
  });

  it('needs no origin where the mirror has everything', async () => {
    const name = await mirrored();
    await registry.close();
    await app.pull({ name });
    await expectComplete(oneLayer);
  });

  it.each([
    ['fails', fail(500)],
    ['lacks it', fail(404)],
    ['limits', tooManyRequests(3600)],
    ['drops connections', dropConnection()],
    ['holds wrong bytes', flipByte(100)],
    ['holds too few bytes', truncateTo(1000)],
  ])('goes on to the origin where the mirror %s', async (_, action) => {
    const name = await mirrored();
    mirror.faults.add({ match: blobs(digest), action });
    await app.pull({ name });
    expect(world.fetchesOf(digest)).toEqual([{ range: undefined, status: 200, bytesSent: size }]);
    await expectComplete(oneLayer);
  });

  it('takes the rest from the origin where the mirror stops in mid-layer', async () => {
    const name = await mirrored();
    mirror.faults.add({ match: blobs(digest), action: hangUpAfter(MiB), times: 1 });
    mirror.faults.add({
      match: (request) => blobs(digest)(request) && request.headers.range !== undefined,
      action: fail(503),
    });
    await app.pull({ name });
    expect(world.fetchesOf(digest)).toEqual([{ range: `bytes=${MiB}-`, status: 206, bytesSent: size - MiB }]);
    await expectComplete(oneLayer);
  });

  it('pulls from the origin alone where no mirror answers', async () => {
    const name = await mirrored();
    await mirror.close();
    await app.pull({ name });
    await expectComplete(oneLayer);
  });
});
