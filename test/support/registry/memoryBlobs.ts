import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BlobStore, BlobUpload } from './blobStore.ts';
import { bytesBody } from './http.ts';

export class MemoryBlobs implements BlobStore {
  readonly #blobs = new Map<string, Buffer>();

  size(digest: string): Promise<number | undefined> {
    return Promise.resolve(this.#blobs.get(digest)?.length);
  }

  open(digest: string, start: number, end: number): Readable {
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined) throw new Error(`no blob ${digest}`);
    return bytesBody(bytes.subarray(start, end)).open();
  }

  begin(): Promise<BlobUpload> {
    return Promise.resolve(new MemoryUpload(this.#blobs));
  }

  delete(digest: string): Promise<void> {
    this.#blobs.delete(digest);
    return Promise.resolve();
  }
}

class MemoryUpload implements BlobUpload {
  readonly #blobs: Map<string, Buffer>;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(blobs: Map<string, Buffer>) {
    this.#blobs = blobs;
  }

  get size(): number {
    return this.#size;
  }

  async append(stream: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
    }
  }

  commit(digest: string): Promise<boolean> {
    const bytes = Buffer.concat(this.#chunks);
    const algorithm = digest.slice(0, digest.indexOf(':'));
    const matches = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` === digest;
    if (matches) this.#blobs.set(digest, bytes);
    return Promise.resolve(matches);
  }

  discard(): Promise<void> {
    this.#chunks = [];
    return Promise.resolve();
  }
}
