import { join } from 'node:path';
import { digestAlgorithm, digestHex } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';

/** Where things stand under the store's root. image-spec image-layout.md rules what is outside `strata/`. */

export const layoutFile = (root: string): string => join(root, 'oci-layout');
export const indexFile = (root: string): string => join(root, 'index.json');
export const blobsFolder = (root: string, algorithm: 'sha256' | 'sha512'): string =>
  join(root, 'blobs', algorithm);
/** A checked Digest is safe as a path (CVE-2024-3727). */
export const blobFile = (root: string, digest: Digest): string =>
  join(blobsFolder(root, digestAlgorithm(digest)), digestHex(digest));

/** All that is Strata's own: derived, or in flight. */
export const strataFolder = (root: string): string => join(root, 'strata');
export const lockFile = (root: string): string => join(root, 'strata', 'lock');
export const listingFile = (root: string): string => join(root, 'strata', 'listing.json');
export const catalogFile = (root: string): string => join(root, 'strata', 'catalog.json');
export const summariesFile = (root: string): string => join(root, 'strata', 'summaries.json');
export const reachFile = (root: string): string => join(root, 'strata', 'reach.json');
export const compressedFile = (root: string): string => join(root, 'strata', 'compressed.json');
export const layersFolder = (root: string): string => join(root, 'strata', 'layers');
export const layerIndexFile = (root: string, diffId: Digest): string =>
  join(layersFolder(root), `${digestHex(diffId)}.idx`);
export const partialFolder = (root: string): string => join(root, 'strata', 'partial');
/** The hex alone names the blob: those of sha256 and sha512 differ in length. */
export const partialFile = (root: string, digest: Digest): string =>
  join(partialFolder(root), digestHex(digest));
/** Blobs that fsck moved aside because their bytes are wrong. */
export const quarantineFolder = (root: string): string => join(root, 'strata', 'quarantine');
export const leasesFolder = (root: string): string => join(root, 'strata', 'leases');

/** Folders that an open store has. */
export const storeFolders = (root: string): readonly string[] => [
  blobsFolder(root, 'sha256'),
  layersFolder(root),
  partialFolder(root),
  leasesFolder(root),
];
