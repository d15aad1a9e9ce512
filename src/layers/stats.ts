import type { Digest } from '../oci/digest.ts';

/** What a list of images needs to know of a layer. */
export interface LayerStats {
  /** Digest of the unpacked tar. */
  readonly diffId: Digest;
  /** The blob that was read: one layer may lie in several, compressed differently, and only this one is proved to be it. */
  readonly blob: Digest;
  /** Entries of the tar, repeats and whiteouts included. */
  readonly entries: number;
  /** Bytes of the unpacked tar. */
  readonly tarBytes: number;
  /** Docker's SIZE: the bytes of each distinct inode that the layer leaves on a disk; see LayerSizer. */
  readonly size: number;
  /**
   * Hard links whose target this layer does not hold at that point, so 0 in `size`. They point into a lower layer
   * (only the union can tell its bytes), or, through a symlink to a folder, at a file that is counted already.
   */
  readonly unresolvedHardlinks: number;
}
