import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildLayer } from '../../../test/support/images.ts';
import { startServer } from '../../../test/support/localServer.ts';
import type { LocalServer } from '../../../test/support/localServer.ts';
import { Random } from '../../../test/support/tarGenerator.ts';
import { openTestStore } from '../../../test/support/storedImages.ts';
import { silentLogger } from '../../base/logger.ts';
import { readLayerStats } from '../../layers/index.ts';
import { digestHex } from '../../oci/digest.ts';
import type { BlobRequest } from '../../registry/index.ts';
import { partialBytes } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createTransport } from '../../transport/index.ts';
import { fetchLayer } from './fetchLayer.ts';
import type { FetchPorts } from './fetchPorts.ts';
import type { LayerJob, LayerProgress } from '../worker/messages.ts';

const transportConfig = { insecureHosts: [], userAgent: 'strata-test' };
/** Does not compress, so that a part of it is a part of the content. */
const layer = buildLayer({
  entries: [{ path: 'file', content: new Random(1).bytes(9000) }],
});
const { bytes, diffId } = layer;
const { digest, size } = layer.descriptor;

// No waiting between attempts.
beforeEach(() => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => random.mockRestore());
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves these bytes and honours ranges. */
const serve =
  (content: Buffer): Answer =>
  ({ headers }, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (start >= content.length) return void response.writeHead(416).end();
    const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
    response.writeHead(start > 0 ? 206 : 200, start > 0 ? range : {}).end(content.subarray(start));
  };

/** Sends so many bytes of the whole blob and breaks off; without a length, as a proxy might. */
const breakAfter =
  (count: number): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-length': size });
    response.write(bytes.subarray(0, count), () => response.destroy());
  };

/** One answer after the other, the last one for ever. */
async function serverOf(...answers: readonly [Answer, ...Answer[]]): Promise<LocalServer> {
  let next = 0;
  return await startServer((request, response) => (answers[next++] ?? answers.at(-1))?.(request, response));
}

const sourceOf = (server: LocalServer, more: Partial<BlobRequest> = {}): BlobRequest => ({
  url: `${server.url}/v2/app/blobs/${digest}`,
  host: server.host,
  name: 'app',
  attempts: 1,
  ...more,
});

interface World {
  readonly store: Store;
  readonly progress: LayerProgress[];
  fetch(sources: readonly BlobRequest[], more?: Partial<LayerJob>): ReturnType<typeof fetchLayer>;
  /** Puts bytes where an earlier attempt would have left them. */
  leave(content: Buffer): Promise<void>;
}

async function createWorld(ports: Partial<FetchPorts> = {}): Promise<World> {
  const store = await openTestStore();
  const transport = createTransport(transportConfig, silentLogger);
  onTestFinished(() => transport.close());
  const progress: LayerProgress[] = [];
  return {
    store,
    progress,
    fetch: (sources, more = {}) =>
      fetchLayer(
        {
          root: store.root,
          digest,
          diffId,
          size,
          sources,
          transport: transportConfig,
          progressIntervalMs: 0,
          ...more,
        },
        {
          transport,
          signal: AbortSignal.timeout(20_000),
          report: (item) => void progress.push(item),
          renewAuthorization: () => Promise.resolve(undefined),
          ...ports,
        },
      ),
    async leave(content) {
      const path = join(store.root, 'strata', 'partial', digestHex(digest));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    },
  };
}

async function expectLanded({ store }: World): Promise<void> {
  expect((await readFile(store.blobPath(digest))).equals(bytes)).toBe(true);
  expect(await readLayerStats(store.layerIndexPath(diffId))).toMatchObject({ diffId, size: 9000 });
  expect(await partialBytes(store.root, digest)).toBe(0);
}

