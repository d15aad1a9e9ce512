import { statfs } from 'node:fs/promises';
import { describeError } from '../base/errors.ts';
import type { Disposable, Listener } from '../base/events.ts';
import type { Logger } from '../base/logger.ts';
import type { Digest } from '../oci/digest.ts';
import { hasBlob, readBlob, writeBlob } from './blobs.ts';
import { DerivedFile } from './derivedFile.ts';
import type { RefEntry } from './indexDocument.ts';
import { IndexFile } from './indexFile.ts';
import {
  blobFile,
  catalogFile,
  compressedFile,
  layerIndexFile,
  listingFile,
  lockFile,
  reachFile,
  summariesFile,
} from './layout.ts';
import { Leases, withStoreLock } from './leases.ts';
import type { ActiveLease, Lease, LeaseRequest } from './leases.ts';
import type { LockOptions } from './lock.ts';
import { ListingFile } from './listingFile.ts';
import { withStoreErrors } from './storeError.ts';
import { sweep } from './sweep.ts';
import { StoreWatcher } from './watch.ts';

export interface StoreOptions {
  readonly logger: Logger;
}

export interface UpdateOptions extends LockOptions {
  /** Then removes the blobs, layer indexes and leavings that nothing needs any more. */
  readonly sweep?: boolean;
}

export interface UpdateResult {
  readonly entries: readonly RefEntry[];
  /** What the sweep removed. */
  readonly removedBlobs: readonly Digest[];
}

/** An OCI image-layout on disk that many processes use at once. Sizes in bytes. */
export interface Store {
  /** Absolute path. */
  readonly root: string;
  blobPath(digest: Digest): string;
  layerIndexPath(diffId: Digest): string;
  /** True if the blob is there, and has this size if one is given. */
  hasBlob(digest: Digest, size?: number): Promise<boolean>;
  /** A small blob, verified. @throws `blob-missing`, `too-large`, `digest-mismatch`, `store-unreadable` */
  readBlob(digest: Digest, limit: number): Promise<Buffer>;
  /** Writes a small blob. The caller holds a lease that protects its digest. @throws `disk-full`, `store-unwritable` */
  writeBlob(bytes: Uint8Array): Promise<Digest>;
  /** What index.json says, in its order. The same array until the file changes. @throws `store-corrupt`, `store-unreadable` */
  entries(): Promise<readonly RefEntry[]>;
  /**
   * Read-modify-write of index.json under the cross-process lock. Entries that `change` hands back as they are stay
   * as they were in the file; the same array writes nothing. A sweep that fails is logged and fails no update.
   * @throws `store-corrupt` (then nothing was written), `disk-full`, `store-unwritable`, the signal's reason
   */
  update(
    change: (entries: readonly RefEntry[]) => readonly RefEntry[],
    options?: UpdateOptions,
  ): Promise<UpdateResult>;
  /** A claim that other processes see, and that a sweep respects. It ends with the process at the latest. */
  lease(request: LeaseRequest, options?: LockOptions): Promise<Lease>;
  /** Leases of living processes, oldest first. */
  activeLeases(): Promise<readonly ActiveLease[]>;
  /** Derived values by manifest digest, of this version of their form. May be empty at any time: check each value. */
  readSummaries(version: number): Promise<ReadonlyMap<string, unknown>>;
  /** Replaces them all. @throws `disk-full`, `store-unwritable`: callers may go on without */
  writeSummaries(version: number, summaries: ReadonlyMap<string, unknown>): Promise<void>;
  /** What was derived from index.json as it stands now; undefined if nothing was, or the file is another. Check it. */
  readListing(version: number): Promise<unknown>;
  /** Keeps what was derived from these entries, unless index.json has been read anew since. @throws as writeSummaries */
  writeListing(version: number, entries: readonly RefEntry[], listing: unknown): Promise<void>;
  /** As the listing, but of all that is known of the images. */
  readCatalog(version: number): Promise<unknown>;
  /** As writeListing. @throws as writeSummaries */
  writeCatalog(version: number, entries: readonly RefEntry[], catalog: unknown): Promise<void>;
  /** What uncompressed layers became when they were pushed, by diff ID. Derived as the summaries are. */
  readCompressed(version: number): Promise<ReadonlyMap<string, unknown>>;
  /** Replaces them all. @throws `disk-full`, `store-unwritable`: callers may go on without */
  writeCompressed(version: number, compressed: ReadonlyMap<string, unknown>): Promise<void>;
  /** index.json or the leases have changed, by this process or another. Watches only while there are listeners. */
  readonly onDidChange: (listener: Listener<undefined>) => Disposable;
  /** What this user may still write on the store's disk. */
  freeBytes(): Promise<number>;
  /** Releases the leases and stops watching. */
  close(): Promise<void>;
}

