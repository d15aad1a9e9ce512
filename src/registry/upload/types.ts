import type { Readable } from 'node:stream';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import type { Transport } from '../../transport/index.ts';
import type { BlobRequest } from '../blobRequest.ts';

/** Where a blob is to go: plain data, for a worker thread. `url` is where uploads of the repository begin. */
export interface UploadRequest extends BlobRequest {
  /** An upload that the registry has begun already, having had nothing to mount. */
  readonly begun?: { readonly location: string; readonly minChunkBytes: number };
}

/** Bytes on their way up. They can be read again from anywhere: a broken upload goes on where the registry stopped. */
export interface UploadContent {
  /** Undefined where it is known at the end only: bytes that are compressed on their way. */
  readonly size: number | undefined;
  /** Of all bytes; undefined before the last one was read, where it is not known beforehand. */
  digest(): Digest | undefined;
  /** @param end offset behind the last byte; to the end of all without. The stream fails with StrataError only. */
  open(start: number, end?: number): Readable;
}

export interface UploadPorts {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** Bytes that have left, from the blob's beginning. */
  readonly onProgress: (current: number) => void;
  /** A fresh Authorization for a request that was answered by 401, undefined if there is none. */
  readonly renewAuthorization: (
    request: BlobRequest,
    challenge: string | undefined,
  ) => Promise<string | undefined>;
  /** What tests shorten: milliseconds, and bytes. */
  readonly retryBaseMs?: number;
  readonly chunkBytes?: number;
}

/** The write side of one repository. Errors as those of Registry, and `push-denied`. */
export interface RepositoryWriter {
  hasBlob(digest: Digest, signal?: AbortSignal): Promise<boolean>;
  hasManifest(digest: Digest, signal?: AbortSignal): Promise<boolean>;
  /**
   * Asks to take a blob over from another repository of the same registry (distribution spec, "mounting a blob").
   * @param from its path: `library/alpine`
   * @returns where to send the blob if the registry does not, or may not
   */
  mount(digest: Digest, from: string, signal?: AbortSignal): Promise<'mounted' | UploadRequest>;
  /** Where to send a blob; nothing is asked yet. */
  uploadRequest(signal?: AbortSignal): Promise<UploadRequest>;
  /** @param reference a tag, or the digest of the bytes */
  putManifest(
    reference: string,
    manifest: Pick<Descriptor, 'mediaType' | 'digest'> & { readonly bytes: Uint8Array },
    signal?: AbortSignal,
  ): Promise<void>;
}
