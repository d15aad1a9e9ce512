import { MAX_LAYERS } from '../base/limits.ts';
import { StrataError } from '../base/errors.ts';
import type { Descriptor, HistoryEntry, ImageConfig, Index, Manifest, Platform } from './documents.ts';
import { isDigest, parseDigest } from './digest.ts';
import type { Digest } from './digest.ts';
import {
  isIndexType,
  isLayerType,
  isManifestType,
  isSchema1Type,
  OCI_INDEX,
  OCI_MANIFEST,
} from './mediaTypes.ts';

type Json = Readonly<Record<string, unknown>>;

/** How many children an index may have. */
const MAX_INDEX_ENTRIES = 10_000;

function invalid(what: string, detail: string): StrataError {
  return new StrataError('content-invalid', { what, detail });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws `content-invalid` unless the bytes are one JSON object in UTF-8. */
export function parseJsonObject(bytes: Uint8Array, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid(what, 'it is not JSON');
  }
  if (!isObject(value)) throw invalid(what, 'it is not a JSON object');
  return value;
}

function stringMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

function parsePlatformObject(value: unknown): Platform | undefined {
  if (!isObject(value) || typeof value.os !== 'string' || typeof value.architecture !== 'string')
    return undefined;
  return {
    os: value.os,
    architecture: value.architecture,
    ...(typeof value.variant === 'string' && value.variant !== '' ? { variant: value.variant } : {}),
    ...(typeof value['os.version'] === 'string' ? { 'os.version': value['os.version'] } : {}),
  };
}

/** image-spec descriptor.md: mediaType, digest and size are required. */
export function parseDescriptor(value: unknown, what: string): Descriptor {
  if (!isObject(value)) throw invalid(what, 'a descriptor is not an object');
  if (typeof value.mediaType !== 'string') throw invalid(what, 'a descriptor has no media type');
  const { size } = value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(what, 'a descriptor has no valid size');
  }
  const platform = parsePlatformObject(value.platform);
  const annotations = stringMap(value.annotations);
  const urls = Array.isArray(value.urls) ? value.urls.filter((url) => typeof url === 'string') : undefined;
  return {
    mediaType: value.mediaType,
    digest: parseDigest(value.digest),
    size,
    ...(platform === undefined ? {} : { platform }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(typeof value.artifactType === 'string' ? { artifactType: value.artifactType } : {}),
    ...(urls === undefined ? {} : { urls }),
  };
}

/**
 * What a document is: by its own `mediaType`, else by what the registry said, else by its shape (a manifest has layers, an index manifests).
 * A document that could be both is refused (CVE-2021-41190).
 * @throws `manifest-unsupported`, `content-invalid`
 */
function documentType(document: Json, announced: string | undefined, what: string): 'manifest' | 'index' {
  const own = typeof document.mediaType === 'string' ? document.mediaType : undefined;
  const mediaType = own ?? announced ?? (Array.isArray(document.manifests) ? OCI_INDEX : OCI_MANIFEST);
  if (isSchema1Type(mediaType) || document.schemaVersion === 1) {
    throw new StrataError('manifest-unsupported', { name: what, mediaType, schema1: true });
  }
  if (!isIndexType(mediaType) && !isManifestType(mediaType)) {
    throw new StrataError('manifest-unsupported', { name: what, mediaType, schema1: false });
  }
  const isIndex = isIndexType(mediaType);
  if (isIndex ? 'layers' in document || 'config' in document : 'manifests' in document) {
    throw invalid(what, 'it mixes the fields of a manifest and of an index');
  }
  return isIndex ? 'index' : 'manifest';
}

