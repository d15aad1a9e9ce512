import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { openStore } from '../../src/store/index.ts';
import type { RefEntry, Store } from '../../src/store/index.ts';
import type { BuiltImage } from './images.ts';

/** A real store in a folder of its own, gone when the test is. */
export async function openTestStore(): Promise<Store> {
  const root = await mkdtemp(join(tmpdir(), 'strata-images-'));
  const store = await openStore(root, { logger: silentLogger });
  onTestFinished(async () => {
    await store.close();
    await rm(root, { recursive: true, force: true });
  });
  return store;
}

/** Writes an image's documents and layers into a store; index.json stays as it is. */
export async function storeBlobs(store: Store, image: BuiltImage): Promise<void> {
  for (const blob of [image.manifest, image.config, ...image.layers]) await store.writeBlob(blob.bytes);
}

/** The entry that a pull of this image would make. */
export function entryOf(image: BuiltImage, more: Partial<RefEntry> = {}): RefEntry & { config: Digest } {
  return {
    manifest: image.manifest.descriptor,
    config: image.config.descriptor.digest,
    repoDigests: [],
    ...more,
  };
}

/** Stores images and writes index.json, as other tools could have. */
export async function storeImages(
  store: Store,
  images: readonly BuiltImage[],
  entries: readonly RefEntry[],
): Promise<void> {
  for (const image of images) await storeBlobs(store, image);
  await store.update(() => entries);
}

/** Breaks a blob of the store. */
export async function damageBlob(store: Store, digest: Digest): Promise<void> {
  await writeFile(store.blobPath(digest), 'damaged');
}
