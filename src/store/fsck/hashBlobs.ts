import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES, FSCK_READS_AT_ONCE } from '../../base/limits.ts';
import { digestAlgorithm, isDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { fileIdentity, ifPresent, namesIn } from '../files.ts';
import { blobFile, blobsFolder } from '../layout.ts';
import type { FsckOptions } from './types.ts';

/** What reading a blob to its end told. The identity is that of the file whose bytes were read. */
export type BlobState =
  | { readonly kind: 'sound'; readonly size: number }
  | { readonly kind: 'corrupt'; readonly actual: string; readonly identity: string }
  | { readonly kind: 'unreadable'; readonly detail: string };

export interface HashedBlobs {
  readonly states: ReadonlyMap<Digest, BlobState>;
  /** Paths in blobs/ that no blob can have. */
  readonly unknown: readonly string[];
  /** Read in all. */
  readonly bytes: number;
}

/** Reads every blob and compares it with its name. What vanishes meanwhile, by a sweep, is no blob. Takes no lock. */
export async function hashBlobs(root: string, options: FsckOptions): Promise<HashedBlobs> {
  const { blobs, unknown, total } = await listBlobs(root);
  const states = new Map<Digest, BlobState>();
  let current = 0;
  const onBytes = (bytes: number): void => {
    current += bytes;
    options.onProgress?.({ current, total: Math.max(total, current) });
  };
  const pending = blobs.values();
  // The hash is counted on this thread; several files at once keep the disk busy meanwhile.
  const reader = async (): Promise<void> => {
    const buffer = Buffer.allocUnsafe(BLOB_BATCH_BYTES);
    for (const digest of pending) {
      const state = await readBlobState(root, digest, buffer, { onBytes, signal: options.signal });
      if (state !== undefined) states.set(digest, state);
    }
  };
  await Promise.all(Array.from({ length: FSCK_READS_AT_ONCE }, reader));
  return { states, unknown, bytes: current };
}

async function listBlobs(
  root: string,
): Promise<{ blobs: readonly Digest[]; unknown: readonly string[]; total: number }> {
  const blobs: Digest[] = [];
  const unknown: string[] = [];
  let total = 0;
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const folder = blobsFolder(root, algorithm);
    for (const name of await namesIn(folder)) {
      const digest = `${algorithm}:${name}`;
      const stats = await ifPresent(stat(join(folder, name)));
      if (isDigest(digest) && stats?.isFile() === true) {
        blobs.push(digest);
        total += stats.size;
      } else if (stats !== undefined) unknown.push(join(folder, name));
    }
  }
  return { blobs, unknown, total };
}

/** Reads one blob to its end; undefined if it is not there. Rejects only with the signal's reason. */
async function readBlobState(
  root: string,
  digest: Digest,
  buffer: Buffer,
  {
    onBytes,
    signal,
  }: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal | undefined },
): Promise<BlobState | undefined> {
  const path = blobFile(root, digest);
  try {
    const identity = await fileIdentity(path);
    const handle = await ifPresent(open(path, 'r'));
    if (identity === undefined || handle === undefined) return undefined;
    try {
      const hash = createHash(digestAlgorithm(digest));
      let size = 0;
      for (;;) {
        signal?.throwIfAborted();
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, size);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        size += bytesRead;
        onBytes(bytesRead);
      }
      const actual = `${digestAlgorithm(digest)}:${hash.digest('hex')}`;
      return actual === digest ? { kind: 'sound', size } : { kind: 'corrupt', actual, identity };
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: 'unreadable', detail: describeError(error) };
  }
}
