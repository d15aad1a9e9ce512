import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { StrataError } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES, DISK_RESERVE_BYTES } from '../../base/limits.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { familiarString, parseReference } from '../../reference/index.ts';
import type { RefEntry } from '../../store/index.ts';
import { addDigestReference, entryTag, setTags } from '../refs.ts';
import type { ArchiveEvent, ImageSummary, LoadedImage, TransferOptions } from '../types.ts';
import { KnownLayers } from './knownLayers.ts';
import type { LoadContext, LoadDeps } from './loadContext.ts';
import { loadLayer } from './loadLayer.ts';
import type { WantedLayer } from './loadLayer.ts';
import { fileError, openFiles } from './openFiles.ts';
import { planLoad } from './plan.ts';
import type { PlannedImage, ReadyImage } from './plan.ts';
import { spoolArchive } from './spool.ts';
import type { Spooled } from './spool.ts';

const STREAM_NAME = 'archive';

/**
 * Brings the images of an archive into the store. Nothing is listed before all of them are here and verified.
 * @param source the path of a tar or of a layout's folder, or a tar as a stream
 * @throws `file-unreadable`, `content-invalid`, `digest-mismatch`, `disk-full`, the store's errors, the signal's reason
 */
export async function load(
  deps: LoadDeps,
  source: string | Readable,
  { signal, onProgress }: TransferOptions<ArchiveEvent> = {},
): Promise<readonly LoadedImage[]> {
  const { store } = deps;
  const name = typeof source === 'string' ? basename(source) : STREAM_NAME;
  const lease = await store.lease({ kind: 'load', name }, signal === undefined ? {} : { signal });
  const known = new KnownLayers(store, lease, deps.images);
  const context: LoadContext = { ...deps, lease, known, signal, emit: onProgress ?? (() => undefined) };
  let unused = false;
  try {
    const { files, taken } = await openSource(source, name, context);
    try {
      const plans = await planLoad(files, context);
      const layers = await loadLayers(context, files.name, plans);
      const images = plans.map((plan) => plan.ready(plan.layers.map((layer) => blobOf(layers, layer))));
      const loaded = await record(context, images);
      const used = new Set([...layers.values()].map(({ digest }) => digest));
      unused = taken.some(({ descriptor }) => !used.has(descriptor.digest));
      return loaded;
    } finally {
      await files.close();
    }
  } finally {
    await lease.release();
    // What streamed by and proved to be no layer of any image.
    if (unused) await store.update((entries) => entries, { sweep: true });
  }
}

async function openSource(source: string | Readable, name: string, context: LoadContext): Promise<Spooled> {
  if (typeof source !== 'string') return await spoolArchive(source, name, context);
  const files = await openFiles(source, context.signal);
  if (files !== undefined) return { files, taken: [] };
  try {
    return await spoolArchive(createReadStream(source, { highWaterMark: BLOB_BATCH_BYTES }), name, context);
  } catch (error) {
    throw fileError(source, error);
  }
}

/** One blob may serve several images, and one image several times. */
function keyOf({ descriptor, diffId }: WantedLayer): string {
  return `${descriptor?.digest ?? ''} ${diffId}`;
}

function blobOf(layers: ReadonlyMap<string, Descriptor>, wanted: WantedLayer): Descriptor {
  const descriptor = layers.get(keyOf(wanted));
  if (descriptor === undefined) throw new Error('a layer was not loaded');
  return descriptor;
}