describe('fetchLayer', () => {
  it('brings a layer and its index into the store', async () => {
    const world = await createWorld();
    const server = await serverOf(serve(bytes));
    const result = await world.fetch([sourceOf(server, { authorization: 'Bearer t' })]);
    expect(result).toMatchObject({ fetched: size, stats: { diffId, entries: 1, size: 9000 } });
    await expectLanded(world);
    expect(server.requests.map(({ headers }) => [headers.authorization, headers.range])).toEqual([
      ['Bearer t', undefined],
    ]);
    expect(world.progress.map(({ status }) => status)).toEqual([
      'Downloading',
      'Verifying Checksum',
      'Download complete',
    ]);
  });

  it('asks nobody for what the store has, and makes a lost index anew', async () => {
    const world = await createWorld();
    await world.store.writeBlob(bytes);
    expect(await world.fetch([])).toMatchObject({ fetched: 0, stats: { size: 9000 } });
    expect(world.progress.at(-1)).toEqual({ status: 'Indexing', current: size });
    await writeFile(world.store.layerIndexPath(diffId), 'damaged');
    expect(await world.fetch([])).toMatchObject({ fetched: 0, stats: { size: 9000 } });
    await expectLanded(world);
  });

  it('believes of a stored blob no diff ID that its own bytes do not prove', async () => {
    const world = await createWorld();
    const other = buildLayer({ entries: [{ path: 'other', content: 'of another image' }] });
    const otherDigest = other.descriptor.digest;
    await world.fetch([sourceOf(await serverOf(serve(bytes)))]);
    await world.fetch([sourceOf(await serverOf(serve(other.bytes)))], {
      digest: otherDigest,
      diffId: other.diffId,
      size: other.descriptor.size,
    });
    // Both the blob and an index of that diff ID are here, but from two layers.
    await expect(world.fetch([], { diffId: other.diffId })).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    expect((await readLayerStats(world.store.layerIndexPath(other.diffId))).blob).toBe(otherDigest);
  });

  it('proves one layer in two compressions, each by its own bytes', async () => {
    const world = await createWorld();
    const plain = buildLayer({ tar: layer.tar, compression: 'none' });
    await world.fetch([sourceOf(await serverOf(serve(bytes)))]);
    await world.fetch([sourceOf(await serverOf(serve(plain.bytes)))], {
      digest: plain.descriptor.digest,
      size: plain.descriptor.size,
    });
    expect((await readLayerStats(world.store.layerIndexPath(diffId))).blob).toBe(plain.descriptor.digest);
    expect((await world.fetch([])).fetched).toBe(0);
    expect((await readLayerStats(world.store.layerIndexPath(diffId))).blob).toBe(digest);
  });

  it('leaves a damaged blob as it is, and says what it is', async () => {
    const world = await createWorld();
    await world.store.writeBlob(bytes);
    await writeFile(world.store.blobPath(digest), Buffer.alloc(size, 1));
    await expect(world.fetch([])).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(await world.store.hasBlob(digest)).toBe(true);
  });

  it('has nothing to go by without sources', async () => {
    const world = await createWorld();
    await expect(world.fetch([])).rejects.toMatchObject({ code: 'blob-missing', params: { digest } });
  });

  it('goes on behind what an earlier attempt left', async () => {
    const world = await createWorld();
    await world.leave(bytes.subarray(0, 1234));
    const server = await serverOf(serve(bytes));
    expect((await world.fetch([sourceOf(server)])).fetched).toBe(size - 1234);
    expect(server.requests[0]?.headers.range).toBe('bytes=1234-');
    await expectLanded(world);
  });

  it.each([
    ['wrong', Buffer.alloc(500, 7)],
    ['too many', Buffer.alloc(size + 1)],
    ['wrong and complete', Buffer.alloc(size)],
  ])('starts anew where an earlier attempt left %s bytes', async (_, left) => {
    const world = await createWorld();
    await world.leave(left);
    await world.fetch([sourceOf(await serverOf(serve(bytes)))]);
    await expectLanded(world);
  });

  it('goes on behind a break, and keeps what had come when it gives up', async () => {
    const world = await createWorld();
    const server = await serverOf(breakAfter(1000), serve(bytes));
    expect((await world.fetch([sourceOf(server)])).fetched).toBe(size);
    expect(server.requests[1]?.headers.range).toBe('bytes=1000-');
    await expectLanded(world);
  });

  it('starts from the beginning where ranges are ignored', async () => {
    const world = await createWorld();
    const server = await serverOf(breakAfter(1000), (_, response) => response.writeHead(200).end(bytes));
    expect((await world.fetch([sourceOf(server)])).fetched).toBe(size + 1000);
    await expectLanded(world);
  });

  it('ends when a blob is shorter than its descriptor says, whether its length is told or not', async () => {
    const short = bytes.subarray(0, -10);
    const world = await createWorld();
    const untold = await serverOf(({ headers }, response) => {
      if (headers.range !== undefined) response.writeHead(416).end();
      else response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(short);
    });
    await expect(world.fetch([sourceOf(untold)])).rejects.toMatchObject({ code: 'registry-unreachable' });
    const told = await serverOf((_, response) =>
      response.writeHead(200, { 'content-length': short.length }).end(short),
    );
    await expect(world.fetch([sourceOf(told)])).rejects.toMatchObject({ code: 'size-mismatch' });
  }, 20_000);

  it('refuses more than the layer, and keeps none of it from the next source', async () => {
    const world = await createWorld();
    // The beginning arrives by itself and is taken; only then there is too much.
    const endless: Answer = (_, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write(Buffer.alloc(1000));
      setTimeout(() => response.end(Buffer.alloc(size)), 50);
    };
    const mirror = await serverOf(endless);
    const alone = await createWorld();
    await expect(alone.fetch([sourceOf(mirror)])).rejects.toMatchObject({ code: 'size-mismatch' });
    await world.fetch([sourceOf(mirror), sourceOf(await serverOf(serve(bytes)))]);
    await expectLanded(world);
  });

  it('refuses wrong bytes and leaves none of them; another source may have the right ones', async () => {
    const world = await createWorld();
    const mirror = await serverOf(serve(Buffer.alloc(size, 3)));
    await expect(world.fetch([sourceOf(mirror)])).rejects.toMatchObject({
      code: 'digest-mismatch',
      params: { expected: digest },
    });
    expect(await partialBytes(world.store.root, digest)).toBe(0);
    await world.fetch([sourceOf(mirror), sourceOf(await serverOf(serve(bytes)))]);
    await expectLanded(world);
  });

  it('does not ask a second source when the image itself is wrong', async () => {
    const world = await createWorld();
    const second = await serverOf(serve(bytes));
    const other = buildLayer({ entries: [] }).diffId;
    const job = world.fetch([sourceOf(await serverOf(serve(bytes))), sourceOf(second)], { diffId: other });
    await expect(job).rejects.toMatchObject({ code: 'digest-mismatch', params: { expected: other } });
    expect(second.seen).toEqual([]);
    expect(await world.store.hasBlob(digest)).toBe(false);
  });

  it('tries the sources in order', async () => {
    const world = await createWorld();
    const gone = await serverOf((_, response) => response.writeHead(404).end());
    const good = await serverOf(serve(bytes));
    await world.fetch([sourceOf(gone), sourceOf(good)]);
    expect([gone.seen.length, good.seen.length]).toEqual([1, 1]);
    await expect(
      world.fetch([sourceOf(gone)], { digest: buildLayer({ entries: [] }).descriptor.digest }),
    ).rejects.toMatchObject({
      code: 'registry-failed',
    });
  });

  it('renews an authorization once, and keeps what works through a break', async () => {
    const asked: (string | undefined)[] = [];
    const world = await createWorld({
      renewAuthorization: (source, challenge) => {
        asked.push(source.authorization, challenge);
        return Promise.resolve('Bearer fresh');
      },
    });
    const guarded =
      (answer: Answer): Answer =>
      (request, response) => {
        if (request.headers.authorization === 'Bearer fresh') answer(request, response);
        else response.writeHead(401, { 'www-authenticate': 'Bearer realm="x"' }).end();
      };
    const server = await serverOf(guarded(serve(bytes)), guarded(breakAfter(100)), guarded(serve(bytes)));
    await world.fetch([sourceOf(server, { authorization: 'Bearer old' })]);
    await expectLanded(world);
    expect(asked).toEqual(['Bearer old', 'Bearer realm="x"']);
    expect(server.seen).toHaveLength(3);
  });

  it.each([
    [undefined, false],
    ['Bearer fresh', true],
  ])('is unauthorized with %s', async (authorization, signedIn) => {
    const world = await createWorld({ renewAuthorization: () => Promise.resolve(authorization) });
    const server = await serverOf((_, response) => response.writeHead(401).end());
    await expect(world.fetch([sourceOf(server)])).rejects.toMatchObject({
      code: 'registry-unauthorized',
      params: { host: server.host, signedIn },
    });
  });

  it('stops when it is told to, and keeps what had come', async () => {
    const controller = new AbortController();
    const world = await createWorld({ signal: controller.signal });
    const server = await serverOf((_, response) => {
      response.writeHead(200, { 'content-length': size });
      response.write(bytes.subarray(0, 2000), () => setTimeout(() => controller.abort(), 100));
    });
    await expect(world.fetch([sourceOf(server)])).rejects.toMatchObject({ name: 'AbortError' });
    expect(await partialBytes(world.store.root, digest)).toBe(2000);
  });
});
