import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../base/limits.ts';
import { isStrataError } from '../base/errors.ts';
import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { isIndexType, isManifestType } from '../oci/mediaTypes.ts';
import { parseJsonObject } from '../oci/parse.ts';
import { hasBlob, readBlob } from './blobs.ts';
import type { DerivedFile } from './derivedFile.ts';
import { mapLimited } from './files.ts';
import { isGivenUp } from './quarantine.ts';

/** Form of the cached values; a change of Reach or of what is collected makes a new one. */
const REACH_VERSION = 1;
const READS_AT_ONCE = 16;

/** What a document leads to, itself left out. */
interface Reach {
  readonly blobs: readonly Digest[];
  /** Diff IDs of the configurations; undefined where one could not be read. */
  readonly diffIds: readonly Digest[] | undefined;
}

interface Root {
  readonly digest: Digest;
  readonly mediaType: string;
}

/** Everything that must stay. */
export interface Marked {
  readonly blobs: ReadonlySet<Digest>;
  /** Undefined if a configuration could not be read: then no layer index can be told to be stale. */
  readonly diffIds: ReadonlySet<Digest> | undefined;
}

/**
 * Walks from the roots of index.json to all that they need. Manifests never change under their digest, so what one
 * leads to is kept in a derived file and read once.
 * @throws StrataError if a manifest cannot be read, and fsck has not proved that it is lost: then nothing can be proven garbage
 */
export async function markReachable(
  storeRoot: string,
  roots: readonly Root[],
  cache: Pick<DerivedFile, 'read' | 'write'>,
): Promise<Marked> {
  const known = await cache.read(REACH_VERSION);
  const unique = [...new Map(roots.map((root) => [root.digest, root])).values()];
  const found = await mapLimited(unique, READS_AT_ONCE, async (root) => ({
    root,
    reach: cachedReach(known.get(root.digest)) ?? (await reachOfRoot(storeRoot, root)),
  }));
  const blobs = new Set<Digest>();
  const diffIds = new Set<Digest>();
  for (const { root, reach } of found) {
    blobs.add(root.digest);
    for (const digest of reach.blobs) blobs.add(digest);
    for (const diffId of reach.diffIds ?? []) diffIds.add(diffId);
  }
  // Only what was read to the end: an index of another tool may gain children, a configuration may be pulled again.
  const lasting = found.filter(({ root, reach }) => isManifestType(root.mediaType) && reach.diffIds);
  const fresh = new Map(lasting.map(({ root, reach }) => [root.digest as string, reach]));
  if (fresh.size !== known.size || [...fresh.keys()].some((digest) => !known.has(digest))) {
    // A cache that cannot be written costs time only.
    await cache.write(REACH_VERSION, fresh).catch(() => undefined);
  }
  const complete = found.every(({ reach }) => reach.diffIds !== undefined);
  return { blobs, diffIds: complete ? diffIds : undefined };
}

function cachedReach(value: unknown): Reach | undefined {
  if (typeof value !== 'object' || value === null || !('blobs' in value) || !('diffIds' in value)) return;
  const { blobs, diffIds } = value;
  if (!Array.isArray(blobs) || !Array.isArray(diffIds)) return undefined;
  return blobs.every(isDigest) && diffIds.every(isDigest) ? { blobs, diffIds } : undefined;
}

/** A manifest that fsck has given up leads nowhere: whatever it named, nobody can know any more. */
async function reachOfRoot(storeRoot: string, root: Root): Promise<Reach> {
  try {
    return await reachOf(storeRoot, root);
  } catch (error) {
    const isLost = isStrataError(error, 'blob-missing') && (await isGivenUp(storeRoot, root.digest));
    if (isLost) return { blobs: [], diffIds: undefined };
    throw error;
  }
}

async function reachOf(storeRoot: string, root: Root): Promise<Reach> {
  const blobs = new Set<Digest>();
  const diffIds: Digest[] = [];
  let complete = true;
  const seen = new Set<Digest>([root.digest]);
  const pending: Root[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const document = await readDocument(storeRoot, next);
    for (const child of children(document)) {
      blobs.add(child.digest);
      if (seen.has(child.digest)) continue;
      seen.add(child.digest);
      // An index may name platforms that were never copied here; what is absent needs nothing.
      if (isDocument(child) && (await hasBlob(storeRoot, child.digest))) pending.push(child);
    }
    const config = descriptor(document.config);
    const ids = config === undefined ? [] : await diffIdsOf(storeRoot, config.digest);
    if (ids === undefined) complete = false;
    else diffIds.push(...ids);
  }
  return { blobs: [...blobs], diffIds: complete ? diffIds : undefined };
}

type Json = Readonly<Record<string, unknown>>;

/** A manifest or index must be readable. Anything else that index.json names may be no JSON, and then leads nowhere. */
async function readDocument(storeRoot: string, { digest, mediaType }: Root): Promise<Json> {
  try {
    return parseJsonObject(await readBlob(storeRoot, digest, MAX_MANIFEST_BYTES), digest);
  } catch (error) {
    const known = isIndexType(mediaType) || isManifestType(mediaType);
    const noDocument = isStrataError(error, 'content-invalid') || isStrataError(error, 'too-large');
    if (!known && noDocument) return {};
    throw error;
  }
}

/** Every descriptor of a manifest, an index or an artifact (image-spec manifest.md, image-index.md). */
function children(document: Json): Root[] {
  const lists = [document.layers, document.manifests, document.blobs].flatMap((list: unknown): unknown[] =>
    Array.isArray(list) ? list : [],
  );
  return [document.config, document.subject, ...lists].flatMap((value) => descriptor(value) ?? []);
}

function descriptor(value: unknown): Root | undefined {
  if (typeof value !== 'object' || value === null || !('digest' in value)) return undefined;
  if (!isDigest(value.digest)) return undefined;
  const mediaType = 'mediaType' in value && typeof value.mediaType === 'string' ? value.mediaType : '';
  return { digest: value.digest, mediaType };
}

function isDocument(child: Root): boolean {
  return isIndexType(child.mediaType) || isManifestType(child.mediaType);
}

/** Undefined if the configuration cannot be read; empty if it is none of an image. */
async function diffIdsOf(storeRoot: string, config: Digest): Promise<readonly Digest[] | undefined> {
  try {
    const { rootfs } = parseJsonObject(await readBlob(storeRoot, config, MAX_CONFIG_BYTES), config);
    if (typeof rootfs !== 'object' || rootfs === null || !('diff_ids' in rootfs)) return [];
    return Array.isArray(rootfs.diff_ids) ? rootfs.diff_ids.filter(isDigest) : [];
  } catch {
    return undefined;
  }
}
