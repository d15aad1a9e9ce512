import type { Digest } from '../../oci/digest.ts';
import type { BlobRequest, UploadRequest } from '../../registry/index.ts';
import type { TransportConfig } from '../../transport/index.ts';

/** Where the bytes of a blob are to be had: plain data, so that it crosses to a worker thread. Sizes and offsets in bytes. */
export type ContentPlace =
  /** As they stand in a file. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly offset: number;
      readonly size: number;
      readonly digest: Digest;
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly size: number; readonly digest: Digest }
  /** Compressed on their way. `size` is that of the file's part. */
  | { readonly kind: 'gzip'; readonly path: string; readonly offset: number; readonly size: number }
  /** Of another registry, or another repository; the sources are tried in order. */
  | {
      readonly kind: 'registry';
      readonly sources: readonly BlobRequest[];
      readonly size: number;
      readonly digest: Digest;
    };

/** One blob to be sent to a registry. */
export interface UploadJob {
  readonly request: UploadRequest;
  readonly content: ContentPlace;
  readonly transport: TransportConfig;
  /** At least so many milliseconds lie between two progress messages. */
  readonly progressIntervalMs: number;
}

export interface UploadResult {
  /** As the registry has it: of the compressed bytes, where they were compressed on their way. */
  readonly digest: Digest;
  readonly size: number;
}

/** The bytes of a place, wanted on the host's thread. */
export interface ReadJob {
  readonly content: ContentPlace;
  readonly transport: TransportConfig;
}
