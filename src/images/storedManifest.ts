import { sha256 } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor, ImageConfig, Manifest } from '../oci/documents.ts';
import { DOCKER_MANIFEST, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { toOciManifest } from '../oci/ociManifest.ts';

/** A document with the digest that it has where it comes from. */
interface GivenManifest {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** One platform's manifest as it lies in the store (docs/decisions/005). */
export interface StoredManifest {
  /** As index.json will point at it. */
  readonly descriptor: Descriptor;
  readonly manifestBytes: Uint8Array;
  /** The manifest as it was given, where ours had to be turned into image-spec's media types. */
  readonly source?: GivenManifest;
}

/** @param given what `manifest` was parsed from */
export function storedManifest(
  manifest: Manifest,
  { digest, bytes }: GivenManifest,
  { os, architecture, variant }: ImageConfig,
): StoredManifest {
  const isOci = manifest.mediaType !== DOCKER_MANIFEST;
  const manifestBytes = isOci ? bytes : toOciManifest(manifest);
  return {
    descriptor: {
      mediaType: OCI_MANIFEST,
      digest: isOci ? digest : sha256(manifestBytes),
      size: manifestBytes.length,
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    },
    manifestBytes,
    ...(isOci ? {} : { source: { digest, bytes } }),
  };
}
