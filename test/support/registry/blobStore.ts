import type { Readable } from 'node:stream';

/** Where a registry keeps bytes by digest: a folder (diskBlobs.ts) or memory (memoryBlobs.ts). */
export interface BlobStore {
  /** Bytes; undefined if it has no such blob. */
  size(digest: string): Promise<number | undefined>;
  /** The bytes from `start` up to, not including, `end`. */
  open(digest: string, start: number, end: number): Readable;
  begin(): Promise<BlobUpload>;
  delete(digest: string): Promise<void>;
}

/** A blob on its way in. */
export interface BlobUpload {
  /** Bytes that have arrived. */
  readonly size: number;
  append(stream: AsyncIterable<Uint8Array>): Promise<void>;
  /** Keeps the blob; false, and the upload is gone, if the bytes have another digest. */
  commit(digest: string): Promise<boolean>;
  discard(): Promise<void>;
}

export async function storeBytes(blobs: BlobStore, digest: string, bytes: Uint8Array): Promise<boolean> {
  const upload = await blobs.begin();
  await upload.append(oneChunk(bytes));
  return await upload.commit(digest);
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

export async function readBytes(blobs: BlobStore, digest: string): Promise<Buffer | undefined> {
  const size = await blobs.size(digest);
  if (size === undefined) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of blobs.open(digest, 0, size) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
