import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMP_PREFIX } from '../base/atomicFile.ts';
import { describeError } from '../base/errors.ts';
import { PARTIAL_KEEP_DAYS, TEMP_KEEP_MINUTES } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { hasBlob } from './blobs.ts';
import type { DerivedFile } from './derivedFile.ts';
import { ifPresent, namesIn, removeFile } from './files.ts';
import type { RefEntry } from './indexDocument.ts';
import {
  blobFile,
  blobsFolder,
  layerIndexFile,
  layersFolder,
  leasesFolder,
  partialFile,
  partialFolder,
  strataFolder,
} from './layout.ts';
import { findLeases, leaseFile, leaseLockFile } from './leaseFile.ts';
import { tryAcquireLock } from './lock.ts';
import { partialLockFile } from './partial.ts';
import { markReachable } from './reach.ts';
import type { Marked } from './reach.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ALGORITHMS = ['sha256', 'sha512'] as const;

/**
 * Removes what no entry, no live lease and no work in flight needs. Only for the holder of the store's lock, with
 * the entries as index.json now has them: what is marked here cannot change before the end.
 * @returns the blobs that are gone
 * @throws StrataError if something that others hang on cannot be read; then no blob was removed
 */
export async function sweep(
  root: string,
  entries: readonly RefEntry[],
  reachCache: DerivedFile,
  logger: Logger,
): Promise<readonly Digest[]> {
  const leased = await sweepLeases(root);
  await sweepTemporary(root);
  const needed = await findNeeded(root, entries, leased, reachCache);
  const removed: Digest[] = [];
  for (const digest of await storedBlobs(root)) {
    if (needed.blobs.has(digest)) continue;
    if (await removeOrLog(blobFile(root, digest), logger)) removed.push(digest);
  }
  try {
    if (needed.diffIds !== undefined) await sweepLayerIndexes(root, needed.diffIds);
    await sweepPartials(root);
  } catch (error) {
    // Leavings only: what was removed until now must be told all the same.
    logger.warn(`store: the sweep of derived files stopped: ${describeError(error)}`);
  }
  return removed;
}

/**
 * What entries and leases need: all else may go.
 * @throws StrataError if that cannot be told
 */
export async function findNeeded(
  root: string,
  entries: readonly RefEntry[],
  leased: readonly Digest[],
  reachCache: Pick<DerivedFile, 'read' | 'write'>,
): Promise<Marked> {
  const roots = entries.map((entry) => entry.manifest);
  const { blobs, diffIds } = await markReachable(root, roots, reachCache);
  const named = entries.flatMap(({ config, source }) => [config ?? [], source ?? []].flat());
  return {
    blobs: new Set([...blobs, ...named, ...leased]),
    diffIds: diffIds && new Set([...diffIds, ...leased]),
  };
}

/** The digests of all blobs; files of other names are none. */
export async function storedBlobs(root: string): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for (const algorithm of ALGORITHMS) {
    const digests = (await namesIn(blobsFolder(root, algorithm))).map((name) => `${algorithm}:${name}`);
    found.push(...digests.filter(isDigest));
  }
  return found;
}

/** Windows refuses to remove what somebody reads: a later sweep will take it. */
async function removeOrLog(path: string, logger: Logger): Promise<boolean> {
  try {
    return await removeFile(path);
  } catch (error) {
    logger.warn(`store: cannot remove ${path}: ${describeError(error)}`);
    return false;
  }
}

/** Drops dead leases. @returns the digests of the live ones */
async function sweepLeases(root: string): Promise<readonly Digest[]> {
  const leased: Digest[] = [];
  for (const { id, live, info } of await findLeases(root)) {
    if (!live) {
      await removeFile(leaseFile(root, id));
      await removeFile(leaseLockFile(root, id));
    } else if (info !== undefined) {
      leased.push(...info.digests, ...info.layers.map((layer) => layer.digest));
    } else {
      throw new Error(`the lease ${id} cannot be read, so nothing can be proven to be garbage`);
    }
  }
  return leased;
}

async function sweepTemporary(root: string): Promise<void> {
  const folders = [root, strataFolder(root), layersFolder(root), partialFolder(root), leasesFolder(root)];
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      if (name.startsWith(TEMP_PREFIX) && (await isOlder(path, TEMP_KEEP_MINUTES * MINUTE_MS))) {
        await rm(path, { force: true });
      }
    }
  }
}

async function sweepLayerIndexes(root: string, diffIds: ReadonlySet<Digest>): Promise<void> {
  const kept = new Set([...diffIds].map((diffId) => layerIndexFile(root, diffId)));
  for (const name of await namesIn(layersFolder(root))) {
    const path = join(layersFolder(root), name);
    if (name.endsWith('.idx') && !name.startsWith(TEMP_PREFIX) && !kept.has(path)) await removeFile(path);
  }
}

/** Old partial bytes, those of blobs that are complete, and lock files that a killed writer left. */
async function sweepPartials(root: string): Promise<void> {
  const digests = new Set<Digest>();
  for (const name of await namesIn(partialFolder(root))) {
    const hex = name.replace(/\.lock$/, '');
    const digest = `${hex.length === 64 ? 'sha256' : 'sha512'}:${hex}`;
    if (isDigest(digest)) digests.add(digest);
  }
  for (const digest of digests) {
    const path = partialFile(root, digest);
    const lock = await tryAcquireLock(partialLockFile(root, digest));
    if (lock === undefined) continue;
    try {
      const stale = (await isOlder(path, PARTIAL_KEEP_DAYS * DAY_MS)) || (await hasBlob(root, digest));
      if (stale) await removeFile(path);
    } finally {
      await lock.release({ remove: true });
    }
  }
}

/** By the time of the last write. False if it is not there. */
async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const stats = await ifPresent(stat(path));
  return stats !== undefined && Date.now() - stats.mtimeMs > ageMs;
}
