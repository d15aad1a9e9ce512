import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Digest } from '../../oci/digest.ts';
import { DerivedFile } from '../derivedFile.ts';
import { ifPresent } from '../files.ts';
import type { RefEntry } from '../indexDocument.ts';
import { IndexFile } from '../indexFile.ts';
import { lockFile, reachFile } from '../layout.ts';
import { findLeases, leaseFile } from '../leaseFile.ts';
import { withStoreLock } from '../leases.ts';
import { isEmptyFolder } from '../openStore.ts';
import type { Marked } from '../reach.ts';
import { withStoreErrors } from '../storeError.ts';
import { findNeeded, sweep } from '../sweep.ts';
import { brokenReferences } from './brokenReferences.ts';
import { checkBlobs, currentBlobs } from './checkBlobs.ts';
import { checkDerived, unknownFile } from './checkDerived.ts';
import type { CheckLayerIndex } from './checkDerived.ts';
import { checkLayout } from './checkLayout.ts';
import { checkReferences } from './checkReferences.ts';
import type { CheckedEntry } from './checkReferences.ts';
import type { Finding } from './finding.ts';
import { hashBlobs } from './hashBlobs.ts';
import type { HashedBlobs } from './hashBlobs.ts';
import type { FsckOptions, FsckProblem, FsckReport } from './types.ts';

export interface FsckPorts {
  readonly logger: Logger;
  readonly checkLayerIndex: CheckLayerIndex;
}

/**
 * Checks everything in the store at this folder, and with `repair` mends what it can prove to be broken: wrong blobs
 * are moved aside, derived data is dropped, leavings are swept. Blobs are read without a lock, so that pulls go on;
 * what was found is looked at again, and mended, under the store's lock. Each step of a repair stands by itself, so
 * a kill between two does no harm.
 * @throws StrataError `store-unreadable`, `store-unwritable`, `disk-full`; the signal's reason
 */
export async function fsck(root: string, ports: FsckPorts, options: FsckOptions = {}): Promise<FsckReport> {
  const path = resolve(root);
  const hashed = await withStoreErrors(path, 'read', async () => {
    const isAbsent = (await ifPresent(stat(path))) === undefined || (await isEmptyFolder(path));
    return isAbsent ? undefined : await hashBlobs(path, options);
  });
  if (hashed === undefined) {
    return { checked: { blobs: 0, references: 0, indexes: 0 }, bytes: 0, problems: [] };
  }
  return await withStoreErrors(path, options.repair === true ? 'write' : 'read', () =>
    locked(path, options, async () => await examine(path, ports, options.repair ?? false, hashed)),
  );
}

/** A check alone changes nothing: on a disk that cannot be written to it goes on without the lock. */
async function locked<T>(root: string, options: FsckOptions, step: () => Promise<T>): Promise<T> {
  if (options.repair !== true && !(await isWritable(root))) return await step();
  return await withStoreLock(root, { signal: options.signal }, step);
}

async function isWritable(root: string): Promise<boolean> {
  try {
    await access(
      (await ifPresent(stat(lockFile(root)))) === undefined ? root : lockFile(root),
      constants.W_OK,
    );
    return true;
  } catch {
    return false;
  }
}

async function examine(
  root: string,
  { logger, checkLayerIndex }: FsckPorts,
  repair: boolean,
  hashed: HashedBlobs,
): Promise<FsckReport> {
  const blobs = await currentBlobs(root, hashed.states);
  const leases = await readLeases(root);
  const layout = await checkLayout(root, blobs.size);
  const entries = layout.entries ?? [];
  const references = await checkReferences(root, entries, blobs);
  const needed = layout.entries && (await findNow(root, layout.entries, leases.digests));
  const derived = await checkDerived(root, checkLayerIndex, needed?.diffIds);
  const findings = [
    ...layout.findings,
    ...leases.findings,
    ...checkBlobs(root, blobs, new Set(leases.digests)),
    ...brokenReferences(root, references, (digest) => blobs.has(digest)),
    ...derived.findings,
    ...hashed.unknown.map(unknownFile),
  ];
  const problems: FsckProblem[] = [];
  for (const { problem, repair: mend } of findings) {
    const repaired = repair ? await mend?.() : undefined;
    problems.push({ ...problem, ...(repaired === undefined ? {} : { repaired }) });
  }
  // What a lost manifest led to is not known: its layers are spared until somebody pulls or removes the image.
  const maySweep = repair && layout.entries !== undefined && !references.entries.some(isKeptThoughLost);
  const swept = maySweep ? await sweepNow(root, logger) : new Set<Digest>();
  const strays = [...blobs].filter(
    ([digest, { kind }]) => kind !== 'corrupt' && needed?.blobs.has(digest) === false,
  );
  for (const what of new Set([...strays.map(([digest]) => digest), ...swept])) {
    const repaired = swept.has(what) ? { repaired: 'removed' } : {};
    problems.push({ kind: 'blob-stray', what, detail: 'no image needs it', harmless: true, ...repaired });
  }
  return {
    checked: { blobs: hashed.states.size, references: entries.length, indexes: derived.indexes },
    bytes: hashed.bytes,
    problems,
  };
}

const isKeptThoughLost = ({ isLost, isBeyondHelp }: CheckedEntry): boolean => isLost && !isBeyondHelp;

/** What a sweep would keep; undefined where it cannot be told. Writes no cache. */
async function findNow(
  root: string,
  entries: readonly RefEntry[],
  leased: readonly Digest[],
): Promise<Marked | undefined> {
  const cache = new DerivedFile(root, reachFile(root));
  const readOnly = {
    read: async (version: number) => await cache.read(version),
    write: () => Promise.resolve(),
  };
  return await findNeeded(root, entries, leased, readOnly).catch(() => undefined);
}

/** By the ordinary rules. @returns the blobs that are gone */
async function sweepNow(root: string, logger: Logger): Promise<ReadonlySet<Digest>> {
  try {
    const { entries } = await new IndexFile(root).read();
    return new Set(await sweep(root, entries, new DerivedFile(root, reachFile(root)), logger));
  } catch (error) {
    logger.warn(`store: no blob was swept: ${describeError(error)}`);
    return new Set();
  }
}

async function readLeases(
  root: string,
): Promise<{ readonly digests: readonly Digest[]; readonly findings: readonly Finding[] }> {
  const digests: Digest[] = [];
  const findings: Finding[] = [];
  for (const { id, live, info } of await findLeases(root)) {
    if (!live) continue;
    digests.push(...(info?.digests ?? []), ...(info?.layers ?? []).map((layer) => layer.digest));
    if (info !== undefined) continue;
    const detail = 'the lease of a running command cannot be read: no blob is removed until that ends';
    const what = leaseFile(root, id);
    findings.push({ problem: { kind: 'store-damaged', what, detail, harmless: false } });
  }
  return { digests, findings };
}
