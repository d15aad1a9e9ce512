export type TarEntryType =
  'file' | 'directory' | 'symlink' | 'hardlink' | 'characterDevice' | 'blockDevice' | 'fifo';

/** An extended attribute with the bytes as they stand in the tar; the name lacks the prefix `SCHILY.xattr.`. */
export interface TarXattr {
  readonly name: Buffer;
  readonly value: Buffer;
}

/** Bytes of a sparse file that are stored; everything between the pieces is zeros. */
export interface SparsePiece {
  /** Where in the logical content. */
  readonly offset: number;
  readonly length: number;
}

/** One entry of a layer's tar, its PAX and GNU extensions applied. Nothing in it points into the bytes that were read. */
export interface TarEntry {
  /** The raw bytes: not cleaned, perhaps not UTF-8, perhaps with `..`. */
  readonly path: Buffer;
  readonly type: TarEntryType;
  /** Permission, setuid, setgid and sticky bits: 12 bits. */
  readonly mode: number;
  /** 0 to 2^32 - 1; a negative number in the tar is taken as the kernel would. */
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the logical content; 0 for all but files. */
  readonly size: number;
  /** Nanoseconds since 1970, held within 64 signed bits (the years 1677 to 2262). */
  readonly mtimeNs: bigint;
  /** Target of a symlink or hard link: raw bytes. */
  readonly link?: Buffer | undefined;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** In the order of the tar; a repeated name keeps its last value. */
  readonly xattrs: readonly TarXattr[];
  /** Present for sparse files only: in order, apart from each other, inside `size`. */
  readonly sparse?: readonly SparsePiece[] | undefined;
  /** Byte of the unpacked tar where the first header of this entry begins, its extension headers included. */
  readonly headerOffset: number;
  /** Byte of the unpacked tar where the stored content begins. */
  readonly dataOffset: number;
  /** Bytes of content in the tar: less than `size` for sparse files. */
  readonly storedSize: number;
}
