import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/documents.ts';

/** What a name in a registry leads to. */
export interface RemoteImage {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly manifests: readonly RemoteManifest[];
  /** Documents that refer to it: signatures, SBOMs (distribution spec, "listing referrers"). */
  readonly referrers: readonly RemoteReferrer[];
}

export interface RemoteManifest {
  readonly digest: Digest;
  /** Of the manifest itself, in bytes. */
  readonly size: number;
  /** Bytes that a pull of it fetches, configuration and compressed layers, where that is known. */
  readonly imageSize?: number;
  readonly platform?: Platform;
  /** BuildKit's attestation manifest of another of these. */
  readonly attestationOf?: Digest;
}

export interface RemoteReferrer {
  readonly digest: Digest;
  readonly artifactType: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RemoteTag {
  readonly name: string;
  /** RFC 3339, where the registry tells. */
  readonly updated?: string;
}
