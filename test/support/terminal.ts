import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { REAL_PARTS } from './realParts.ts';
import { runOk } from './run.ts';

const PATIENCE_MS = 30_000;
const POLL_MS = 20;

/** A command at a terminal of its own, and a person who types. */
export interface Terminal {
  /** Resolves when this stands in what it has printed so far. */
  shows(text: string): Promise<void>;
  /** Resolves when what is typed is not shown any more. */
  echoOff(): Promise<void>;
  type(text: string): void;
  /** All that it printed, and its exit code. */
  readonly ended: Promise<{ readonly output: string; readonly code: number | null }>;
}

/** Starts a command under a pty of script(1). @throws what a wait of 30 seconds did not bring */
export function startTerminal(command: string, env: Readonly<Record<string, string>>): Terminal {
  const child = spawn(REAL_PARTS.script.path, ['-qefc', `exec ${command}`, '/dev/null'], {
    env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stdin.on('error', () => undefined);
  const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
    const end = Date.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (Date.now() > end || child.exitCode !== null) {
        child.kill('SIGKILL');
        throw new Error(`the terminal does not come to ${what}:\n${output}`);
      }
      await sleep(POLL_MS);
    }
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), 2 * PATIENCE_MS);
  return {
    shows: (text) => until(`show ${text}`, () => output.includes(text)),
    echoOff: () => until('hide what is typed', async () => /-echo\b/.test(await settings(child.pid))),
    type: (text) => void child.stdin.write(text),
    ended: once(child, 'close').then(() => {
      clearTimeout(timer);
      return { output, code: child.exitCode };
    }),
  };
}

/** What stty says of the terminal that the child of script has. */
async function settings(pid: number | undefined): Promise<string> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const [first = ''] = children.trim().split(' ');
  const terminal = await readlink(`/proc/${first}/fd/0`);
  return await runOk('stty', ['-F', terminal, '-a']);
}
