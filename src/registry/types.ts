import type { Logger } from '../base/logger.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import type { Reference } from '../reference/index.ts';
import type { Transport } from '../transport/index.ts';
import type { Credentials, CredentialSource } from './auth/credentials.ts';
import type { Verified } from './auth/verify.ts';
import type { SearchHit } from './search/types.ts';
import type { BlobRequest } from './blobRequest.ts';
import type { RepositoryWriter } from './upload/types.ts';

export interface RegistryOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  /** By domain (`docker.io`): hosts or base URLs, `https://host:port/prefix`, in the order they are to be tried. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** `host`, `host:port` or CIDR: HTTPS is tried first, then plain HTTP. The transport must know them too. */
  readonly insecureHosts: readonly string[];
  /** What stands in for `https://index.docker.io` and `https://hub.docker.com`, where Docker Hub's search and tag times are asked for. */
  readonly hubUrl?: string;
  readonly logger: Logger;
}

export interface SearchRequest {
  readonly limit: number;
  /** Counts of pulls and publishers too, where the registry tells them. */
  readonly details: boolean;
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
  /**
   * The repository's tags in the registry's order (distribution spec, "listing tags"), at most MAX_LISTED. The origin's;
   * where it cannot be reached, the first mirror's that lists them.
   */
  tags(ref: Reference, signal?: AbortSignal): Promise<string[]>;
  /**
   * Searches Docker Hub (`docker.io`), or another registry by `/v1/search` or its catalogue. At most `limit` results, 1 to 100.
   * @throws StrataError also `search-unsupported`
   */
  search(domain: string, term: string, options: SearchRequest, signal?: AbortSignal): Promise<SearchHit[]>;
  /** The repositories that a registry lists, at most MAX_LISTED. @throws StrataError also `search-unsupported` */
  repositories(domain: string, signal?: AbortSignal): Promise<string[]>;
  /** When tags were last set, RFC 3339; empty where the registry does not tell. Fails by the signal only. */
  tagTimes(ref: Reference, signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Compressed bytes by manifest of a tag, where the registry tells them by itself (Docker Hub does). Fails by the signal only. */
  imageSizes(ref: Reference, signal?: AbortSignal): Promise<ReadonlyMap<Digest, number>>;
  /** What refers to a manifest (distribution spec, "listing referrers"), from whom `tags` would be. */
  referrers(ref: Reference, digest: Digest, signal?: AbortSignal): Promise<readonly Descriptor[]>;
  /** Deletes one tag and nothing that another tag needs. @throws StrataError also `delete-unsupported` */
  deleteTag(ref: Reference, signal?: AbortSignal): Promise<void>;
  /** Tries credentials at a registry. @throws StrataError `registry-unauthorized` with Docker's sentence */
  verify(domain: string, credentials: Credentials, signal?: AbortSignal): Promise<Verified>;
  /** The write side of the repository, at its origin. */
  writer(ref: Reference): RepositoryWriter;
  /** Resolves when a registry answers at this domain, signed in or not. */
  ping(domain: string, signal?: AbortSignal): Promise<void>;
}
