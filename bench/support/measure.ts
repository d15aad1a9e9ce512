import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '../../test/support/tempFolder.ts';
import { needProgram, output } from './commands.ts';

export interface Measurement {
  /** From the start of the command to its end. */
  readonly wallSeconds: number;
  /** User and system time of the command, its children and the daemons given. */
  readonly cpuSeconds: number;
  /** The highest sum of resident memory over the same processes, looked at every 50 ms; pages shared count for each. */
  readonly peakBytes: number;
  /** What `sync` took afterwards: bytes that the command left in the page cache. */
  readonly syncSeconds: number;
}

export interface Measurable {
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** Processes that were there before and do the command's work. */
  readonly daemons?: readonly number[];
}

const POLL_MS = 50;
const PAGE_BYTES = Number(await output('getconf', ['PAGESIZE']));
const TICKS_PER_SECOND = Number(await output('getconf', ['CLK_TCK']));

/**
 * Runs a command to its end under GNU time. A status other than 0 throws with the end of what it said.
 * @param signal ends the command and all its children
 */
export async function measure(target: Measurable, signal: AbortSignal): Promise<Measurement> {
  const time = needProgram('time', 'time');
  const folder = await tempFolder('strata-bench-time-');
  const report = join(folder.path, 'time');
  const daemons = target.daemons ?? [];
  const daemonsBefore = sum(daemons.flatMap(processTree), cpuSecondsOf);
  try {
    const started = performance.now();
    const child = spawn(time, ['-f', '%U %S %M', '-o', report, ...target.command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: target.env ?? process.env,
      // A process group of its own: GNU time does not hand signals on.
      detached: true,
    });
    const kill = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', kill);
    let peakBytes = 0;
    const poll = setInterval(() => {
      const roots = child.pid === undefined ? daemons : [child.pid, ...daemons];
      peakBytes = Math.max(peakBytes, sum(roots.flatMap(processTree), residentBytes));
    }, POLL_MS);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    const [status, wallSeconds] = await new Promise<[number | string, number]>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        resolve([code ?? signal ?? 'unknown', (performance.now() - started) / 1000]);
      });
    }).finally(() => {
      clearInterval(poll);
      signal.removeEventListener('abort', kill);
    });
    signal.throwIfAborted();
    if (status !== 0) throw new Error(`${target.command.join(' ')} ended with ${status}: ${said.trim()}`);
    const daemonsAfter = sum(daemons.flatMap(processTree), cpuSecondsOf);
    const [user = NaN, system = NaN, kibibytes = NaN] = (await readFile(report, 'utf8'))
      .trim()
      .split(' ')
      .map(Number);
    const beforeSync = performance.now();
    await output('sync', []);
    return {
      wallSeconds,
      cpuSeconds: user + system + daemonsAfter - daemonsBefore,
      peakBytes: Math.max(peakBytes, kibibytes * 1024),
      syncSeconds: (performance.now() - beforeSync) / 1000,
    };
  } finally {
    await folder.remove();
  }
}

/** A process and all that came from it, as far as they still run. */
function processTree(pid: number): number[] {
  const tree = [pid];
  for (const task of listed(`/proc/${pid}/task`)) {
    for (const child of text(`/proc/${pid}/task/${task}/children`).split(' ')) {
      if (child.trim() !== '') tree.push(...processTree(Number(child)));
    }
  }
  return tree;
}

function residentBytes(pid: number): number {
  return Number(text(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * PAGE_BYTES;
}

/** Its own time and that of children it has waited for (proc(5), fields 14 to 17). */
function cpuSecondsOf(pid: number): number {
  const stat = text(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return sum(fields.slice(11, 15), Number) / TICKS_PER_SECOND;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

/** The text of a file of /proc; empty if the process has gone. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function listed(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
