import { StrataError } from '../../base/errors.ts';
import { MAX_CONCURRENT_UPLOADS } from '../../base/limits.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { DOCKER_LAYER_GZIP, DOCKER_LAYER, OCI_LAYER_GZIP } from '../../oci/mediaTypes.ts';
import { parseJsonObject } from '../../oci/parse.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { canonicalName, canonicalString, familiarString, parseReference } from '../../reference/index.ts';
import type { RepositoryWriter } from '../../registry/index.ts';
import type { Lease, Store } from '../../store/index.ts';
import { addDigestReference, resolveEntry } from '../refs.ts';
import type { ImageSummary, PushEvent, PushRequest, PushResult, PushStatus } from '../types.ts';
import { inLanes, putBlob } from './blobs.ts';
import type { BlobDeps } from './blobs.ts';
import { Compressed } from './compressed.ts';
import { findMountSources } from './mountSources.ts';
import type { MountSources } from './mountSources.ts';
import { readPushable } from './pushable.ts';
import type { Pushable, PushDocument, PushLayer, PushManifest } from './pushable.ts';
import { selectItems } from './selection.ts';
import type { PushItem } from './selection.ts';

export interface PushDeps extends BlobDeps {
  readonly store: Store;
  readonly catalog: () => Promise<readonly ImageSummary[]>;
}

export interface PushContext {
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: PushEvent) => void;
}

/**
 * Pushes one tag, or all of a repository, one after another. Compressed layers go up as they lie in the store, so that
 * digests hold. What was pushed is recorded as a digest reference of its image, unless it went under another name.
 * @throws StrataError `nothing-to-push`, `push-denied`, `registry-*`, `blob-missing`, `platform-missing`
 */
export async function push(
  deps: PushDeps,
  request: PushRequest,
  context: PushContext,
): Promise<readonly PushResult[]> {
  const wanted = request.platform === undefined ? undefined : parsePlatform(request.platform);
  context.emit({ kind: 'start', repository: targetRepository(request) });
  const items = await selectItems(deps.store, request, deps.catalog);
  const [first] = items;
  // As Docker does, before a layer is spoken of: a registry that does not answer is said at once.
  if (first !== undefined) await deps.registry.ping(first.target.domain, context.signal);
  const results: PushResult[] = [];
  const compressed = await Compressed.read(deps.store);
  // Held before the blobs are looked up: another process that removes the image leaves them until the push is over.
  const lease = await deps.store.lease(
    { kind: 'push', name: request.target ?? request.name },
    context.signal === undefined ? {} : { signal: context.signal },
  );
  try {
    for (const item of items) {
      const name = familiarString(item.target);
      const pushable = await readPushable(deps.store, item.entry, { wanted, name, compressed });
      await protect(lease, pushable);
      context.emit({ kind: 'tag', tag: item.target.tag });
      const top = await pushOne(deps, item, pushable, compressed, context);
      context.emit({ kind: 'pushed', tag: item.target.tag, digest: top.digest, size: top.bytes.length });
      if (request.target === undefined) await record(deps.store, item, top.digest);
      results.push({ reference: canonicalString(item.target), digest: top.digest });
    }
  } finally {
    await lease.release();
  }
  return results;
}

function targetRepository({ target, name }: PushRequest): string {
  return canonicalName(parseReference(target ?? name));
}

async function protect(lease: Lease, { manifests, index }: Pushable): Promise<void> {
  await lease.protect([
    ...(index === undefined ? [] : [index.digest]),
    ...manifests.flatMap(({ document, config, layers }) => [
      document.digest,
      config.digest,
      ...layers.map(({ descriptor }) => descriptor.digest),
    ]),
  ]);
}

/** @returns what the tag names then */
async function pushOne(
  deps: PushDeps,
  { target }: PushItem,
  { manifests, index }: Pushable,
  compressed: Compressed,
  context: PushContext,
): Promise<PushDocument> {
  const writer = deps.registry.writer(target);
  const mountSources = await findMountSources(deps.store, target, compressed);
  const layers = manifests.flatMap((manifest) => manifest.layers.toReversed());
  const uploaded = await pushLayers({ deps, writer, compressed, mountSources, context }, layers);
  for (const { config } of manifests) await pushConfig(deps, writer, config, context);
  const documents = manifests.map((manifest) => rewritten(manifest, uploaded));
  if (index === undefined && documents[0] !== undefined) {
    await writer.putManifest(target.tag, documents[0], context.signal);
    return documents[0];
  }
  for (const document of documents) await writer.putManifest(document.digest, document, context.signal);
  if (index === undefined) throw new Error('an image has a manifest');
  const top = reindexed(index, manifests, documents);
  await writer.putManifest(target.tag, top, context.signal);
  return top;
}

interface LayerPush {
  readonly deps: PushDeps;
  readonly writer: RepositoryWriter;
  readonly compressed: Compressed;
  readonly mountSources: MountSources;
  readonly context: PushContext;
}

