/** What a check of the store found, and what a repair did. */
export interface FsckReport {
  readonly checked: { readonly blobs: number; readonly references: number; readonly indexes: number };
  /** Bytes of the blobs that were read. */
  readonly bytes: number;
  readonly problems: readonly FsckProblem[];
}

export interface FsckProblem {
  readonly kind:
    | 'store-damaged'
    | 'blob-corrupt'
    | 'blob-missing'
    | 'blob-stray'
    | 'reference-broken'
    | 'index-damaged'
    | 'index-stray'
    | 'file-unknown';
  /** The digest, name or path that it is about. */
  readonly what: string;
  /** Plain English. */
  readonly detail: string;
  /** True of what does no harm: leavings, and what others put into the store. */
  readonly harmless: boolean;
  /** With repair: what was done, in plain English; absent where nothing was. */
  readonly repaired?: string;
}

export interface FsckOptions {
  readonly repair?: boolean;
  readonly signal?: AbortSignal;
  /** In bytes of blobs. */
  readonly onProgress?: (event: { readonly current: number; readonly total: number }) => void;
}
