import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import type { ContentPlace } from '../push/messages.ts';

/** A manifest or an index as it stands. */
export interface Document {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** Where an image is read. */
export interface CopySource {
  /** What the copy's name leads to. */
  resolve(): Promise<Document>;
  /** A document that another leads to. */
  document(descriptor: Descriptor): Promise<Document>;
  /** A small blob, verified. */
  read(descriptor: Descriptor, limit: number): Promise<Uint8Array>;
  /** Where a blob's bytes are to be had. */
  locate(descriptor: Descriptor): Promise<ContentPlace>;
  /** Its repository, where it is one of this registry. */
  mountFrom(domain: string): readonly string[];
  /** Its layers have no digests of a registry to be kept: they may go up compressed. */
  readonly mayCompress: boolean;
  close(): Promise<void>;
}

export type PutStatus = 'Copied' | 'Already exists' | 'Mounted';

export interface PutOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (current: number) => void;
}

/** Where an image goes. */
export interface CopySink {
  /** Blobs that it takes side by side. */
  readonly width: number;
  /** It can hold an index over several images. */
  readonly takesIndexes: boolean;
  /** It is an OCI layout: what stands there in Docker's media types skopeo and umoci do not find (decision 005). */
  readonly ociOnly: boolean;
  /** True if it has the document and all that it leads to. */
  hasDocument(digest: Digest): Promise<boolean>;
  /** @returns what it has then: another blob where it went up compressed */
  put(
    descriptor: Descriptor,
    source: CopySource,
    options: PutOptions,
  ): Promise<{ readonly status: PutStatus; readonly descriptor: Descriptor }>;
  /** Takes a document after all that it leads to. `isTop`: it gets the copy's name. */
  putDocument(document: Document, isTop: boolean): Promise<void>;
  /** `image`: the configuration and layers of a top that is no index. */
  finish(top: Document, image: TopImage | undefined): Promise<void>;
  /** Lets go of what will not be finished. */
  abandon(): Promise<void>;
}

export interface TopImage {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}