/** image-spec manifest.md. `what` names the document in errors. */
export function parseManifest(bytes: Uint8Array, what: string, announced?: string): Manifest {
  const document = parseJsonObject(bytes, what);
  if (documentType(document, announced, what) !== 'manifest')
    throw invalid(what, 'it is an index, not a manifest');
  if (!Array.isArray(document.layers)) throw invalid(what, 'it has no list of layers');
  if (document.layers.length > MAX_LAYERS) throw invalid(what, `it has more than ${MAX_LAYERS} layers`);
  const config = parseDescriptor(document.config, what);
  const layers = document.layers.map((layer) => parseDescriptor(layer, what));
  const annotations = stringMap(document.annotations);
  return {
    mediaType: typeof document.mediaType === 'string' ? document.mediaType : (announced ?? OCI_MANIFEST),
    config,
    layers,
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** image-spec image-index.md. */
export function parseIndex(bytes: Uint8Array, what: string, announced?: string): Index {
  const document = parseJsonObject(bytes, what);
  if (documentType(document, announced, what) !== 'index')
    throw invalid(what, 'it is a manifest, not an index');
  if (!Array.isArray(document.manifests)) throw invalid(what, 'it has no list of manifests');
  if (document.manifests.length > MAX_INDEX_ENTRIES)
    throw invalid(what, `it has more than ${MAX_INDEX_ENTRIES} entries`);
  const annotations = stringMap(document.annotations);
  return {
    mediaType: typeof document.mediaType === 'string' ? document.mediaType : (announced ?? OCI_INDEX),
    manifests: document.manifests.map((entry) => parseDescriptor(entry, what)),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function parseHistoryEntry(value: unknown): HistoryEntry {
  if (!isObject(value)) return {};
  const text = (key: string): Record<string, string> => {
    const field = value[key];
    return typeof field === 'string' && field !== '' ? { [key]: field } : {};
  };
  return {
    ...text('created'),
    ...text('created_by'),
    ...text('author'),
    ...text('comment'),
    ...(value.empty_layer === true ? { empty_layer: true } : {}),
  };
}

function parseDiffIds(rootfs: unknown, what: string): readonly Digest[] {
  if (!isObject(rootfs)) throw invalid(what, 'it has no rootfs');
  if (rootfs.type !== 'layers') throw invalid(what, 'its rootfs is not of type layers');
  const ids = rootfs.diff_ids ?? [];
  if (!Array.isArray(ids) || !ids.every(isDigest)) throw invalid(what, 'its diff IDs are not digests');
  return ids;
}

/**
 * image-spec config.md. More history entries with layers than layers is an error, as in Docker; history itself may be missing.
 * @throws `content-invalid`
 */
export function parseImageConfig(bytes: Uint8Array, what: string): ImageConfig {
  const raw = parseJsonObject(bytes, what);
  const diffIds = parseDiffIds(raw.rootfs, what);
  const history = Array.isArray(raw.history) ? raw.history.map(parseHistoryEntry) : [];
  if (history.filter((entry) => entry.empty_layer !== true).length > diffIds.length) {
    throw invalid(what, 'its history has more layers than it has diff IDs');
  }
  const config = isObject(raw.config) ? raw.config : {};
  const text = (key: 'created' | 'author' | 'variant' | 'os.version'): Record<string, string> => {
    const value = raw[key];
    return typeof value === 'string' && value !== '' ? { [key]: value } : {};
  };
  return {
    ...text('created'),
    ...text('author'),
    ...text('variant'),
    ...text('os.version'),
    architecture: typeof raw.architecture === 'string' ? raw.architecture : '',
    os: typeof raw.os === 'string' && raw.os !== '' ? raw.os : 'linux',
    rootfs: { type: 'layers', diff_ids: diffIds },
    history,
    labels: stringMap(config.Labels) ?? {},
    raw,
  };
}

/**
 * The layers of a manifest beside the diff IDs of its configuration.
 * @throws `content-invalid` if their counts differ, a layer is of a kind that nobody could unpack, or one has two diff IDs.
 */
export function pairLayers(
  manifest: Manifest,
  config: ImageConfig,
  what: string,
): readonly { descriptor: Descriptor; diffId: Digest }[] {
  const diffIds = config.rootfs.diff_ids;
  if (manifest.layers.length !== diffIds.length) {
    throw invalid(
      what,
      `it has ${manifest.layers.length} layers, but its configuration names ${diffIds.length}`,
    );
  }
  const known = new Map<Digest, Digest>();
  return diffIds.map((diffId, i) => {
    const descriptor = manifest.layers[i];
    if (descriptor === undefined || !isLayerType(descriptor.mediaType)) {
      throw invalid(what, `layer ${i + 1} is of an unknown type: ${descriptor?.mediaType ?? ''}`);
    }
    // A blob is fetched and unpacked once: a second diff ID would be believed, and the layer taken for another image's.
    if ((known.get(descriptor.digest) ?? diffId) !== diffId) {
      throw invalid(what, `its layer ${descriptor.digest} cannot unpack to two different contents`);
    }
    known.set(descriptor.digest, diffId);
    return { descriptor, diffId };
  });
}
