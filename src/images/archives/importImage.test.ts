import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createArchiveWorld, inChunks } from '../../../test/support/archiveWorld.ts';
import type { ArchiveWorld } from '../../../test/support/archiveWorld.ts';
import { buildLayer } from '../../../test/support/images.ts';
import { startServer } from '../../../test/support/localServer.ts';
import { silentLogger } from '../../base/logger.ts';
import { MAX_CONFIG_BYTES } from '../../base/limits.ts';
import { createTransport } from '../../transport/index.ts';
import { LayerWorkers } from '../worker/workers.ts';
import type { ImportRequest } from '../types.ts';
import { importImage } from './importImage.ts';

const workers = new LayerWorkers(join(import.meta.dirname, '../worker/worker.ts'), silentLogger);
afterAll(() => workers.close());

const now = Date.parse('2026-01-02T03:04:05.678Z');
const root = { entries: [{ path: 'etc/motd', content: 'hello'.repeat(1000) }] };

async function run(
  world: ArchiveWorld,
  source: string | Readable,
  request: ImportRequest = {},
): Promise<string> {
  const http = createTransport({ insecureHosts: [], userAgent: 'strata-test' }, silentLogger);
  onTestFinished(() => http.close());
  return await importImage({ ...(await world.deps()), http, now: () => now }, source, request);
}

async function configOf(world: ArchiveWorld, id: string): Promise<Record<string, unknown>> {
  const { id: digest } = await world.find(id);
  return JSON.parse((await world.store.readBlob(digest, MAX_CONFIG_BYTES)).toString()) as Record<
    string,
    unknown
  >;
}

describe('importImage', () => {
  it.each(['none', 'gzip', 'zstd'] as const)(
    'stores a tar with compression %s as it is',
    async (compression) => {
      const world = await createArchiveWorld(workers);
      const layer = buildLayer({ ...root, compression });
      const id = await run(world, inChunks(layer.bytes), { name: 'my/root' });
      const image = await world.find('my/root:latest');
      expect(image).toMatchObject({ id, taggedAt: '2026-01-02T03:04:05.678Z' });
      expect(image.layers).toMatchObject([
        { digest: layer.descriptor.digest, diffId: layer.diffId, mediaType: layer.descriptor.mediaType },
      ]);
    },
  );

  it('describes the image as Docker does', async () => {
    const world = await createArchiveWorld(workers);
    const { bytes, diffId } = buildLayer({ ...root, compression: 'none' });
    const path = join(world.folder, 'root.tar');
    await writeFile(path, bytes);
    const id = await run(world, path, { changes: ['CMD ["sh"]', 'ENV A=1'], platform: 'linux/arm64' });
    expect(await configOf(world, id)).toMatchObject({
      architecture: 'arm64',
      os: 'linux',
      comment: 'Imported from -',
      created: '2026-01-02T03:04:05.678Z',
      config: { Cmd: ['sh'], Env: ['A=1'], Entrypoint: null },
      history: [{ created: '2026-01-02T03:04:05.678Z', comment: 'Imported from -' }],
      rootfs: { type: 'layers', diff_ids: [diffId] },
    });
    expect((await world.find(id)).tags).toEqual([]);
  });

  it('puts the message where Docker puts it', async () => {
    const world = await createArchiveWorld(workers);
    const id = await run(world, inChunks(buildLayer(root).bytes), { message: 'by hand' });
    expect(await configOf(world, id)).toMatchObject({
      comment: 'by hand',
      history: [{ comment: 'by hand' }],
    });
  });

  it('fetches a URL', async () => {
    const world = await createArchiveWorld(workers);
    const { bytes, diffId } = buildLayer(root);
    const server = await startServer((request, response) => {
      if (request.url === '/root.tar.gz') response.end(bytes);
      else response.writeHead(404).end('no');
    });
    const id = await run(world, `${server.url}/root.tar.gz`);
    expect(await configOf(world, id)).toMatchObject({
      comment: `Imported from ${server.url}/root.tar.gz`,
      rootfs: { diff_ids: [diffId] },
    });
    await expect(run(world, `${server.url}/none`)).rejects.toThrow(
      `failed to GET ${server.url}/none with status 404 Not Found: no`,
    );
  });

  it.each([
    ['Upper', { name: 'Upper' }, 'reference-invalid'],
    ['a digest', { name: `a@sha256:${'a'.repeat(64)}` }, 'tag-invalid'],
    ['a bad instruction', { changes: ['RUN x'] }, 'change-invalid'],
    ['a bad platform', { platform: 'a/b/c/d' }, 'platform-invalid'],
  ])('reads nothing for %s', async (_, request, code) => {
    const world = await createArchiveWorld(workers);
    const unread = new Readable({ read: () => expect.fail('it was read') });
    await expect(run(world, unread, request)).rejects.toMatchObject({ code });
  });

  it.each([
    ['random bytes', Buffer.from('no tar '.repeat(1000)), 'content-invalid'],
    [
      'a tar that is cut',
      buildLayer({ ...root, compression: 'none' }).bytes.subarray(0, 3000),
      'content-invalid',
    ],
    ['bzip2', Buffer.from('BZh91AY&SY and so on'.repeat(100)), 'content-invalid'],
  ])('refuses %s, and lists nothing', async (_, bytes, code) => {
    const world = await createArchiveWorld(workers);
    await expect(run(world, inChunks(bytes))).rejects.toMatchObject({ code });
    expect(await world.list()).toEqual([]);
    expect(await world.blobs()).toEqual([]);
  });

  it('says that a file is not there', async () => {
    const world = await createArchiveWorld(workers);
    await expect(run(world, join(world.folder, 'none'))).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
