import type { ErrorData } from '../../base/errors.ts';
import type { LayerStats } from '../../layers/index.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobRequest } from '../../registry/index.ts';
import type { TransportConfig } from '../../transport/index.ts';
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

export interface LayerProgress {
  readonly status: LayerStatus;
  readonly current?: number;
}

export type ToWorker =
  | { readonly type: 'start'; readonly job: LayerJob }
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
  | { readonly type: 'failed'; readonly error: Failure };

/** An error on its way between threads. */
export type Failure =
  { readonly known: ErrorData } | { readonly unknown: string; readonly stack: string | undefined };
