import { spawn } from 'node:child_process';

const POLL_MS = 50;
const GRACE_MS = 5_000;
const KEPT_OUTPUT = 200_000;

/**
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv }} ProcessOptions
 * @typedef {{ code: number, output: string, ms: number }} Finished
 * @typedef {{ pid: number, exited: Promise<number>, output: () => string, stop: () => Promise<void> }} Running
 */

/**
 * Runs a command to its end. Its stdout and stderr come back as one text; a command that cannot start has code 127.
 * @param {string} command @param {readonly string[]} args @param {ProcessOptions} [options]
 * @returns {Promise<Finished>}
 */
export async function run(command, args, options = {}) {
  const started = Date.now();
  const running = startProcess(command, args, options);
  const code = await running.exited;
  return { code, output: running.output(), ms: Date.now() - started };
}

/**
 * Like run, but throws an Error with the command's output when its code is not 0.
 * @param {string} command @param {readonly string[]} args @param {ProcessOptions} [options]
 */
export async function runOrThrow(command, args, options = {}) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${output}`);
  return output;
}

/**
 * Starts a command as the head of its own process group, so that stop() ends all that it started, and so does the
 * end of this process.
 * @param {string} command @param {readonly string[]} args @param {ProcessOptions} [options]
 * @returns {Running}
 */
export function startProcess(command, args, options = {}) {
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let output = '';
  /** @param {Buffer} chunk */
  const keep = (chunk) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const pid = child.pid ?? 0;
  const killAtExit = () => killGroup(pid, 'SIGKILL');
  process.once('exit', killAtExit);
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(127);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  void exited.then(() => {
    if (!groupLives(pid)) process.removeListener('exit', killAtExit);
  });
  return {
    pid,
    exited,
    output: () => output,
    stop: async () => {
      await stopGroup(pid);
      process.removeListener('exit', killAtExit);
    },
  };
}

/** @param {number} pid the head of a group: asked to end, and killed when it does not in GRACE_MS */
async function stopGroup(pid) {
  killGroup(pid, 'SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  while (groupLives(pid)) {
    if (Date.now() > deadline) killGroup(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** @param {number} pid @param {'SIGTERM' | 'SIGKILL'} signal */
function killGroup(pid, signal) {
  if (pid === 0) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended already.
  }
}

/** @param {number} pid */
function groupLives(pid) {
  if (pid === 0) return false;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 0);
    return true;
  } catch {
    return false;
  }
}
