import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode } from '../../../src/base/errors.ts';
import type { BlobStore, BlobUpload } from './blobStore.ts';
import { CHUNK_BYTES } from './http.ts';

/** `ROOT/blobs/ALGORITHM/HEX`, and `ROOT/uploads/` for what has not arrived whole. */
export class DiskBlobs implements BlobStore {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(root: string): Promise<DiskBlobs> {
    // Uploads do not outlive the process that took them in.
    await rm(join(root, 'uploads'), { recursive: true, force: true });
    for (const folder of ['uploads', 'blobs/sha256', 'blobs/sha512']) {
      await mkdir(join(root, folder), { recursive: true });
    }
    return new DiskBlobs(root);
  }

  async size(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(digest))).size;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  open(digest: string, start: number, end: number): Readable {
    if (start >= end) return Readable.from([], { objectMode: false });
    return createReadStream(this.#path(digest), { start, end: end - 1, highWaterMark: CHUNK_BYTES });
  }

  async begin(): Promise<BlobUpload> {
    const path = join(this.#root, 'uploads', randomUUID());
    return new DiskUpload(await open(path, 'wx'), path, (digest) => this.#path(digest));
  }

  async delete(digest: string): Promise<void> {
    await rm(this.#path(digest), { force: true });
  }

  #path(digest: string): string {
    return join(this.#root, 'blobs', ...digest.split(':'));
  }
}

class DiskUpload implements BlobUpload {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #target: (digest: string) => string;
  readonly #sha256 = createHash('sha256');
  #size = 0;

  constructor(handle: FileHandle, path: string, target: (digest: string) => string) {
    this.#handle = handle;
    this.#path = path;
    this.#target = target;
  }

  get size(): number {
    return this.#size;
  }

  async append(stream: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      this.#sha256.update(chunk);
      await this.#handle.writeFile(chunk);
      this.#size += chunk.length;
    }
  }

  async commit(digest: string): Promise<boolean> {
    await this.#handle.close();
    const matches = digest === (await this.#digest(digest.slice(0, digest.indexOf(':'))));
    if (matches) await rename(this.#path, this.#target(digest));
    else await rm(this.#path);
    return matches;
  }

  async #digest(algorithm: string): Promise<string> {
    if (algorithm === 'sha256') return `sha256:${this.#sha256.digest('hex')}`;
    // Rare, so it is worth a second reading rather than two hashes of every upload.
    const hash = createHash(algorithm);
    await pipeline(createReadStream(this.#path), hash);
    return `${algorithm}:${hash.digest('hex')}`;
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }
}
