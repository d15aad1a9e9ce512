import { stat } from 'node:fs/promises';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { isStrataError, StrataError } from '../base/errors.ts';
import { sha256, verifyDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { ifPresent, isMissing, readWhole } from './files.ts';
import { withFolders } from './folders.ts';
import { blobFile, layerIndexFile, partialFolder } from './layout.ts';
import { storeError, withStoreErrors } from './storeError.ts';

/** True if the blob is there; with this many bytes, if a size is given. */
export async function hasBlob(root: string, digest: Digest, size?: number): Promise<boolean> {
  const path = blobFile(root, digest);
  const stats = await withStoreErrors(path, 'read', () => ifPresent(stat(path)));
  return stats?.isFile() === true && (size === undefined || stats.size === size);
}

/**
 * A small blob, verified.
 * @param limit bytes
 * @throws StrataError `blob-missing`, `too-large`, `digest-mismatch`, `store-unreadable`
 */
export async function readBlob(root: string, digest: Digest, limit: number): Promise<Buffer> {
  const path = blobFile(root, digest);
  try {
    const { bytes } = await readWhole(path, limit);
    verifyDigest(bytes, digest, path);
    return bytes;
  } catch (error) {
    if (isMissing(error)) throw new StrataError('blob-missing', { digest }, { cause: error });
    throw storeError(path, error, 'read');
  }
}

/** Writes a small blob whole; a damaged one of that digest is replaced. The writer holds a lease on the digest. */
export async function writeBlob(root: string, bytes: Uint8Array): Promise<Digest> {
  const digest = sha256(bytes);
  if (await isIntact(root, digest, bytes.length)) return digest;
  const path = blobFile(root, digest);
  // blobs/ belongs to the layout, and other tools read every name in it: unfinished files stand elsewhere.
  const options = { tempFolder: partialFolder(root) };
  await withStoreErrors(path, 'write', () => withFolders(root, () => writeFileAtomic(path, bytes, options)));
  return digest;
}

/**
 * Puts the index of a layer in its place. Derived data, with a checksum of its own: not synced to the disk.
 * @param diffId digest of the unpacked layer
 */
export async function writeLayerIndex(root: string, diffId: Digest, bytes: Uint8Array): Promise<void> {
  const path = layerIndexFile(root, diffId);
  await withStoreErrors(path, 'write', () =>
    withFolders(root, () => writeFileAtomic(path, bytes, { durable: false })),
  );
}

async function isIntact(root: string, digest: Digest, size: number): Promise<boolean> {
  try {
    await readBlob(root, digest, size);
    return true;
  } catch (error) {
    const damaged =
      isStrataError(error, 'blob-missing') ||
      isStrataError(error, 'too-large') ||
      isStrataError(error, 'digest-mismatch');
    if (damaged) return false;
    throw error;
  }
}
