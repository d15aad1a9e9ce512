import type { Compression } from '../../archive/index.ts';
import type { ErrorData } from '../../base/errors.ts';
import type { LayerStats } from '../../layers/index.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobRequest } from '../../registry/index.ts';
import type { TransportConfig } from '../../transport/index.ts';
import type { ReadJob, UploadJob, UploadResult } from '../push/messages.ts';
import type { LayerStatus } from '../types.ts';

/** What a worker is started with. */
export interface WorkerSettings {
  /** Somebody waits for this process's own thread: the worker gives way to it. */
  readonly background: boolean;
}

/** One layer to be brought into the store: all of it plain data, so that it crosses to a worker thread. */
export interface LayerJob {
  readonly root: string;
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Bytes of the blob. */
  readonly size: number;
  /** Where it may be fetched, best first. Empty: the store has the blob and lacks its index. */
  readonly sources: readonly BlobRequest[];
  readonly transport: TransportConfig;
  /** At least so many milliseconds lie between two progress messages. */
  readonly progressIntervalMs: number;
}

export interface LayerResult {
  readonly stats: LayerStats;
  /** Bytes that came over the network now; less than `size` where a pull was resumed. */
  readonly fetched: number;
}

/** One layer of an archive or of a root file system, to be brought into the store as its bytes are. */
export interface TakeJob {
  readonly root: string;
  /** Where its bytes lie; absent: they come as chunks. */
  readonly slice?: { readonly path: string; readonly offset: number; readonly size: number };
  /** What it must be; what is absent is found out. */
  readonly digest?: Digest;
  readonly diffId?: Digest;
  /** At least so many milliseconds lie between two progress messages. */
  readonly progressIntervalMs: number;
}

export interface TakeResult {
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Bytes of the blob. */
  readonly size: number;
  readonly compression: Compression;
}

export interface LayerProgress {
  readonly status: LayerStatus;
  readonly current?: number;
}

export type ToWorker =
  | { readonly type: 'start'; readonly job: LayerJob }
  | { readonly type: 'take'; readonly job: TakeJob }
  | { readonly type: 'upload'; readonly job: UploadJob }
  | { readonly type: 'read'; readonly job: ReadJob }
  /** Of a `read`: there is room for one more batch. */
  | { readonly type: 'more' }
  /** The next bytes of a job without a slice; without bytes, its end. */
  | { readonly type: 'chunk'; readonly bytes: Uint8Array | undefined }
  /** The answer to `found`: the store will not sweep it. */
  | { readonly type: 'protected' }
  | { readonly type: 'cancel' }
  /** The answer to `unauthorized`. */
  | { readonly type: 'authorization'; readonly authorization: string | undefined }
  | { readonly type: 'authorizationFailed'; readonly error: Failure };

export type FromWorker =
  | { readonly type: 'progress'; readonly progress: LayerProgress }
  | { readonly type: 'unauthorized'; readonly source: BlobRequest; readonly challenge: string | undefined }
  | {
      readonly type: 'log';
      readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
    }
  | { readonly type: 'done'; readonly result: LayerResult }
  /** Of an `upload`: bytes that have left. */
  | { readonly type: 'sent'; readonly current: number }
  | { readonly type: 'uploaded'; readonly result: UploadResult }
  /** Of a `read`: the next bytes. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'read' }
  /** There is room for one more chunk. */
  | { readonly type: 'ready' }
  /** A layer whose digest was not known: it must be protected before it lands. */
  | { readonly type: 'found'; readonly digests: readonly Digest[] }
  /** Of a `take`. Undefined: the store had it. */
  | { readonly type: 'taken'; readonly result: TakeResult | undefined }
  | { readonly type: 'failed'; readonly error: Failure };

/** An error on its way between threads. */
export type Failure =
  { readonly known: ErrorData } | { readonly unknown: string; readonly stack: string | undefined };
