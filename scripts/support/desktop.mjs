import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { writeUserSettings } from './codeServer.mjs';
import { runOrThrow, startProcess } from './processes.mjs';

const isWindows = process.platform === 'win32';
const POLL_MS = 100;
const GRACE_MS = 10_000;

/**
 * The `code` command of a VS Code on this machine, if it can open windows of its own: in the terminal of a remote
 * window, `code` speaks to that window and knows no user data folder.
 * @returns {string | undefined}
 */
export function findCode() {
  if (process.env.VSCODE_IPC_HOOK_CLI) return undefined;
  const name = isWindows ? 'code.cmd' : 'code';
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * Opens a folder in a VS Code with its own settings and extensions, Strata among them.
 * @param {{ code: string, home: string, vsix: string, workspace: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ closed: Promise<number>, stop: () => Promise<void> }>} closed: when the person closes it
 */
export async function openCode({ code, home, vsix, workspace, env }) {
  const userData = join(home, 'desktop');
  await writeUserSettings(userData);
  const common = ['--user-data-dir', userData, '--extensions-dir', join(home, 'desktop-extensions')];
  const [command, ...prefix] = isWindows ? ['cmd.exe', '/d', '/c', code] : [code];
  if (command === undefined) throw new Error('no command');
  const environment = { ...process.env, ...env };
  await runOrThrow(command, [...prefix, ...common, '--install-extension', vsix, '--force'], {
    env: environment,
  });
  // Chromium's sandbox refuses root.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const started = Date.now();
  const window = startProcess(command, [...prefix, ...common, ...root, '--wait', '--new-window', workspace], {
    env: environment,
  });
  return {
    closed: window.exited,
    stop: async () => {
      await endInstance(userData, started);
      await window.stop();
    },
  };
}

/**
 * `code` starts VS Code apart from itself; the instance of a user data folder names its process in code.lock there.
 * An older lock is not ours: its process may be another program by now.
 * @param {string} userData @param {number} since ms
 */
async function endInstance(userData, since) {
  const lock = join(userData, 'code.lock');
  if (!existsSync(lock) || statSync(lock).mtimeMs < since) return;
  const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
  if (!(pid > 1)) return;
  const deadline = Date.now() + GRACE_MS;
  try {
    process.kill(pid, 'SIGTERM');
    while (Date.now() < deadline) {
      process.kill(pid, 0);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Opens an address in the default browser where there is a screen; that it fails is no failure. @param {string} url */
export function openBrowser(url) {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const openers = { win32: ['cmd.exe', '/d', '/c', 'start', '', url], darwin: ['open', url] };
  const [command, ...args] =
    process.platform === 'win32' || process.platform === 'darwin'
      ? openers[process.platform]
      : ['xdg-open', url];
  if (command === undefined) return;
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}
