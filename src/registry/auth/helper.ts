import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { describeError, StrataError, systemCode } from '../../base/errors.ts';
import { CREDENTIAL_HELPER_TIMEOUT_MS, MAX_SMALL_RESPONSE_BYTES } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import { redactText } from '../../transport/index.ts';
import { isObject } from '../failures.ts';
import type { Credentials } from './credentials.ts';

export interface HelperOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Milliseconds; tests shorten it. */
  readonly timeoutMs?: number;
  readonly platform?: NodeJS.Platform;
}

/** What helpers print for a server that they do not know (docker-credential-helpers, credentials/error.go). */
const NOT_FOUND = 'credentials not found in native keychain';
/** The user name under which a helper keeps an identity token. */
const TOKEN_USER = '<token>';
const NOT_INSTALLED = 'it is not installed';

/**
 * Asks `docker-credential-NAME get` for a server, which is written to its stdin. Undefined when it knows none, or is not installed.
 * @throws StrataError `credentials-helper-failed`
 */
export async function askHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<Credentials | undefined> {
  const answer = await runHelper(name, 'get', server, options);
  if (answer === undefined) {
    options.logger.warn(`credential helper docker-credential-${name} is not installed`);
    return undefined;
  }
  if (answer.exitCode !== 0) {
    if (isNotFound(answer)) return undefined;
    throw failed(name, complaint(answer));
  }
  return readAnswer(name, answer.stdout);
}

/** Lets `docker-credential-NAME store` keep credentials for a server. @throws StrataError `credentials-helper-failed` */
export async function storeInHelper(
  name: string,
  server: string,
  credentials: Credentials,
  options: HelperOptions,
): Promise<void> {
  const isToken = 'identityToken' in credentials;
  const secret = isToken ? credentials.identityToken : credentials.password;
  const username = isToken ? TOKEN_USER : credentials.username;
  const input = JSON.stringify({ ServerURL: server, Username: username, Secret: secret });
  const answer = await runHelper(name, 'store', input, options);
  if (answer === undefined) throw failed(name, NOT_INSTALLED);
  // A helper that complains of what it was given may quote it.
  if (answer.exitCode !== 0) throw failed(name, complaint(answer, secret));
}

/** Lets `docker-credential-NAME erase` forget a server. What it does not know it has forgotten. @throws as `storeInHelper` */
export async function eraseInHelper(name: string, server: string, options: HelperOptions): Promise<void> {
  const answer = await runHelper(name, 'erase', server, options);
  if (answer === undefined) throw failed(name, NOT_INSTALLED);
  if (answer.exitCode !== 0 && !isNotFound(answer)) throw failed(name, complaint(answer));
}

/** Undefined when it is not installed. */
async function runHelper(
  name: string,
  action: Action,
  input: string,
  options: HelperOptions,
): Promise<Answer | undefined> {
  // The name comes from a file and becomes a program's: no path may hide in it.
  if (!/^[\w.-]{1,64}$/.test(name)) throw failed(name, 'its name is none that a helper can have');
  const command = await findCommand(`docker-credential-${name}`, action, options);
  return command && (await run(command, input, name, options));
}

function isNotFound({ stdout, stderr }: Answer): boolean {
  return stdout.includes(NOT_FOUND) || stderr.includes(NOT_FOUND);
}

type Action = 'get' | 'store' | 'erase';

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly verbatim: boolean;
}

/**
 * On Windows the full path is looked up here: otherwise a program of that name in the working folder would run before the one
 * on the PATH, and batch files would not run at all.
 */
async function findCommand(
  program: string,
  action: Action,
  options: HelperOptions,
): Promise<Command | undefined> {
  if ((options.platform ?? process.platform) !== 'win32') {
    return { file: program, args: [action], verbatim: false };
  }
  const path = options.env['PATH'] ?? options.env['Path'] ?? '';
  for (const folder of path.split(delimiter).filter((part) => isAbsolute(part))) {
    for (const extension of ['.exe', '.cmd', '.bat']) {
      const file = join(folder, program + extension);
      if (!(await exists(file))) continue;
      if (extension === '.exe') return { file, args: [action], verbatim: false };
      return {
        file: options.env['ComSpec'] ?? 'cmd.exe',
        args: ['/d', '/s', '/c', `""${file}" ${action}"`],
        verbatim: true,
      };
    }
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Undefined when there is no such program. */
function run(
  command: Command,
  input: string,
  name: string,
  options: HelperOptions,
): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args], {
      env: { ...options.env },
      stdio: 'pipe',
      windowsHide: true,
      windowsVerbatimArguments: command.verbatim,
    });
    const stop = (detail: string): void => {
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open after the helper is gone.
      child.stdout.destroy();
      child.stderr.destroy();
      reject(failed(name, detail));
    };
    const limitMs = options.timeoutMs ?? CREDENTIAL_HELPER_TIMEOUT_MS;
    const timer = setTimeout(() => stop(`it said nothing for ${limitMs / 1000} s`), limitMs);
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
        if (output[stream].length > MAX_SMALL_RESPONSE_BYTES) stop('it says too much');
      });
    }
    child.on('error', (error) => {
      clearTimeout(timer);
      if (systemCode(error) === 'ENOENT') resolve(undefined);
      else reject(failed(name, describeError(error)));
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, ...output });
    });
    // A helper may end without reading.
    child.stdin.on('error', () => undefined).end(input);
  });
}

function readAnswer(name: string, stdout: string): Credentials | undefined {
  let document: unknown;
  try {
    document = JSON.parse(stdout);
  } catch {
    // Not quoted: it may hold the secret.
    throw failed(name, 'its answer is no JSON');
  }
  const username = isObject(document) ? document['Username'] : undefined;
  const secret = isObject(document) ? document['Secret'] : undefined;
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw failed(name, 'its answer holds no user name and secret');
  }
  if (secret === '') return undefined;
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}

/** One line of what it complained of; stdout only if it cannot be an answer. */
function complaint(answer: Answer, secret = ''): string {
  const stdout = answer.stdout.trim().startsWith('{') ? '' : answer.stdout;
  const said = stdout.trim() === '' ? answer.stderr : stdout;
  const text = redactText(secret === '' ? said : said.replaceAll(secret, '***'));
  return text === '' ? `it ended with status ${answer.exitCode ?? 'unknown'}` : text;
}

function failed(name: string, detail: string): StrataError {
  return new StrataError('credentials-helper-failed', { helper: redactText(name), detail });
}
