import { spawn } from 'node:child_process';

const POLL_MS = 50;
const GRACE_MS = 10_000;
const KEPT_OUTPUT = 200_000;
const PARENT_POLL_MS = 500;

/** Heads of the process groups that may still live. @type {Set<number>} */
const groups = new Set();
process.once('exit', () => {
  for (const pid of groups) killGroup(pid, 'SIGKILL');
});

/**
 * `show` leaves the output to this process's own, instead of keeping it.
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean }} ProcessOptions
 * @typedef {{ code: number, output: string, ms: number }} Finished
 * @typedef {{ exited: Promise<number>, output: () => string, stop: () => Promise<void> }} Running
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
export function startProcess(command, args, { cwd, env, show = false } = {}) {
  const stdout = show ? 'inherit' : 'pipe';
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', stdout, stdout],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let output = '';
  /** @param {Buffer} chunk */
  const keep = (chunk) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const pid = child.pid ?? 0;
  if (pid !== 0) groups.add(pid);
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(127);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  void exited.then(() => {
    if (!groupLives(pid)) groups.delete(pid);
  });
  return { exited, output: () => output, stop: () => stopGroup(pid) };
}

/** Ends all that startProcess and run started, and what that started in turn. */
export async function stopAll() {
  await Promise.all([...groups].map(stopGroup));
}

/**
 * Calls back when this process is asked to end, and when its parent has ended: npm runs scripts through a shell that
 * passes no signal on.
 * @param {() => void} callback
 */
export function onEndWanted(callback) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, callback);
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, PARENT_POLL_MS);
  timer.unref();
}

/** @param {number} pid the head of a group: asked to end, and killed when it does not in GRACE_MS */
async function stopGroup(pid) {
  killGroup(pid, 'SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  while (groupLives(pid)) {
    if (Date.now() > deadline) killGroup(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  groups.delete(pid);
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
