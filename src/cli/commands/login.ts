import { homedir } from 'node:os';
import { describeError, isCancelled, isStrataError } from '../../base/errors.ts';
import { MAX_PASSWORD_BYTES } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import { silentLogger } from '../../base/logger.ts';
import { dockerConfigSource, DockerLogins } from '../../registry/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { failureText } from '../failures.ts';
import { readAll, readLine } from '../prompt.ts';
import { readServer } from '../server.ts';
import type { Server } from '../server.ts';

const EXIT_INTERRUPTED = 130;

export const loginCommand: Command = {
  names: ['login'],
  usage: '[OPTIONS] [SERVER]',
  summary: 'login',
  flags: {
    password: { short: 'p', type: 'string', description: 'Password' },
    'password-stdin': { type: 'boolean', description: 'Take the password from stdin' },
    username: { short: 'u', type: 'string', description: 'Username' },
  },
  args: { min: 0, max: 1 },
  completes: ['registries'],
  async run(context, parsed) {
    const options: LoginOptions = {
      server: parsed.args[0] ?? '',
      username: parsed.value('username') ?? '',
      password: parsed.value('password') ?? '',
      passwordStdin: parsed.isSet('password-stdin'),
    };
    try {
      return await login(context, options);
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.message !== '') context.stderr.write(`${error.message}\n`);
        return 1;
      }
      if (!isCancelled(error) && !context.signal.aborted) throw error;
      context.stdout.write('\n');
      return EXIT_INTERRUPTED;
    }
  },
};

interface LoginOptions {
  readonly server: string;
  readonly username: string;
  readonly password: string;
  readonly passwordStdin: boolean;
}

interface Account {
  readonly username: string;
  readonly password: string;
}

/** What ends a login in Docker's own words; nothing more is said where the message is empty. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** docker/cli command/registry/login.go, runLogin */
async function login(context: CommandContext, options: LoginOptions): Promise<number> {
  const { stdout, stderr } = context;
  const given = await givenAccount(context, options);
  const server = readServer(options.server);
  const logins = new DockerLogins({ env: context.env, homedir: homedir(), logger: loggerOf(context) });
  const stored = given.username === '' && given.password === '' ? await storedAccount(context, server) : {};
  const found = stored.account === undefined ? undefined : await tryStored(context, server, stored.account);
  const account =
    found?.account ?? (await askAccount(context, server, given, await defaultName(logins, server, stored)));
  const verified = found?.verified ?? (await verify(context, server, account));
  const { identityToken } = verified;
  if (identityToken === undefined && (await logins.keepsInFile(server.key))) {
    stderr.write(
      `WARNING! Your password will be stored unencrypted in ${logins.path}.\n` +
        'Configure a credential helper to remove this warning. See\n' +
        'https://docs.docker.com/engine/reference/commandline/login/#credentials-store\n\n',
    );
  }
  try {
    await logins.store(
      server.key,
      account.username,
      identityToken === undefined ? account : { identityToken },
    );
  } catch (error) {
    throw new Refusal(`Error saving credentials: ${describeError(error)}`, { cause: error });
  }
  stdout.write('Login Succeeded\n');
  return 0;
}

async function givenAccount(
  { stdin, stderr }: CommandContext,
  { username, password, passwordStdin }: LoginOptions,
): Promise<Account> {
  if (password !== '') {
    stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    if (passwordStdin) throw new Refusal('--password and --password-stdin are mutually exclusive');
  }
  if (!passwordStdin) return { username, password };
  if (username === '') throw new Refusal('Must provide --username with --password-stdin');
  const text = await readAll(stdin, MAX_PASSWORD_BYTES);
  if (text === undefined) throw new Refusal(`Error: the password is longer than ${MAX_PASSWORD_BYTES} bytes`);
  return { username, password: text.replace(/\n$/, '').replace(/\r$/, '') };
}

interface Stored {
  readonly account?: Account;
}

/** A helper that fails is asked again when the credentials are stored: then its failure counts. */
async function storedAccount(context: CommandContext, { domain }: Server): Promise<Stored> {
  const source = dockerConfigSource({ env: context.env, homedir: homedir(), logger: loggerOf(context) });
  const credentials = await source.get(domain).catch(() => undefined);
  if (credentials === undefined || !('username' in credentials) || credentials.password === '') return {};
  return { account: credentials };
}

async function tryStored(
  context: CommandContext,
  server: Server,
  account: Account,
): Promise<{ account: Account; verified: { readonly identityToken?: string } } | undefined> {
  context.stdout.write('Authenticating with existing credentials...\n');
  try {
    return { account, verified: await context.app.verifyCredentials(server.domain, account, context.signal) };
  } catch (error) {
    if (!isStrataError(error)) throw error;
    context.stderr.write(`Login did not succeed, error: ${refusalText(context, error)}\n`);
    return undefined;
  }
}

async function defaultName(logins: DockerLogins, { key }: Server, { account }: Stored): Promise<string> {
  return account?.username ?? (await logins.username(key)) ?? '';
}

/** docker/cli command/registry.go, ConfigureAuth */
async function askAccount(
  context: CommandContext,
  { isDefault }: Server,
  given: Account,
  defaultUser: string,
): Promise<Account> {
  const { stdin, stdout } = context;
  if (given.password === '' && !stdin.isTerminal) {
    throw new Refusal('Error: Cannot perform an interactive login from a non TTY device');
  }
  let username = given.username.trim();
  if (username === '') {
    if (isDefault) {
      stdout.write(
        'Login with your Docker ID to push and pull images from Docker Hub. ' +
          "If you don't have a Docker ID, head over to https://hub.docker.com to create one.\n",
      );
    }
    stdout.write(defaultUser === '' ? 'Username: ' : `Username (${defaultUser}): `);
    username = (await ask(context, false)).trim() || defaultUser;
  }
  if (username === '') throw new Refusal('Error: Non-null Username Required');
  if (given.password !== '') return { username, password: given.password };
  stdout.write('Password: ');
  const password = await ask(context, true);
  stdout.write('\n');
  if (password === '') throw new Refusal('Error: Password Required');
  return { username, password };
}

async function ask({ stdin, stdout, signal }: CommandContext, hidden: boolean): Promise<string> {
  const answer = await readLine(stdin, { hidden, signal });
  if (answer.kind === 'line') return answer.text;
  stdout.write(answer.kind === 'end' ? 'EOF\n' : '\n');
  throw new Refusal('');
}

async function verify(
  context: CommandContext,
  { domain }: Server,
  account: Account,
): Promise<{ readonly identityToken?: string }> {
  try {
    return await context.app.verifyCredentials(domain, account, context.signal);
  } catch (error) {
    if (!isStrataError(error)) throw error;
    throw new Refusal(refusalText(context, error), { cause: error });
  }
}

/** To sign in first is no advice for who signs in. */
function refusalText({ text }: CommandContext, error: unknown): string {
  const whole = failureText(error, text);
  return isStrataError(error, 'registry-unauthorized') ? (whole.split('\n', 1)[0] ?? '') : whole;
}

function loggerOf({ stderr }: CommandContext): Logger {
  return { ...silentLogger, warn: (message) => stderr.write(`warning: ${message}\n`) };
}
