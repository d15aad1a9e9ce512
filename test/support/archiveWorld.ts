import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { load } from '../../src/images/archives/load.ts';
import type { LoadDeps } from '../../src/images/archives/loadContext.ts';
import { readCatalog } from '../../src/images/catalog.ts';
import { findImage } from '../../src/images/find.ts';
import { indexLayer } from '../../src/images/indexLayer.ts';
import type { LayerWorkers } from '../../src/images/worker/workers.ts';
import type { ArchiveEvent, ImageSummary, LoadedImage, TransferOptions } from '../../src/images/types.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';

/** A store of its own and what archives do to it. The workers are shared: starting them takes longest. */
export interface ArchiveWorld {
  readonly folder: string;
  readonly store: Store;
  deps(): Promise<LoadDeps>;
  load(source: string | Readable, options?: TransferOptions<ArchiveEvent>): Promise<readonly LoadedImage[]>;
  /** Loads these bytes from a file. */
  file(bytes: Buffer): Promise<readonly LoadedImage[]>;
  /** Loads them as a stream of small chunks. */
  stream(bytes: Buffer): Promise<readonly LoadedImage[]>;
  list(): Promise<readonly ImageSummary[]>;
  find(name: string): Promise<ImageSummary>;
  /** Hex of all blobs, sorted. */
  blobs(): Promise<readonly string[]>;
}

/** Gone when the test is. */
export async function createArchiveWorld(workers: LayerWorkers): Promise<ArchiveWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-archives-'));
  const store = await openStore(join(folder, 'store'), { logger: silentLogger });
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const base = { store, workers, transport: { insecureHosts: [], userAgent: 'strata-test' }, concurrency: 3 };
  const list = async (): Promise<readonly ImageSummary[]> => {
    const layerStats: Parameters<typeof readCatalog>[0]['layerStats'] = async (layer) =>
      indexLayer(base, layer);
    return await readCatalog({ store, logger: silentLogger, layerStats }, await store.entries());
  };
  const deps = async (): Promise<LoadDeps> => ({ ...base, images: await list() });
  return {
    folder,
    store,
    deps,
    load: async (source, options) => await load(await deps(), source, options),
    file: async (bytes) => {
      const path = join(folder, 'archive.tar');
      await writeFile(path, bytes);
      return await load(await deps(), path);
    },
    stream: async (bytes) => await load(await deps(), inChunks(bytes)),
    list,
    find: async (name) => findImage(await list(), name),
    blobs: async () => (await readdir(join(store.root, 'blobs/sha256'))).sort(),
  };
}

export function inChunks(bytes: Buffer, size = 10_000): Readable {
  const count = Math.ceil(bytes.length / size);
  return Readable.from(Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size)));
}
