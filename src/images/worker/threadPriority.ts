import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lets the other threads of this process run first: with more workers than cores the editor's own thread would wait for
 * its turn. Linux alone gives a thread a priority of its own, and names it in /proc; elsewhere nothing is done.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    // PID/task/TID: read on the calling thread, so it is this thread's.
    const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    // 0 would mean the whole process.
    if (threadId > 0) setPriority(threadId, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // No /proc, or not allowed: the pull runs all the same.
  }
}
