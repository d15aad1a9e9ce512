import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../base/limits.ts';
import { describeError, StrataError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor, ImageConfig } from '../oci/documents.ts';
import { pairLayers, parseImageConfig, parseManifest } from '../oci/parse.ts';
import type { LayerStats } from '../layers/index.ts';
import type { RefEntry, Store } from '../store/index.ts';
import { entryDigests, entryTag, resolveEntry } from './refs.ts';
import type { ResolvedEntry } from './refs.ts';
import type { ImageSummary, LayerSummary } from './types.ts';

export interface CatalogDeps {
  readonly store: Store;
  readonly logger: Logger;
  /** Opens a layer's index, rebuilding it from the blob where it is gone or damaged. */
  readonly layerStats: (layer: { digest: Digest; diffId: Digest; size: number }) => Promise<LayerStats>;
}

/** What a manifest says of its image: never changes for a digest, so it may be cached for ever. */
type ImageFacts = Pick<
  ImageSummary,
  'id' | 'created' | 'platform' | 'labels' | 'layers' | 'size' | 'compressedSize'
>;

/** Of the cached form of ImageFacts: raise it when that changes. */
const FACTS_VERSION = 1;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A cached value is our own, but lies on a disk: what is read of it without a check must be there. */
function isFacts(value: unknown, id: Digest): value is ImageFacts {
  return (
    isObject(value) &&
    value.id === id &&
    Array.isArray(value.layers) &&
    value.layers.every(isLayerSummary) &&
    isObject(value.labels) &&
    isObject(value.platform) &&
    typeof value.platform.os === 'string' &&
    typeof value.platform.architecture === 'string' &&
    typeof value.size === 'number' &&
    typeof value.compressedSize === 'number'
  );
}

function isLayerSummary(value: unknown): boolean {
  return (
    isObject(value) &&
    isDigest(value.digest) &&
    isDigest(value.diffId) &&
    typeof value.compressedSize === 'number' &&
    typeof value.size === 'number'
  );
}

/** The images that these entries of index.json name, newest first; images with one creation time in order of ID. */
export async function readCatalog(
  deps: CatalogDeps,
  entries: readonly RefEntry[],
): Promise<readonly ImageSummary[]> {
  const { store, logger } = deps;
  const resolved = await Promise.all(entries.map(async (entry) => await resolveEntry(store, entry)));
  const cached = await store.readSummaries(FACTS_VERSION);
  const current = new Map<string, unknown>();
  let complete = true;
  const images: ImageSummary[] = [];
  for (const group of groupByImage(resolved)) {
    const [first] = group;
    const known = cached.get(first.manifest.digest);
    try {
      const facts = isFacts(known, first.id) ? known : await readFacts(deps, first);
      complete &&= facts === known;
      current.set(first.manifest.digest, facts);
      images.push(summarize(facts, group));
    } catch (error) {
      logger.warn(`image ${first.id} is left out: ${describeError(error)}`);
    }
  }
  if (!complete)
    await store
      .writeSummaries(FACTS_VERSION, current)
      .catch(() => logger.warn('the summaries were not kept'));
  return images.sort(newestFirst);
}

function groupByImage(
  resolved: readonly (ResolvedEntry | undefined)[],
): readonly (readonly [ResolvedEntry, ...ResolvedEntry[]])[] {
  const groups = new Map<Digest, [ResolvedEntry, ...ResolvedEntry[]]>();
  for (const item of resolved) {
    if (item === undefined) continue;
    const group = groups.get(item.id);
    if (group === undefined) groups.set(item.id, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

async function readFacts(deps: CatalogDeps, image: ResolvedEntry): Promise<ImageFacts> {
  const { id, config, layers } = await readImage(deps.store, image.manifest);
  if (id !== image.id) {
    const detail = `its manifest is of image ${id}`;
    throw new StrataError('content-invalid', { what: `entry of image ${image.id}`, detail });
  }
  const made = config.history.filter((entry) => entry.empty_layer !== true);
  const summaries: LayerSummary[] = [];
  for (const [i, layer] of layers.entries()) {
    const { digest, size, mediaType } = layer.descriptor;
    const stats = await deps.layerStats({ digest, diffId: layer.diffId, size });
    const createdBy = made[i]?.created_by;
    summaries.push({
      digest,
      diffId: layer.diffId,
      mediaType,
      compressedSize: size,
      size: stats.size,
      ...(createdBy === undefined ? {} : { createdBy }),
    });
  }
  const { os, architecture, variant } = config;
  const osVersion = config['os.version'];
  return {
    id,
    ...(config.created === undefined ? {} : { created: config.created }),
    platform: {
      os,
      architecture,
      ...(variant === undefined ? {} : { variant }),
      ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    },
    labels: config.labels,
    layers: summaries,
    size: summaries.reduce((sum, layer) => sum + layer.size, 0),
    compressedSize: summaries.reduce((sum, layer) => sum + layer.compressedSize, 0),
  };
}

/** A manifest and its configuration from the store, both verified. `id` is the image ID. */
export async function readImage(
  store: Store,
  descriptor: Descriptor,
): Promise<{ id: Digest; config: ImageConfig; layers: ReturnType<typeof pairLayers> }> {
  const what = descriptor.digest;
  const bytes = await store.readBlob(descriptor.digest, MAX_MANIFEST_BYTES);
  const manifest = parseManifest(bytes, what, descriptor.mediaType);
  const id = manifest.config.digest;
  const config = parseImageConfig(await store.readBlob(id, MAX_CONFIG_BYTES), id);
  return { id, config, layers: pairLayers(manifest, config, what) };
}

function summarize(facts: ImageFacts, group: readonly [ResolvedEntry, ...ResolvedEntry[]]): ImageSummary {
  const entries: readonly RefEntry[] = group.map((item) => item.entry);
  const tags = entries.map(entryTag).filter((tag) => tag !== undefined);
  const parent = entries.find((entry) => entry.parent !== undefined)?.parent;
  const taggedAt = entries
    .map((entry) => entry.taggedAt)
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  const [{ manifest, entry }] = group;
  return {
    ...facts,
    manifest,
    manifestDigest: entry.source ?? manifest.digest,
    tags: [...new Set(tags)].sort(),
    repoDigests: [...new Set(entries.flatMap(entryDigests))].sort(),
    ...(parent === undefined ? {} : { parent }),
    ...(taggedAt === undefined ? {} : { taggedAt }),
  };
}

function newestFirst(a: ImageSummary, b: ImageSummary): number {
  return createdMs(b) - createdMs(a) || (a.id < b.id ? -1 : 1);
}

/** Milliseconds since 1970; 0 where there is no time or none that can be read. */
function createdMs(image: ImageSummary): number {
  return Date.parse(image.created ?? '') || 0;
}
