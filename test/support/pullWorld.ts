import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../src/app/index.ts';
import { TEMP_PREFIX } from '../../src/base/atomicFile.ts';
import { createTestApp } from './app.ts';
import type { TestAppOptions } from './app.ts';
import { buildImage } from './images.ts';
import type { BuiltImage, BuiltIndex, ImageSpec } from './images.ts';
import { pushImage } from './pushImage.ts';
import { startRegistry } from './registry/index.ts';
import type { TestRegistry } from './registry/index.ts';
import { tempFolder } from './tempFolder.ts';

/** A registry of our own, an empty store, and apps on it: what a test of a failing pull begins with. */
export interface PullWorld {
  readonly registry: TestRegistry;
  /** A folder for anything. */
  readonly folder: string;
  /** The store's. */
  readonly root: string;
  /** Another process, as it were. Closed by `close`. */
  open(options?: Partial<TestAppOptions>): App;
  /** Pushes and empties the log. @returns the name to pull */
  push(name: string, image: BuiltImage | BuiltIndex): Promise<string>;
  /** Names in a folder of the store; none if it is absent. */
  files(...path: string[]): Promise<string[]>;
  /**
   * Blobs that were begun. Lock files and temporary ones are left out: who is killed or cancelled at the wrong moment
   * leaves them to a later sweep.
   */
  unfinished(): Promise<string[]>;
  /** Requests for this blob: the Range asked for, the status and the bytes that were sent. */
  fetchesOf(digest: string): { range: string | undefined; status: number | undefined; bytesSent: number }[];
  close(): Promise<void>;
}

export async function createPullWorld(): Promise<PullWorld> {
  const [registry, folder] = await Promise.all([startRegistry(), tempFolder()]);
  const root = join(folder.path, 'store');
  const apps: App[] = [];
  const files = (...path: string[]): Promise<string[]> => readdir(join(root, ...path)).catch(() => []);
  return {
    registry,
    folder: folder.path,
    root,
    open(options) {
      const app = createTestApp({ root, ...options });
      apps.push(app);
      return app;
    },
    async push(name, image) {
      await pushImage(registry.url, name, 'latest', image);
      registry.requests.length = 0;
      return `${registry.host}/${name}`;
    },
    files,
    async unfinished() {
      const names = await files('strata', 'partial');
      return names.filter((name) => !name.endsWith('.lock') && !name.startsWith(TEMP_PREFIX));
    },
    fetchesOf(digest) {
      return registry.requests
        .filter(({ path }) => path.endsWith(`/blobs/${digest}`))
        .map(({ headers, status, bytesSent }) => ({ range: headers.range, status, bytesSent }));
    },
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await registry.close();
      await folder.remove();
    },
  };
}

/** Bytes that no compression makes smaller, the same on every run. */
function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE((state ^ (state >>> 15)) >>> 0, at);
  }
  return bytes;
}

/** An image of layers of about these sizes (bytes). */
export function noisyImage(sizes: readonly number[], more: Partial<ImageSpec> = {}): BuiltImage {
  return buildImage({
    layers: sizes.map((size, i) => ({
      entries: [{ path: `noise${i}`, content: noise(size, i + 1) }],
      level: 1,
      createdBy: `COPY noise${i}`,
    })),
    ...more,
  });
}
