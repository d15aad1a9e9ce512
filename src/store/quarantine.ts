import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renameReplacing, syncFolder } from '../base/atomicFile.ts';
import { systemCode } from '../base/errors.ts';
import { digestAlgorithm, digestHex } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { fileIdentity, ifPresent, isMissing } from './files.ts';
import { blobFile, quarantineFolder } from './layout.ts';

/*
 * What fsck has proved to be wrong is moved aside, never dropped. Nobody else looks for bytes here; that a name stands
 * here tells a sweep that the blob of that digest is known to be lost, and not only out of reach for a moment.
 */

const quarantineName = (digest: Digest): string => `${digestAlgorithm(digest)}-${digestHex(digest)}`;

/** Where the wrong bytes of a blob go. */
const quarantineFile = (root: string, digest: Digest): string =>
  join(quarantineFolder(root), quarantineName(digest));
const missingFile = (root: string, digest: Digest): string => `${quarantineFile(root, digest)}.missing`;

/** True if fsck has proved that the store's blob of this digest is gone or was wrong. It may have come back since. */
export async function isGivenUp(root: string, digest: Digest): Promise<boolean> {
  const found = await Promise.all([
    fileIdentity(quarantineFile(root, digest)),
    fileIdentity(missingFile(root, digest)),
  ]);
  return found.some((identity) => identity !== undefined);
}

/**
 * Moves a blob whose bytes are wrong out of blobs/, durably. An older one of that digest in quarantine is replaced.
 * Whoever fetches a blob may put the right bytes in its place at any moment: these stay.
 * @param inode of the file whose bytes were found to be wrong
 * @returns where it is now; undefined if another file stands in its place by now
 */
export async function quarantineBlob(
  root: string,
  digest: Digest,
  inode: string,
): Promise<string | undefined> {
  const from = blobFile(root, digest);
  const to = quarantineFile(root, digest);
  await mkdir(quarantineFolder(root), { recursive: true });
  if ((await inodeOf(from)) !== inode) return undefined;
  if ((await ifPresent(renameReplacing(from, to).then(() => true))) !== true) return undefined;
  if ((await inodeOf(to)) !== inode) {
    // It was replaced between the look and the move: what came is put back, unless yet another came.
    await link(to, from).catch(ignoreExisting);
    await rm(to);
    return undefined;
  }
  await syncFolder(quarantineFolder(root));
  await syncFolder(join(from, '..'));
  return to;
}

/** Notes that the blob is not there. */
export async function giveUpMissing(root: string, digest: Digest): Promise<void> {
  await mkdir(quarantineFolder(root), { recursive: true });
  await (await open(missingFile(root, digest), 'a')).close();
}

/** Device and inode: stays the same when a file is moved. */
export async function inodeOf(path: string): Promise<string | undefined> {
  const identity = await fileIdentity(path);
  return identity?.split(':').slice(0, 2).join(':');
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== 'EEXIST' && !isMissing(error)) throw error;
}
