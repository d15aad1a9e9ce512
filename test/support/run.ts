import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; that of this process unless given. */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input, which is closed then. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until it is killed; 60,000 unless given. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end. A failure is a result like any other: check `code`.
 * @throws Error when it cannot be started, and when it was killed for taking too long.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { timeout = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      signal: options.signal,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeout);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const result = { code, stdout: text(stdout), stderr: text(stderr) };
      if (late) reject(new Error(`${command} ${args.join(' ')} took over ${timeout} ms:\n${result.stderr}`));
      else resolve(result);
    });
    // A command that ends without reading its input is no failure of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });
}

/** @returns stdout. @throws Error with what it printed unless it ends with code 0. */
export async function runOk(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${stderr}${stdout}`);
}

function text(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString();
}
