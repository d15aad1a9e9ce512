import type { Logger } from '../base/logger.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import type { Reference } from '../reference/index.ts';
import type { Transport } from '../transport/index.ts';
import type { CredentialSource } from './auth/credentials.ts';
import type { RepositoryWriter } from './upload/types.ts';

export interface RegistryOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  /** By domain (`docker.io`): hosts or base URLs, `https://host:port/prefix`, in the order they are to be tried. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** `host`, `host:port` or CIDR: HTTPS is tried first, then plain HTTP. The transport must know them too. */
  readonly insecureHosts: readonly string[];
  readonly logger: Logger;
}

/** Who answered. */
interface BlobSource {
  readonly host: string;
  readonly mirror: boolean;
}

export interface ManifestAnswer {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly source: BlobSource;
}

/** How to ask for one blob; plain data, for a worker thread. */
export interface BlobRequest {
  readonly url: string;
  readonly authorization?: string;
  /** Whom credentials and messages are for: `docker.io`, `localhost:5000`. */
  readonly host: string;
  /** The repository as a person writes it, for messages. */
  readonly name: string;
  /** The repository at that host; absent for a foreign layer's URL, to which no credentials go. */
  readonly repository?: string;
  /** What a token must allow, where pulling is not enough. */
  readonly scopes?: readonly string[];
  /** Tries before the next source is asked; the transport's own count unless given. */
  readonly attempts?: number;
}

/** Every method throws StrataError `registry-*`, `too-many-redirects`, `proxy-invalid`, and the signal's reason. */
export interface Registry {
  /**
   * A manifest or index by digest, else by tag, as bytes whose digest was checked. Mirrors first, then the origin.
   * @throws StrataError also `manifest-unsupported`, `content-invalid`, `digest-mismatch`, `too-large`
   */
  manifest(ref: Reference, signal?: AbortSignal): Promise<ManifestAnswer>;
  /**
   * A small blob such as a config, checked.
   * @param limit bytes
   * @throws StrataError also `too-large`, `size-mismatch`, `digest-mismatch`
   */
  blob(ref: Reference, descriptor: Descriptor, limit: number, signal?: AbortSignal): Promise<Buffer>;
  /** Where a worker fetches a big blob, to be tried in order: mirrors, the origin, a foreign layer's own URLs. */
  blobSources(ref: Reference, descriptor: Descriptor, signal?: AbortSignal): Promise<BlobRequest[]>;
  /**
   * After a worker saw 401: a fresh Authorization, by one token request however many ask. Undefined where none may be sent.
   * @throws StrataError `registry-unauthorized` or `registry-forbidden` when another token would not help
   */
  renewAuthorization(
    request: BlobRequest,
    challenge: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  /** The repository's tags in the registry's order (distribution spec, "listing tags"), at most MAX_LISTED. */
  tags(ref: Reference, signal?: AbortSignal): Promise<string[]>;
  /** The write side of the repository, at its origin. */
  writer(ref: Reference): RepositoryWriter;
  /** Resolves when a registry answers at this domain, signed in or not. */
  ping(domain: string, signal?: AbortSignal): Promise<void>;
}
