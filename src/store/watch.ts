import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { describeError } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import type { Disposable, Listener } from '../base/events.ts';
import type { Logger } from '../base/logger.ts';
import { fileIdentity, namesIn } from './files.ts';
import { indexFile, leasesFolder } from './layout.ts';
import { leaseFile, leaseId, leaseLockFile } from './leaseFile.ts';
import { isLocked } from './lock.ts';

/** Events that come within this time count as one. */
const DEBOUNCE_MS = 50;
const POLL_MS = 2000;

/** File systems that do not report what other machines change (Linux, `man 2 statfs`). */
const NETWORK_TYPES = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x65735546, // FUSE: sshfs, virtiofs, the folders that a virtual machine shares
  0x01021997, // 9p: WSL's drives
  0x00c36400, // Ceph
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x73757245, // Coda
  0x5346414f, // AFS
  0x786f4256, // VirtualBox's shared folders
]);

interface WatchOptions {
  readonly root: string;
  readonly logger: Logger;
  /** Whether this process made the lease: it need not be watched for the death of its owner. */
  readonly isOwn: (leaseId: string) => boolean;
}

/**
 * Says "changed" when index.json or the leases of a store have changed, by whomever. It watches the folders: a
 * watch on the file goes quiet after its first rename. Works only while somebody listens, and keeps no process alive.
 */
export class StoreWatcher implements Disposable {
  readonly #options: WatchOptions;
  readonly #emitter = new Emitter<undefined>();
  #session: WatchSession | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  readonly event = (listener: Listener<undefined>): Disposable => {
    const subscription = this.#emitter.event(listener);
    this.#session ??= new WatchSession(this.#options, () => this.#emitter.fire(undefined));
    return {
      dispose: () => {
        subscription.dispose();
        if (!this.#emitter.hasListeners) this.#stop();
      },
    };
  };

  /** Looks soon whether something has changed: after a write of our own. */
  poke(): void {
    this.#session?.poke();
  }

  dispose(): void {
    this.#emitter.dispose();
    this.#stop();
  }

  #stop(): void {
    this.#session?.close();
    this.#session = undefined;
  }
}

/** From the first listener to the last. */
class WatchSession {
  readonly #options: WatchOptions;
  readonly #fire: () => void;
  readonly #watchers: FSWatcher[] = [];
  #poll: NodeJS.Timeout | undefined;
  #debounce: NodeJS.Timeout | undefined;
  #leaseTimer: NodeJS.Timeout | undefined;
  /**
   * What the last report was about. Undefined at first, so that the first event is always reported: what it tells
   * of may have happened before any first look could have been over.
   */
  #last: string | undefined;
  #looking = false;
  #closed = false;

  constructor(options: WatchOptions, fire: () => void) {
    this.#options = options;
    this.#fire = fire;
    for (const folder of [options.root, leasesFolder(options.root)]) this.#watch(folder);
    void this.#start();
  }

  poke(): void {
    if (this.#closed || this.#debounce !== undefined) return;
    this.#debounce = setTimeout(() => {
      this.#debounce = undefined;
      void this.#look();
    }, DEBOUNCE_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#debounce);
    clearTimeout(this.#leaseTimer);
    clearInterval(this.#poll);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.poke());
      watcher.on('error', (error) => this.#startPolling(describeError(error)));
      this.#watchers.push(watcher);
    } catch (error) {
      this.#startPolling(describeError(error));
    }
  }

  async #start(): Promise<void> {
    if (await isRemote(this.#options.root)) this.#startPolling('it is on a network file system');
    if ((await snapshot(this.#options)).foreign) this.#watchForDeath();
  }

  #startPolling(why: string): void {
    if (this.#closed || this.#poll !== undefined) return;
    this.#options.logger.warn(
      `store: ${this.#options.root} cannot be watched (${why}); looking every ${POLL_MS / 1000} s instead`,
    );
    this.#poll = setInterval(() => void this.#look(), POLL_MS).unref();
  }

  /** A killed process leaves its lease behind, and no file changes: only looking tells. */
  #watchForDeath(): void {
    if (this.#closed || this.#leaseTimer !== undefined) return;
    this.#leaseTimer = setTimeout(() => {
      this.#leaseTimer = undefined;
      void this.#look();
    }, POLL_MS).unref();
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.poke();
      return;
    }
    this.#looking = true;
    try {
      const { text, foreign, missing } = await snapshot(this.#options);
      if (this.#closed) return;
      if (missing) this.#startPolling('index.json is missing');
      if (foreign) this.#watchForDeath();
      if (text === this.#last) return;
      this.#last = text;
      this.#fire();
    } finally {
      this.#looking = false;
    }
  }
}

interface Snapshot {
  /** Equal texts: nothing has changed. */
  readonly text: string;
  /** Another process has a live lease. */
  readonly foreign: boolean;
  readonly missing: boolean;
}

async function snapshot({ root, isOwn }: WatchOptions): Promise<Snapshot> {
  try {
    const index = await fileIdentity(indexFile(root));
    const ids = (await namesIn(leasesFolder(root))).flatMap((name) => leaseId(name) ?? []).sort();
    const leases = await Promise.all(
      ids.map(async (id) => ({
        id,
        identity: await fileIdentity(leaseFile(root, id)),
        live: isOwn(id) || (await isLocked(leaseLockFile(root, id))),
      })),
    );
    return {
      text: JSON.stringify([index ?? null, leases]),
      foreign: leases.some(({ id, live }) => live && !isOwn(id)),
      missing: index === undefined,
    };
  } catch (error) {
    return { text: describeError(error), foreign: false, missing: false };
  }
}

async function isRemote(root: string): Promise<boolean> {
  if (process.platform === 'win32') return root.startsWith('\\\\');
  if (process.platform !== 'linux') return false;
  try {
    return NETWORK_TYPES.has((await statfs(root)).type >>> 0);
  } catch {
    return false;
  }
}
