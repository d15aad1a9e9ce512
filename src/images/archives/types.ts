import type { Readable } from 'node:stream';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';

/** Where bytes lie that nobody has read yet: a part of a file, at most the whole of it. */
export interface Slice {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

/** A file inside an archive. */
export interface ArchiveFile {
  /** Bytes. */
  readonly size: number;
  /** Where a worker may read it; absent where the archive has streamed by. */
  readonly slice?: Slice;
  /** Of an archive that streamed by: it was a layer, and the store has it under this digest. */
  readonly stored?: StoredLayer;
  /** Of an archive that streamed by: why it is no layer. */
  readonly broken?: Error;
  /** The whole of a small file. @throws `too-large` beyond `limit` bytes */
  read(limit: number): Promise<Buffer>;
}

/** A layer that is in the store, with its index. */
export interface StoredLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** The files of an archive by their names, whatever holds them: a tar, a folder, a stream that has gone by. */
export interface ArchiveFiles {
  /** Names the archive in errors. */
  readonly name: string;
  /** @param path as a document of the archive writes it; links are followed, but never out of the archive */
  find(path: string): Promise<ArchiveFile | undefined>;
  /** Names of all regular files, cleaned; none of a folder, whose blobs are found by their digests. */
  readonly paths: readonly string[];
  close(): Promise<void>;
}

/** One image, or one index of images, that an archive holds. */
export interface ArchivedImage {
  /** Canonical names with tag. */
  readonly names: readonly string[];
  /** What `org.opencontainers.image.ref.name` says, as it stands: `oci-archive:file:NAME` means that. */
  readonly refName?: string;
  /** What the archive points at: a manifest or an index. Of a docker-archive, a manifest that is made of it. */
  readonly top: Descriptor;
  /** Of a docker-archive: the image ID of the parent. */
  readonly parent?: Digest;
}

/** The images of an archive or layout and their blobs, in any order and as often as one likes. */
export interface ImageArchive {
  readonly name: string;
  readonly images: readonly ArchivedImage[];
  /** True if the archive has this blob's bytes. */
  has(digest: Digest): Promise<boolean>;
  /** Where a blob’s bytes lie. @throws `content-invalid` if the archive lacks it */
  locate(digest: Digest): Promise<ArchiveFile>;
  /** A manifest or a configuration, verified. @throws `content-invalid`, `too-large`, `digest-mismatch` */
  read(digest: Digest, limit: number): Promise<Buffer>;
  /** A blob's bytes; whoever reads them verifies them. @throws `content-invalid` */
  open(digest: Digest): Promise<Readable>;
  close(): Promise<void>;
}

/** One entry of what a sink lists at its end. */
export interface ListedImage {
  /** Canonical names with tag. */
  readonly names: readonly string[];
  /** The manifest or index that index.json points at. */
  readonly top: Descriptor;
  /** For manifest.json: the image's configuration and layers, bottom first. Absent for an index. */
  readonly docker?: {
    readonly config: Digest;
    /** Digests of the blobs as they were given to the sink. */
    readonly layers: readonly Digest[];
    readonly parent?: Digest;
  };
}

/** Takes blobs one after another, then the list of images: an archive or a layout folder in the making. */
export interface ArchiveSink {
  /** True if this blob was written already, or stood there before. */
  has(digest: Digest): Promise<boolean>;
  /**
   * Writes one blob, once: what the sink has is not read.
   * @throws `size-mismatch`, `digest-mismatch` if the content is not the blob; `file-unwritable`
   */
  blob(
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void>;
  /** Writes the documents that name the images. The sink is spent. */
  finish(images: readonly ListedImage[]): Promise<void>;
  /** Lets go of what will not be finished. */
  abandon(): Promise<void>;
}