/** @returns the descriptors of layers that the registry has as other blobs than the store, by the store's digests */
async function pushLayers(
  push: LayerPush,
  layers: readonly PushLayer[],
): Promise<ReadonlyMap<Digest, Descriptor>> {
  const { emit, signal } = push.context;
  const distinct = [...new Map(layers.map((layer) => [layer.descriptor.digest, layer])).values()];
  emit({ kind: 'layers', layers: distinct.map(({ id, descriptor }) => ({ id, size: descriptor.size })) });
  for (const { id } of layers) emit({ kind: 'layer', id, status: 'Preparing' });
  for (const { id } of distinct.slice(MAX_CONCURRENT_UPLOADS)) emit({ kind: 'layer', id, status: 'Waiting' });
  const uploaded = new Map<Digest, Descriptor>();
  await inLanes(distinct, MAX_CONCURRENT_UPLOADS, signal, async (layer, laneSignal) => {
    const descriptor = await pushLayer(push, layer, laneSignal);
    if (descriptor !== layer.descriptor) uploaded.set(layer.descriptor.digest, descriptor);
  });
  return uploaded;
}

async function pushLayer(
  { deps, writer, compressed, mountSources, context }: LayerPush,
  { id, descriptor, compress }: PushLayer,
  signal: AbortSignal,
): Promise<Descriptor> {
  const { digest, size } = descriptor;
  const emit = (status: PushStatus, more: { from?: string; current?: number; total?: number } = {}): void =>
    context.emit({ kind: 'layer', id, status, ...more });
  if ((descriptor.urls ?? []).length > 0) {
    // Its own addresses serve it, and its licence may let nobody else (moby distribution/push_v2.go).
    emit('Skipped foreign layer');
    return descriptor;
  }
  const known = compress ? compressed.get(digest) : { digest, size };
  const path = deps.store.blobPath(digest);
  const outcome = await putBlob(deps, writer, {
    digest: known?.digest,
    mountFrom: known === undefined ? [] : mountSources(known.digest),
    place: async () => {
      // Says that the store lacks it, rather than that a file does not open.
      if (!(await deps.store.hasBlob(digest, size))) throw new StrataError('blob-missing', { digest });
      return compress
        ? { kind: 'gzip', path, offset: 0, size }
        : { kind: 'file', path, offset: 0, size, digest };
    },
    signal,
    onProgress: (current) => emit('Pushing', { current, total: size }),
  });
  const result = outcome.status === 'sent' ? outcome.result : known;
  if (compress && outcome.status === 'sent') await compressed.remember(digest, outcome.result);
  if (outcome.status === 'exists') emit('Layer already exists');
  else if (outcome.status === 'mounted') emit('Mounted', { from: outcome.from });
  else emit('Pushed');
  return compress && result !== undefined ? asGzip(descriptor, result) : descriptor;
}

function asGzip(descriptor: Descriptor, { digest, size }: { digest: Digest; size: number }): Descriptor {
  const mediaType = descriptor.mediaType === DOCKER_LAYER ? DOCKER_LAYER_GZIP : OCI_LAYER_GZIP;
  return { ...descriptor, mediaType, digest, size };
}

/** Docker says nothing of it. */
async function pushConfig(
  deps: PushDeps,
  writer: RepositoryWriter,
  { digest, size }: Descriptor,
  { signal = new AbortController().signal }: PushContext,
): Promise<void> {
  const path = deps.store.blobPath(digest);
  await putBlob(deps, writer, {
    digest,
    mountFrom: [],
    place: () => Promise.resolve({ kind: 'file', path, offset: 0, size, digest }),
    signal,
    onProgress: () => undefined,
  });
}

/** The manifest as it is; where a layer went up compressed, one that says so. */
function rewritten(
  { document, layers }: PushManifest,
  uploaded: ReadonlyMap<Digest, Descriptor>,
): PushDocument {
  if (!layers.some(({ descriptor }) => uploaded.has(descriptor.digest))) return document;
  const raw = parseJsonObject(document.bytes, document.digest);
  const changed = {
    ...raw,
    layers: layers.map(({ descriptor }) => uploaded.get(descriptor.digest) ?? descriptor),
  };
  return printed(document.mediaType, changed);
}

/** The index over what its manifests have become. */
function reindexed(
  index: PushDocument,
  manifests: readonly PushManifest[],
  documents: readonly PushDocument[],
): PushDocument {
  const changes = new Map(manifests.map(({ document }, i) => [document.digest as string, documents[i]]));
  if (manifests.every(({ document }) => changes.get(document.digest) === document)) return index;
  const raw = parseJsonObject(index.bytes, index.digest);
  const entries = Array.isArray(raw['manifests']) ? raw['manifests'] : [];
  const children = entries.map((entry: { digest: string }) => {
    const document = changes.get(entry.digest);
    if (document === undefined) return entry;
    return { ...entry, digest: document.digest, size: document.bytes.length };
  });
  return printed(index.mediaType, { ...raw, manifests: children });
}

function printed(mediaType: string, document: unknown): PushDocument {
  const bytes = Buffer.from(JSON.stringify(document));
  return { mediaType, bytes, digest: sha256(bytes) };
}

/** Docker's RepoDigests: what an image is called in a registry that has it. */
async function record(store: Store, { target, entry }: PushItem, digest: Digest): Promise<void> {
  const resolved = await resolveEntry(store, entry);
  if (resolved === undefined) return;
  const repoDigests = [`${canonicalName(target)}@${digest}`];
  await store.update((entries) => {
    // Somebody may have removed the image meanwhile: a push does not bring it back.
    const isHere = entries.some(({ manifest }) => manifest.digest === entry.manifest.digest);
    const isRecorded = entries.some(
      (each) =>
        each.manifest.digest === entry.manifest.digest &&
        repoDigests.every((name) => each.repoDigests.includes(name)),
    );
    return isHere && !isRecorded
      ? addDigestReference(entries, { ...entry, config: resolved.id, repoDigests })
      : entries;
  });
}
