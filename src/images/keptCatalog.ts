import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/documents.ts';
import { parseDescriptor } from '../oci/parse.ts';
import type { RefEntry, Store } from '../store/index.ts';
import { indexAloneTells, joinTags, namesOf, splitTags } from './listing.ts';
import type { ImageSummary, LayerSummary } from './types.ts';

/** Of the form below: raise it when that changes. */
const CATALOG_VERSION = 1;

type LayerRow = readonly [
  digest: Digest,
  diffId: Digest,
  mediaType: string,
  compressedSize: number,
  size: number,
  createdBy: string | null,
];

/** One image. What many images share stands once, and names stand in texts, as each would be an object to parse. */
type ImageRow = readonly [
  id: Digest,
  created: string | null,
  size: number,
  compressedSize: number,
  /** As in the listing. */
  tags: readonly string[],
  repoDigests: string,
  labels: Readonly<Record<string, string>>,
  parent: Digest | null,
  taggedAt: string | null,
  /** A descriptor. */
  manifest: unknown,
  /** Null where the store has the manifest as the registry has it. */
  manifestDigest: Digest | null,
  /** A number in the list of platforms. */
  platform: number,
  /** Numbers in the list of layers. */
  layers: readonly number[],
];

interface Catalog {
  readonly platforms: readonly Platform[];
  readonly layers: readonly LayerRow[];
  readonly images: readonly ImageRow[];
}

/**
 * All images in their order, without a look at index.json; undefined where that is another than the one that the
 * catalogue was made of. For showing: what is to be removed is decided by index.json itself.
 */
export async function readKeptCatalog(store: Store): Promise<readonly ImageSummary[] | undefined> {
  const kept = await store.readCatalog(CATALOG_VERSION);
  if (!isObject(kept)) return undefined;
  const { platforms, layers, images } = kept;
  if (!Array.isArray(platforms) || !platforms.every(isPlatform)) return undefined;
  if (!Array.isArray(layers) || !layers.every(isLayerRow)) return undefined;
  if (!Array.isArray(images) || !images.every(isImageRow)) return undefined;
  try {
    const summaries = layers.map(toLayer);
    return images.map((row) => toImage(row, platforms, summaries));
  } catch {
    return undefined;
  }
}

/** Keeps the images that these entries name, where index.json alone says which they are. Costs time only if it fails. */
export async function keepCatalog(
  store: Store,
  logger: Logger,
  entries: readonly RefEntry[],
  images: readonly ImageSummary[],
): Promise<void> {
  if (!indexAloneTells(entries, images)) return;
  try {
    await store.writeCatalog(CATALOG_VERSION, entries, toCatalog(images));
  } catch (error) {
    logger.debug(`the catalogue was not kept: ${describeError(error)}`);
  }
}

function toCatalog(images: readonly ImageSummary[]): Catalog {
  const platforms = new Shared<Platform>();
  const layers = new Shared<LayerRow>();
  const rows = images.map((image): ImageRow => [
    image.id,
    image.created ?? null,
    image.size,
    image.compressedSize,
    joinTags(image.tags),
    image.repoDigests.join(' '),
    image.labels,
    image.parent ?? null,
    image.taggedAt ?? null,
    image.manifest,
    image.manifestDigest === image.manifest.digest ? null : image.manifestDigest,
    platforms.numberOf(image.platform),
    image.layers.map((layer) => layers.numberOf(toLayerRow(layer))),
  ]);
  return { platforms: platforms.values, layers: layers.values, images: rows };
}

/** Equal values once, by the number of their place. */
class Shared<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}

function toLayerRow({ digest, diffId, mediaType, compressedSize, size, createdBy }: LayerSummary): LayerRow {
  return [digest, diffId, mediaType, compressedSize, size, createdBy ?? null];
}

function toLayer([digest, diffId, mediaType, compressedSize, size, createdBy]: LayerRow): LayerSummary {
  return {
    digest,
    diffId,
    mediaType,
    compressedSize,
    size,
    ...(createdBy === null ? {} : { createdBy }),
  };
}

/** @throws Error where the row points to what is not there */
function toImage(
  row: ImageRow,
  platforms: readonly Platform[],
  layers: readonly LayerSummary[],
): ImageSummary {
  const [id, created, size, compressedSize, tags, repoDigests, labels, parent, taggedAt] = row;
  const [, , , , , , , , , descriptor, manifestDigest, platform, numbers] = row;
  const manifest = parseDescriptor(descriptor, 'catalog.json');
  return {
    id,
    ...(created === null ? {} : { created }),
    platform: at(platforms, platform),
    labels,
    layers: numbers.map((number) => at(layers, number)),
    size,
    compressedSize,
    manifest,
    manifestDigest: manifestDigest ?? manifest.digest,
    tags: splitTags(tags).flatMap(namesOf),
    repoDigests: repoDigests === '' ? [] : repoDigests.split(' '),
    ...(parent === null ? {} : { parent }),
    ...(taggedAt === null ? {} : { taggedAt }),
  };
}

function at<T>(values: readonly T[], number: number): T {
  const value = values[number];
  if (value === undefined) throw new Error(`there is no number ${number}`);
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isPlatform(value: unknown): value is Platform {
  return (
    isObject(value) &&
    typeof value.os === 'string' &&
    typeof value.architecture === 'string' &&
    Object.values(value).every((field) => typeof field === 'string')
  );
}

function isLayerRow(value: unknown): value is LayerRow {
  if (!Array.isArray(value)) return false;
  const [digest, diffId, mediaType, compressedSize, size, createdBy] = value as readonly unknown[];
  return (
    isDigest(digest) &&
    isDigest(diffId) &&
    typeof mediaType === 'string' &&
    typeof compressedSize === 'number' &&
    typeof size === 'number' &&
    isTextOrNull(createdBy)
  );
}

/** The catalogue is our own, but lies on a disk. */
function isImageRow(value: unknown): value is ImageRow {
  if (!Array.isArray(value)) return false;
  const row = value as readonly unknown[];
  const [id, created, size, compressedSize, tags, repoDigests, labels, parent, taggedAt] = row;
  const [, , , , , , , , , , manifestDigest, platform, layers] = row;
  return (
    isDigest(id) &&
    isTextOrNull(created) &&
    typeof size === 'number' &&
    typeof compressedSize === 'number' &&
    Array.isArray(tags) &&
    tags.every((text) => typeof text === 'string') &&
    typeof repoDigests === 'string' &&
    isObject(labels) &&
    Object.values(labels).every((text) => typeof text === 'string') &&
    (parent === null || isDigest(parent)) &&
    isTextOrNull(taggedAt) &&
    (manifestDigest === null || isDigest(manifestDigest)) &&
    typeof platform === 'number' &&
    Array.isArray(layers) &&
    layers.every((number) => typeof number === 'number')
  );
}
