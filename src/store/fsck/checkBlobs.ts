import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Digest } from '../../oci/digest.ts';
import { fileIdentity, ifPresent, mapLimited } from '../files.ts';
import { blobFile } from '../layout.ts';
import { tryAcquireLock } from '../lock.ts';
import { partialLockFile } from '../partial.ts';
import { inodeOf, quarantineBlob } from '../quarantine.ts';
import { storedBlobs } from '../sweep.ts';
import type { Finding } from './finding.ts';
import type { BlobState } from './hashBlobs.ts';

const STATS_AT_ONCE = 16;

/**
 * What reading the blobs told, brought up to now: sweeps and pulls have gone on meanwhile. A file that came since is
 * sound, because whoever puts one into blobs/ has verified it. Only for the holder of the store's lock.
 */
export async function currentBlobs(
  root: string,
  read: ReadonlyMap<Digest, BlobState>,
): Promise<ReadonlyMap<Digest, BlobState>> {
  const digests = await storedBlobs(root);
  const states = await mapLimited(digests, STATS_AT_ONCE, async (digest) => {
    const path = blobFile(root, digest);
    const state = read.get(digest);
    const isCurrent = state?.kind !== 'corrupt' || (await fileIdentity(path)) === state.identity;
    if (state !== undefined && isCurrent) return [[digest, state] as const];
    const stats = await ifPresent(stat(path));
    return stats?.isFile() === true ? [[digest, { kind: 'sound', size: stats.size }] as const] : [];
  });
  return new Map(states.flat());
}

/** The blobs whose bytes are wrong, or cannot be read. @param leased what running processes rely on */
export function checkBlobs(
  root: string,
  blobs: ReadonlyMap<Digest, BlobState>,
  leased: ReadonlySet<Digest>,
): readonly Finding[] {
  return [...blobs].flatMap(([digest, state]): readonly Finding[] => {
    if (state.kind === 'sound') return [];
    const problem = { kind: 'blob-corrupt', what: digest, harmless: false } as const;
    if (state.kind === 'unreadable') {
      return [{ problem: { ...problem, detail: `it cannot be read: ${state.detail}` } }];
    }
    if (leased.has(digest)) {
      const detail = `its bytes have the digest ${state.actual}; another command is using it: check again when that is done`;
      return [{ problem: { ...problem, detail } }];
    }
    return [
      {
        problem: { ...problem, detail: `its bytes have the digest ${state.actual}` },
        repair: async () => await moveAside(root, digest),
      },
    ];
  });
}

async function moveAside(root: string, digest: Digest): Promise<string | undefined> {
  const inode = await inodeOf(blobFile(root, digest));
  // Who fetches the blob holds this lock until it stands in its place.
  const lock = await tryAcquireLock(partialLockFile(root, digest));
  if (inode === undefined || lock === undefined) return undefined;
  try {
    const path = await quarantineBlob(root, digest, inode);
    return path === undefined ? undefined : `moved to ${relative(root, path)}`;
  } finally {
    await lock.release({ remove: true });
  }
}
