import { StrataError } from '../../base/errors.ts';
import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../../base/limits.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Platform } from '../../oci/documents.ts';
import { DOCKER_LAYER, isIndexType, OCI_INDEX, OCI_LAYER } from '../../oci/mediaTypes.ts';
import { parseImageConfig, parseIndex, parseManifest } from '../../oci/parse.ts';
import { formatPlatform, isAttestation, pickPlatform, platformServes } from '../../oci/platform.ts';
import type { RefEntry, Store } from '../../store/index.ts';
import { entryDigests } from '../refs.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Compressed } from './compressed.ts';

/** A document on its way to a registry, and what its descriptor says. */
export interface PushDocument {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface PushLayer {
  /** Twelve hex characters of the diff ID, as Docker names layers on their way up. */
  readonly id: string;
  readonly descriptor: Descriptor;
  /** Pushed compressed: the registry is to have another blob than the store. */
  readonly compress: boolean;
}

/** One manifest with what it leads to. */
export interface PushManifest {
  readonly document: PushDocument;
  readonly config: Descriptor;
  /** Bottom first. */
  readonly layers: readonly PushLayer[];
}

export interface Pushable {
  readonly manifests: readonly PushManifest[];
  /** What the tag is to name, where that is an index. */
  readonly index?: PushDocument;
}

interface PushableOptions {
  /** One platform of an index. */
  readonly wanted: Platform | undefined;
  /** For messages. */
  readonly name: string;
  /** What earlier pushes made of uncompressed layers. */
  readonly compressed: Compressed;
}

/**
 * What a name of the store leads to: its manifest as the registry that it came from had it, byte for byte (decision 005),
 * or an index of another tool with all its children that are here.
 * @throws StrataError `platform-missing`, `blob-missing`, `content-invalid`
 */
export async function readPushable(
  store: Store,
  entry: RefEntry,
  { wanted, name, compressed }: PushableOptions,
): Promise<Pushable> {
  const origin = { compressed, digests: await knownDigests(store, entry) };
  if (!isIndexType(entry.manifest.mediaType)) {
    const manifest = await readManifest(store, entry.manifest, origin, entry.source);
    if (wanted !== undefined) await checkPlatform(store, manifest, wanted, name);
    return { manifests: [manifest] };
  }
  const bytes = await store.readBlob(entry.manifest.digest, MAX_MANIFEST_BYTES);
  const { manifests: children } = parseIndex(bytes, name, entry.manifest.mediaType);
  const complete = await Promise.all(children.map(async (child) => await isComplete(store, child)));
  const here = children.filter((_, i) => complete[i] === true);
  if (wanted !== undefined) {
    const picked = pickPlatform(here, wanted);
    if (picked === undefined) throw missing(name, wanted, here);
    return { manifests: [await readManifest(store, picked, origin)] };
  }
  const [first] = here;
  if (first === undefined) throw new StrataError('blob-missing', { digest: children[0]?.digest ?? name });
  const { mediaType, digest } = entry.manifest;
  return {
    manifests: await Promise.all(here.map(async (child) => await readManifest(store, child, origin))),
    index: here.length === children.length ? { mediaType, digest, bytes } : indexOf(bytes, here, mediaType),
  };
}

/** The index without the children that are not here: a registry refuses what it lacks. */
function indexOf(bytes: Uint8Array, here: readonly Descriptor[], mediaType: string): PushDocument {
  const document = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  const digests = new Set<unknown>(here.map(({ digest }) => digest));
  const manifests = (document['manifests'] as { digest?: unknown }[]).filter(({ digest }) =>
    digests.has(digest),
  );
  const smaller = Buffer.from(JSON.stringify({ ...document, manifests }));
  return { mediaType: mediaType === '' ? OCI_INDEX : mediaType, digest: sha256(smaller), bytes: smaller };
}

/** What tells whether registries have an image's layers as they are here. */
interface Origin {
  /** Of what registries call the image: of its manifest, or of an index that led to it. */
  readonly digests: ReadonlySet<string>;
  readonly compressed: Compressed;
}

/** By all names of the same manifest: a tag that was set later does not say where its image came from. */
async function knownDigests(store: Store, { manifest }: RefEntry): Promise<ReadonlySet<string>> {
  const names = (await store.entries())
    .filter((entry) => entry.manifest.digest === manifest.digest)
    .flatMap(entryDigests);
  return new Set(names.map((name) => name.slice(name.indexOf('@') + 1)));
}

/** @param source the manifest as its registry has it, if ours is another */
async function readManifest(
  store: Store,
  descriptor: Descriptor,
  origin: Origin,
  source?: Digest,
): Promise<PushManifest> {
  // Another tool's sweep may have taken the registry's own manifest: ours says the same.
  const original =
    source === undefined
      ? undefined
      : await store.readBlob(source, MAX_MANIFEST_BYTES).catch(() => undefined);
  const digest = original === undefined || source === undefined ? descriptor.digest : source;
  const bytes = original ?? (await store.readBlob(digest, MAX_MANIFEST_BYTES));
  const announced = original === undefined ? descriptor.mediaType : undefined;
  const { mediaType, config, layers } = parseManifest(bytes, digest, announced);
  const diffIds = await diffIdsOf(store, config, layers.length);
  const keep = isFromRegistry(digest, layers, origin);
  return {
    document: { mediaType, digest, bytes },
    config,
    layers: layers.map((layer, i) => ({
      id: shortDigest(diffIds?.[i] ?? layer.digest),
      descriptor: layer,
      compress: !keep && isUncompressed(layer),
    })),
  };
}

/**
 * True if a registry has the manifest as it is: it goes back as it is, so that its digest holds, whether its layers are
 * compressed or not. An image that was pulled by an index is known by the index's digest, and one that was loaded by
 * that of its first push; but that push compressed its layers, all of them, and they are remembered.
 */
function isFromRegistry(
  digest: Digest,
  layers: readonly Descriptor[],
  { digests, compressed }: Origin,
): boolean {
  if (digests.has(digest)) return true;
  const raw = layers.filter(isUncompressed);
  return digests.size > 0 && raw.some((layer) => compressed.get(layer.digest) === undefined);
}

function isUncompressed({ mediaType, urls }: Descriptor): boolean {
  return (mediaType === OCI_LAYER || mediaType === DOCKER_LAYER) && (urls ?? []).length === 0;
}

/** Undefined for what is no image, such as an attestation. */
async function diffIdsOf(
  store: Store,
  config: Descriptor,
  count: number,
): Promise<readonly Digest[] | undefined> {
  try {
    const { rootfs } = parseImageConfig(await store.readBlob(config.digest, MAX_CONFIG_BYTES), config.digest);
    return rootfs.diff_ids.length === count ? rootfs.diff_ids : undefined;
  } catch {
    return undefined;
  }
}

async function isComplete(store: Store, child: Descriptor): Promise<boolean> {
  try {
    const bytes = await store.readBlob(child.digest, MAX_MANIFEST_BYTES);
    const { config, layers } = parseManifest(bytes, child.digest, child.mediaType);
    const needed = [config, ...layers.filter(({ urls }) => (urls ?? []).length === 0)];
    const here = await Promise.all(needed.map(({ digest, size }) => store.hasBlob(digest, size)));
    return here.every((present) => present);
  } catch {
    return false;
  }
}

async function checkPlatform(
  store: Store,
  { config }: PushManifest,
  wanted: Platform,
  name: string,
): Promise<void> {
  const actual = parseImageConfig(await store.readBlob(config.digest, MAX_CONFIG_BYTES), config.digest);
  if (platformServes(actual, wanted)) return;
  throw new StrataError('platform-missing', {
    name,
    platform: formatPlatform(wanted),
    available: formatPlatform(actual),
  });
}

function missing(name: string, wanted: Platform, here: readonly Descriptor[]): StrataError {
  const available = here
    .filter((child) => !isAttestation(child))
    .flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)]));
  return new StrataError('platform-missing', {
    name,
    platform: formatPlatform(wanted),
    available: available.length === 0 ? 'none' : available.join(', '),
  });
}