/** All layers of all images, each once, several side by side. The first failure stops the others. */
async function loadLayers(
  context: LoadContext,
  archive: string,
  plans: readonly PlannedImage[],
): Promise<ReadonlyMap<string, Descriptor>> {
  const wanted = new Map(plans.flatMap(({ layers }) => layers).map((layer) => [keyOf(layer), layer]));
  await checkSpace(context, [...wanted.values()]);
  const stop = new AbortController();
  const signal = context.signal === undefined ? stop.signal : AbortSignal.any([context.signal, stop.signal]);
  // The biggest first: the last to finish is then a small one.
  const queue = [...wanted].sort(([, a], [, b]) => (b.file?.size ?? 0) - (a.file?.size ?? 0));
  const loaded = new Map<string, Descriptor>();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [key, layer] = next;
        signal.throwIfAborted();
        loaded.set(key, await loadLayer({ ...context, signal }, archive, layer));
      }
    } catch (error) {
      failures.push(error);
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: context.concurrency }, lane));
  context.signal?.throwIfAborted();
  // The others' failures are only the echo of the first.
  if (failures.length > 0) throw failures[0];
  return loaded;
}

/** @throws `disk-full` before a byte is written */
async function checkSpace({ store, known }: LoadContext, layers: readonly WantedLayer[]): Promise<void> {
  let needed = 0;
  for (const { file, diffId } of layers) {
    if (file?.slice !== undefined && (await known.withDiffId(diffId)) === undefined) needed += file.size;
  }
  if (needed === 0) return;
  const free = await store.freeBytes();
  if (needed + DISK_RESERVE_BYTES > free)
    throw new StrataError('disk-full', { path: store.root, needed, free });
}

/** The last step: the documents, then all names under the store's lock. */
async function record(context: LoadContext, images: readonly ReadyImage[]): Promise<readonly LoadedImage[]> {
  const { store, lease, signal } = context;
  await lease.protect(images.flatMap(({ documents }) => documents.map((bytes) => sha256(bytes))));
  for (const { documents } of images) for (const bytes of documents) await store.writeBlob(bytes);
  signal?.throwIfAborted();
  let loaded: readonly LoadedImage[] = [];
  await store.update((entries) => {
    const result = listImages(entries, images, context.images);
    loaded = result.loaded;
    return result.entries;
  });
  return loaded;
}

function listImages(
  before: readonly RefEntry[],
  images: readonly ReadyImage[],
  listed: readonly ImageSummary[],
): { entries: readonly RefEntry[]; loaded: readonly LoadedImage[] } {
  let entries = before;
  const loaded = images.flatMap((image): readonly LoadedImage[] => {
    const entry = entryOf(image, entries, listed);
    const replaced: { name: string; id: Digest }[] = [];
    const holders = new Map(
      entries.flatMap((other) =>
        other.config === image.id ? [] : [[entryTag(other), other.config] as const],
      ),
    );
    for (const name of image.names) {
      const old = holders.get(name);
      if (old !== undefined) replaced.push({ name: familiarString(parseReference(name)), id: old });
    }
    if (image.names.length > 0) entries = setTags(entries, image.names, entry);
    if (image.names.length === 0) entries = addDigestReference(entries, entry);
    if (image.isStep === true) return [];
    const names = image.names.map((name) => familiarString(parseReference(name)));
    return [{ id: image.id, names, replaced }];
  });
  return { entries, loaded };
}

/** An image that the store has already, of the same blobs, keeps its manifest: only the made one would differ. */
function entryOf(
  image: ReadyImage,
  entries: readonly RefEntry[],
  listed: readonly ImageSummary[],
): RefEntry & { readonly config: Digest } {
  const { id, manifest, source, parent, madeOf } = image;
  const twin = listed.find((other) => other.id === id && sameBlobs(other, madeOf));
  const kept = entries.find(
    (entry) => entry.config === id && entry.manifest.digest === twin?.manifest.digest,
  );
  const of = kept ?? { manifest, source };
  return {
    manifest: of.manifest,
    config: id,
    repoDigests: [],
    ...(of.source === undefined ? {} : { source: of.source }),
    ...(parent === undefined ? {} : { parent }),
  };
}

function sameBlobs({ layers }: ImageSummary, digests: readonly Digest[] | undefined): boolean {
  return layers.length === digests?.length && layers.every(({ digest }, i) => digest === digests[i]);
}
