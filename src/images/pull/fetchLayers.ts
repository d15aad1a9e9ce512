import { StrataError } from '../../base/errors.ts';
import { DISK_RESERVE_BYTES, MAX_BLOB_BYTES, PROGRESS_INTERVAL_MS } from '../../base/limits.ts';
import { readLayerStats } from '../../layers/index.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Reference } from '../../reference/index.ts';
import { partialBytes } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import type { LayerStatus } from '../types.ts';
import type { PullContext, PullDeps } from './context.ts';
import type { ResolvedImage } from './resolve.ts';

interface Layer {
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly size: number;
  readonly descriptor: ResolvedImage['layers'][number]['descriptor'];
}

/**
 * Brings all layers of an image into the store, `concurrency` at a time.
 * The first failure stops the others; their partial bytes stay.
 * @throws `disk-full` before a byte is fetched, `too-large`, and what a layer's job throws
 */
export async function fetchLayers(
  deps: PullDeps,
  reference: Reference,
  image: ResolvedImage,
  context: PullContext,
): Promise<void> {
  const emit = (layer: Layer, status: LayerStatus, current?: number): void =>
    context.emit({
      kind: 'layer',
      digest: layer.digest,
      id: shortDigest(layer.digest),
      status,
      ...(current === undefined ? {} : { current, total: layer.size }),
    });
  const layers = layersOf(image);
  const proved = await isProved(deps.store, image);
  const complete = await Promise.all(layers.map((layer) => isComplete(deps.store, layer, proved)));
  const missing = layers.filter((_, i) => complete[i] === false);
  // Of an image that is here already Docker says nothing more.
  if (missing.length === 0 && (await isListed(deps.store, image))) return;
  context.emit({
    kind: 'layers',
    layers: layers.map(({ digest, size }) => ({ id: shortDigest(digest), digest, size })),
  });
  const order = new InOrder<Layer>(missing, (layer) => emit(layer, 'Pull complete'));
  for (const layer of layers) emit(layer, missing.includes(layer) ? 'Pulling fs layer' : 'Already exists');
  await checkSpace(deps.store, missing);
  // The biggest first: the last to finish is then a small one.
  const queue = missing.toSorted((a, b) => b.size - a.size);
  for (const layer of queue.slice(deps.concurrency)) emit(layer, 'Waiting');

  const stop = new AbortController();
  const signal = context.signal === undefined ? stop.signal : AbortSignal.any([context.signal, stop.signal]);
  const fetchNext = async (): Promise<void> => {
    for (let layer = queue.shift(); layer !== undefined; layer = queue.shift()) {
      await fetchOne(deps, reference, layer, signal, emit);
      order.done(layer);
    }
  };
  const failures: unknown[] = [];
  const lanes = Array.from({ length: Math.min(deps.concurrency, missing.length) }, async () => {
    try {
      await fetchNext();
    } catch (error) {
      failures.push(error);
      stop.abort();
    }
  });
  await Promise.all(lanes);
  context.signal?.throwIfAborted();
  // The others' failures are only the echo of the first.
  if (failures.length > 0) throw failures[0];
}

function layersOf(image: ResolvedImage): readonly Layer[] {
  const layers = image.layers.map(({ descriptor, diffId }): Layer => {
    return { digest: descriptor.digest, diffId, size: descriptor.size, descriptor };
  });
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}

async function isListed(store: Store, image: ResolvedImage): Promise<boolean> {
  const entries = await store.entries();
  return entries.some((entry) => entry.config === image.manifest.config.digest);
}

/** A manifest that is listed had every layer checked against its diff ID when it came. */
async function isProved(store: Store, image: ResolvedImage): Promise<boolean> {
  const entries = await store.entries();
  return entries.some((entry) => entry.manifest.digest === image.descriptor.digest);
}

/**
 * A blob and an index may be there from two other images: that the one unpacks to the other is believed of a proved
 * manifest, or where the index was made of this blob.
 */
async function isComplete(store: Store, layer: Layer, proved: boolean): Promise<boolean> {
  if (!(await store.hasBlob(layer.digest, layer.size))) return false;
  return await readLayerStats(store.layerIndexPath(layer.diffId)).then(
    ({ blob }) => proved || blob === layer.digest,
    () => false,
  );
}

async function checkSpace(store: Store, missing: readonly Layer[]): Promise<void> {
  let needed = 0;
  for (const layer of missing) {
    if (layer.size > MAX_BLOB_BYTES) {
      throw new StrataError('too-large', { what: `layer ${layer.digest}`, limit: MAX_BLOB_BYTES });
    }
    const here = (await store.hasBlob(layer.digest, layer.size))
      ? layer.size
      : await partialBytes(store.root, layer.digest);
    needed += Math.max(0, layer.size - here);
  }
  if (needed === 0) return;
  const free = await store.freeBytes();
  if (needed + DISK_RESERVE_BYTES > free)
    throw new StrataError('disk-full', { path: store.root, needed, free });
}

async function fetchOne(
  deps: PullDeps,
  reference: Reference,
  layer: Layer,
  signal: AbortSignal,
  emit: (layer: Layer, status: LayerStatus, current?: number) => void,
): Promise<void> {
  const sources = await deps.registry.blobSources(reference, layer.descriptor, signal);
  const job = {
    root: deps.store.root,
    digest: layer.digest,
    diffId: layer.diffId,
    size: layer.size,
    sources,
    transport: deps.transport,
    progressIntervalMs: PROGRESS_INTERVAL_MS * deps.concurrency,
  };
  await deps.workers.run(job, {
    signal,
    onProgress: ({ status, current }) => emit(layer, status, current),
    renewAuthorization: async (source, challenge) => {
      return await deps.registry.renewAuthorization(source, challenge, signal);
    },
  });
}

/** Says each item in its order, once it and all before it are done: as Docker's extraction does. */
class InOrder<T> {
  readonly #say: (item: T) => void;
  readonly #waiting: T[];
  readonly #done = new Set<T>();

  constructor(items: readonly T[], say: (item: T) => void) {
    this.#waiting = [...items];
    this.#say = say;
  }

  done(item: T): void {
    this.#done.add(item);
    for (let [first] = this.#waiting; first !== undefined && this.#done.has(first); [first] = this.#waiting) {
      this.#say(first);
      this.#waiting.shift();
    }
  }
}
