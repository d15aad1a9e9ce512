import { randomUUID } from 'node:crypto';
import { writeFileAtomic } from '../base/atomicFile.ts';
import type { Digest } from '../oci/digest.ts';
import { removeFile } from './files.ts';
import { withFolders } from './folders.ts';
import { leasesFolder, lockFile } from './layout.ts';
import { findLeases, leaseFile, leaseLockFile } from './leaseFile.ts';
import type { LeaseInfo } from './leaseFile.ts';
import { acquireLock, withLock } from './lock.ts';
import type { FileLock, LockOptions } from './lock.ts';
import { withStoreErrors } from './storeError.ts';

/*
 * A lease is two files: ID.lock, whose kernel lock says that the owner lives, and ID.json, which says what it needs.
 * (Two, because on Windows a locked file cannot be read by others.)
 *
 * What widens a lease, its making and protect(), holds the store's lock, as a sweep does. So whoever protects a
 * digest and then finds the blob in the store can rely on it: a sweep is over, or begins later and knows the lease.
 */

/** What the maker of a lease says; the rest of a LeaseInfo is added. */
export interface LeaseRequest {
  readonly kind: LeaseInfo['kind'];
  readonly name: string;
  readonly digests?: readonly Digest[];
  readonly layers?: LeaseInfo['layers'];
}

/** A claim on digests that ends with the process at the latest. Whoever writes blobs holds one. */
export interface Lease {
  readonly info: LeaseInfo;
  /** Once this resolves, no sweep removes these. Look only then whether the store has them. */
  protect(digests: readonly Digest[], options?: LockOptions): Promise<void>;
  /** Changes what others see of it. */
  update(change: { readonly name?: string; readonly layers?: LeaseInfo['layers'] }): Promise<void>;
  release(): Promise<void>;
}

export interface ActiveLease extends LeaseInfo {
  /** Made by this Store. */
  readonly own: boolean;
}

/** The leases that one Store makes, and a view on those of all processes. */
export class Leases {
  readonly #root: string;
  readonly #own = new Map<string, OwnLease>();

  constructor(root: string) {
    this.#root = root;
  }

  async create(request: LeaseRequest, options: LockOptions = {}): Promise<Lease> {
    const root = this.#root;
    const info: LeaseInfo = {
      id: randomUUID(),
      pid: process.pid,
      digests: [],
      layers: [],
      ...request,
      startedAt: new Date().toISOString(),
    };
    return withStoreErrors(leasesFolder(root), 'write', () =>
      withStoreLock(root, options, async () => {
        const lock = await withFolders(root, () => acquireLock(leaseLockFile(root, info.id)));
        const lease = new OwnLease(root, info, lock, () => this.#own.delete(info.id));
        this.#own.set(info.id, lease);
        try {
          await lease.update({});
        } catch (error) {
          await lease.release();
          throw error;
        }
        return lease;
      }),
    );
  }

  /** Those whose owners live, oldest first. */
  async active(): Promise<readonly ActiveLease[]> {
    const found = await withStoreErrors(leasesFolder(this.#root), 'read', () => findLeases(this.#root));
    return found
      .flatMap(({ id, live, info }) => (live && info ? [{ ...info, own: this.#own.has(id) }] : []))
      .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  isOwn(id: string): boolean {
    return this.#own.has(id);
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.#own.values()].map((lease) => lease.release()));
  }
}

/** Runs a step under the store's lock. */
export function withStoreLock<T>(root: string, options: LockOptions, step: () => Promise<T>): Promise<T> {
  return withLock(
    withFolders(root, () => acquireLock(lockFile(root), options)),
    step,
  );
}

class OwnLease implements Lease {
  readonly #root: string;
  readonly #lock: FileLock;
  readonly #onReleased: () => void;
  #info: LeaseInfo;
  #writes: Promise<void> = Promise.resolve();
  #released: Promise<void> | undefined;

  constructor(root: string, info: LeaseInfo, lock: FileLock, onReleased: () => void) {
    this.#root = root;
    this.#info = info;
    this.#lock = lock;
    this.#onReleased = onReleased;
  }

  get info(): LeaseInfo {
    return this.#info;
  }

  async protect(digests: readonly Digest[], options: LockOptions = {}): Promise<void> {
    const known = new Set(this.#info.digests);
    if (digests.every((digest) => known.has(digest))) return;
    await withStoreErrors(leasesFolder(this.#root), 'write', () =>
      withStoreLock(this.#root, options, () => {
        this.#info = { ...this.#info, digests: [...new Set([...this.#info.digests, ...digests])] };
        return this.#write();
      }),
    );
  }

  async update(change: Parameters<Lease['update']>[0]): Promise<void> {
    if (this.#released !== undefined) return;
    this.#info = { ...this.#info, ...change };
    await withStoreErrors(leasesFolder(this.#root), 'write', () => this.#write());
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    await this.#writes;
    // The lock goes first: so a live lease always has its JSON, and one without a lock is known to be dead.
    await this.#lock.release({ remove: true });
    this.#onReleased();
    await removeFile(leaseFile(this.#root, this.#info.id));
  }

  /** One write after the other, each of what holds when its turn comes. */
  #write(): Promise<void> {
    const write = this.#writes.then(async () => {
      if (this.#released !== undefined) throw new Error('the lease was released');
      // The kernel lock ends with the machine, and so may the file: no fsync.
      await writeFileAtomic(leaseFile(this.#root, this.#info.id), JSON.stringify(this.#info), {
        durable: false,
      });
    });
    this.#writes = write.catch(() => undefined);
    return write;
  }
}
