import { close, fstat, open } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type * as Native from 'fs-native-extensions';
import { isCancelled, systemCode } from '../base/errors.ts';
import { ifPresent, removeFile } from './files.ts';

/*
 * Locks of the kernel: they end when their holder closes the file or dies, and not while it sleeps.
 *
 * Only tries are used, with growing pauses. The package's waitForLock has no way to be cancelled and keeps a
 * thread of its own for each waiter; a try costs one system call.
 *
 * A lock file may be unlinked by whoever holds its lock. So a taker makes sure, once it has the lock, that the path
 * still names the file it locked; else somebody removed it in between, and it opens the path anew. Hence two
 * processes never believe that they hold the lock of one path by two different files.
 *
 * Raw descriptors and not FileHandles: a FileHandle is closed when it is garbage, and would take the lock with it.
 */

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);

/** Pauses between two tries, in milliseconds: they grow from the one to the other, and vary by a half. */
const POLL_MIN_MS = 5;
const POLL_MAX_MS = 50;
const POLL_GROWTH = 1.5;

export interface LockOptions {
  /** Ends the wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once if the lock is not free at the first try. */
  readonly onWait?: (() => void) | undefined;
}

export interface FileLock {
  /** Gives the lock up. `remove` unlinks its file first, while nobody else can hold it. */
  release(options?: { readonly remove?: boolean }): Promise<void>;
}

let native: Promise<typeof Native> | undefined;

/** Loaded by the first lock: it costs 10 ms, which activation shall not pay. */
function loadNative(): Promise<typeof Native> {
  return (native ??= import('fs-native-extensions'));
}

/** The end of the queue of each lock path in this thread, so that its own waiters come in order and do not poll. */
const queues = new Map<string, Promise<void>>();

/**
 * Waits for the exclusive lock of this file; creates the file if need be.
 * @throws the signal's reason, or the system error of opening or locking the file
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<FileLock> {
  const { signal, onWait } = options;
  signal?.throwIfAborted();
  const key = resolve(path);
  const previous = queues.get(key);
  let leave: () => void = () => undefined;
  const own = new Promise<void>((done) => (leave = done));
  // Who leaves early, cancelled, still keeps those behind waiting for those before.
  const tail = previous === undefined ? own : previous.then(() => own);
  queues.set(key, tail);
  void tail.then(() => {
    if (queues.get(key) === tail) queues.delete(key);
  });
  try {
    if (previous !== undefined) {
      onWait?.();
      await unlessAborted(previous, signal);
    }
    const fd = await poll(key, signal, previous === undefined ? onWait : undefined);
    return new HeldLock(key, fd, leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** Takes the exclusive lock if it is free; never waits. Undefined if somebody holds it, this thread included. */
export async function tryAcquireLock(path: string): Promise<FileLock | undefined> {
  const key = resolve(path);
  for (;;) {
    const fd = await openFile(key, 'a+');
    const outcome = await lockIfCurrent(key, fd).catch(async (error: unknown) => {
      await closeFile(fd);
      throw error;
    });
    if (outcome === 'locked') return new HeldLock(key, fd, () => undefined);
    await closeFile(fd);
    if (outcome === 'busy') return undefined;
  }
}

/** True while anybody holds the lock of this file. Needs read access only; false if there is no such file. */
export async function isLocked(path: string): Promise<boolean> {
  const { tryLock } = await loadNative();
  const fd = await ifPresent(openFile(path, 'r'));
  if (fd === undefined) return false;
  try {
    // Shared, so that those who ask at the same time do not take each other for the holder.
    return !tryLock(fd, { shared: true });
  } finally {
    await closeFile(fd);
  }
}

/** Runs a step while a lock is held that is being acquired. */
export async function withLock<T>(acquiring: Promise<FileLock>, step: () => Promise<T>): Promise<T> {
  const lock = await acquiring;
  try {
    return await step();
  } finally {
    await lock.release();
  }
}

class HeldLock implements FileLock {
  readonly #path: string;
  readonly #leaveQueue: () => void;
  #fd: number | undefined;

  constructor(path: string, fd: number, leaveQueue: () => void) {
    this.#path = path;
    this.#fd = fd;
    this.#leaveQueue = leaveQueue;
  }

  async release(options: { readonly remove?: boolean } = {}): Promise<void> {
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#fd = undefined;
    try {
      if (options.remove === true) await removeFile(this.#path).catch(ignoreBusy);
    } finally {
      await closeFile(fd);
      this.#leaveQueue();
    }
  }
}

/** Windows may refuse to unlink what another process has open: the file then waits for a sweep. */
function ignoreBusy(error: unknown): boolean {
  const code = systemCode(error);
  if (code === 'EPERM' || code === 'EBUSY' || code === 'EACCES') return false;
  throw error;
}

async function poll(
  path: string,
  signal: AbortSignal | undefined,
  onWait: (() => void) | undefined,
): Promise<number> {
  let pause = POLL_MIN_MS;
  let waiting = false;
  for (;;) {
    const fd = await openFile(path, 'a+');
    let outcome: LockOutcome;
    try {
      while ((outcome = await lockIfCurrent(path, fd)) === 'busy') {
        if (!waiting) onWait?.();
        waiting = true;
        await sleep(pause * (0.75 + Math.random() / 2), undefined, { ...(signal && { signal }) });
        pause = Math.min(pause * POLL_GROWTH, POLL_MAX_MS);
      }
      signal?.throwIfAborted();
    } catch (error) {
      await closeFile(fd);
      throw abortReason(error, signal);
    }
    if (outcome === 'locked') return fd;
    await closeFile(fd);
  }
}

type LockOutcome = 'locked' | 'busy' | 'replaced';

async function lockIfCurrent(path: string, fd: number): Promise<LockOutcome> {
  const { tryLock } = await loadNative();
  if (!tryLock(fd)) return 'busy';
  const [held, named] = await Promise.all([statBig(fd), ifPresent(stat(path, { bigint: true }))]);
  return named?.ino === held.ino && named.dev === held.dev ? 'locked' : 'replaced';
}

function statBig(fd: number): Promise<{ ino: bigint; dev: bigint }> {
  return statFile(fd, { bigint: true });
}

/** A timer that is cancelled rejects with an AbortError of its own; callers expect the signal's reason. */
function abortReason(error: unknown, signal: AbortSignal | undefined): unknown {
  return signal?.aborted === true && isCancelled(error) ? signal.reason : error;
}

function unlessAborted(step: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return step;
  return new Promise((resolvePromise, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    void step.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolvePromise();
    });
  });
}