export class DiskStore implements Store {
  readonly root: string;
  readonly #logger: Logger;
  readonly #index: IndexFile;
  readonly #summaries: DerivedFile;
  readonly #listing: ListingFile;
  readonly #catalog: ListingFile;
  readonly #reach: DerivedFile;
  readonly #compressed: DerivedFile;
  readonly #leases: Leases;
  readonly #watcher: StoreWatcher;

  constructor(root: string, options: StoreOptions) {
    this.root = root;
    this.#logger = options.logger;
    this.#index = new IndexFile(root);
    this.#summaries = new DerivedFile(root, summariesFile(root));
    this.#listing = new ListingFile(root, listingFile(root));
    this.#catalog = new ListingFile(root, catalogFile(root));
    this.#reach = new DerivedFile(root, reachFile(root));
    this.#compressed = new DerivedFile(root, compressedFile(root));
    this.#leases = new Leases(root);
    const isOwn = (id: string): boolean => this.#leases.isOwn(id);
    this.#watcher = new StoreWatcher({ root, logger: options.logger, isOwn });
  }

  readonly onDidChange = (listener: Listener<undefined>): Disposable => this.#watcher.event(listener);

  blobPath(digest: Digest): string {
    return blobFile(this.root, digest);
  }

  layerIndexPath(diffId: Digest): string {
    return layerIndexFile(this.root, diffId);
  }

  hasBlob(digest: Digest, size?: number): Promise<boolean> {
    return hasBlob(this.root, digest, size);
  }

  readBlob(digest: Digest, limit: number): Promise<Buffer> {
    return readBlob(this.root, digest, limit);
  }

  writeBlob(bytes: Uint8Array): Promise<Digest> {
    return writeBlob(this.root, bytes);
  }

  async entries(): Promise<readonly RefEntry[]> {
    return (await this.#index.read()).entries;
  }

  async update(
    change: (entries: readonly RefEntry[]) => readonly RefEntry[],
    options: UpdateOptions = {},
  ): Promise<UpdateResult> {
    return withStoreErrors(lockFile(this.root), 'write', () =>
      withStoreLock(this.root, options, async () => {
        const before = await this.#index.read();
        const wanted = change(before.entries);
        if (wanted !== before.entries) {
          await this.#index.write({ ...before, entries: wanted });
          this.#watcher.poke();
        }
        const { entries } = await this.#index.read();
        const removedBlobs = options.sweep === true ? await this.#sweep(entries) : [];
        return { entries, removedBlobs };
      }),
    );
  }

  lease(request: LeaseRequest, options?: LockOptions): Promise<Lease> {
    return this.#leases.create(request, options);
  }

  activeLeases(): Promise<readonly ActiveLease[]> {
    return this.#leases.active();
  }

  readSummaries(version: number): Promise<ReadonlyMap<string, unknown>> {
    return this.#summaries.read(version);
  }

  writeSummaries(version: number, summaries: ReadonlyMap<string, unknown>): Promise<void> {
    return this.#summaries.write(version, summaries);
  }

  async readListing(version: number): Promise<unknown> {
    const identity = await this.#index.identity();
    return identity === undefined ? undefined : await this.#listing.read(version, identity);
  }

  async writeListing(version: number, entries: readonly RefEntry[], listing: unknown): Promise<void> {
    const identity = this.#index.identityOf(entries);
    if (identity !== undefined) await this.#listing.write(version, identity, listing);
  }

  async readCatalog(version: number): Promise<unknown> {
    const identity = await this.#index.identity();
    return identity === undefined ? undefined : await this.#catalog.read(version, identity);
  }

  async writeCatalog(version: number, entries: readonly RefEntry[], catalog: unknown): Promise<void> {
    const identity = this.#index.identityOf(entries);
    if (identity !== undefined) await this.#catalog.write(version, identity, catalog);
  }

  readCompressed(version: number): Promise<ReadonlyMap<string, unknown>> {
    return this.#compressed.read(version);
  }

  writeCompressed(version: number, compressed: ReadonlyMap<string, unknown>): Promise<void> {
    return this.#compressed.write(version, compressed);
  }

  async freeBytes(): Promise<number> {
    const stats = await withStoreErrors(this.root, 'read', () => statfs(this.root));
    return stats.bavail * stats.bsize;
  }

  async close(): Promise<void> {
    this.#watcher.dispose();
    await this.#leases.releaseAll();
  }

  async #sweep(entries: readonly RefEntry[]): Promise<readonly Digest[]> {
    try {
      return await sweep(this.root, entries, this.#reach, this.#logger);
    } catch (error) {
      this.#logger.warn(`store: no blob was swept: ${describeError(error)}`);
      return [];
    }
  }
}
