import { chmod, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cliFile, environment } from '../support/cli.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import type { DockerRegistry } from '../support/dockerRegistry.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { emptyReply } from '../support/registry/http.ts';
import { startService } from '../support/registry/service.ts';
import { run } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';
import { startTerminal } from '../support/terminal.ts';

/** `strata login` and `logout` beside docker's own: what they say, and what they leave in config.json. */

let dockerd: Dockerd;
let basic: DockerRegistry;
let open: DockerRegistry;
let tokens: TestRegistry;
let folder: TempFolder;

const USERS = { alice: 'secret' };

beforeAll(async () => {
  [dockerd, basic, open, tokens, folder] = await Promise.all([
    startDockerd(),
    startDockerRegistry({ users: USERS }),
    startDockerRegistry(),
    startRegistry(),
    tempFolder(),
  ]);
  await tokens.requireTokens({ users: USERS });
  const helper = join(folder.path, 'docker-credential-strata-test');
  // Keeps what it is given in a file beside it, and writes down what it was asked.
  await writeFile(
    helper,
    `#!/bin/sh
input=$(cat)
echo "$1 $input" >> "$HELPER_FOLDER/asked"
case $1 in
store) case $input in *letmein*) echo "the keychain is locked"; exit 1;; esac; echo "$input" > "$HELPER_FOLDER/kept";;
get) grep -q "\\"$input\\"" "$HELPER_FOLDER/kept" 2>/dev/null && cat "$HELPER_FOLDER/kept" ||
  { echo "credentials not found in native keychain"; exit 1; };;
erase) rm -f "$HELPER_FOLDER/kept";;
esac
`,
  );
  await chmod(helper, 0o755);
});
afterAll(async () => {
  await Promise.all([dockerd.close(), basic.close(), open.close(), tokens.close()]);
  await folder.remove();
});

/** The folders of DOCKER_CONFIG; nothing lies in them before a test. */
const sides = { docker: 'docker', own: 'own' } as const;
type Side = keyof typeof sides;
const configFile = (side: Side): string => join(folder.path, sides[side], 'config.json');

beforeEach(async () => {
  for (const side of ['docker', 'own'] as const) {
    await rm(join(folder.path, sides[side]), { recursive: true, force: true });
  }
});

function envOf(side: Side): Record<string, string> {
  const configFolder = join(folder.path, sides[side]);
  const extra = {
    DOCKER_CONFIG: configFolder,
    HELPER_FOLDER: configFolder,
    PATH: `${folder.path}:${process.env.PATH ?? ''}`,
  };
  const own = environment({ root: join(folder.path, 'store') });
  return side === 'docker' ? { ...dockerd.env, ...extra } : { ...own, ...extra };
}

const hosts = (text: string): string =>
  text.replaceAll('BASIC', basic.host).replaceAll('OPEN', open.host).replaceAll('TOKENS', tokens.host);

const both = async (line: string, input = ''): Promise<Record<Side, RunResult>> => {
  const words = hosts(line).split(' ');
  const [docker, own] = await Promise.all([
    run(REAL_PARTS.docker.path, words, { env: envOf('docker'), input }),
    run(process.execPath, [cliFile(), ...words], { env: envOf('own'), input }),
  ]);
  return { docker, own };
};

/** Each gets an identity token of its own, and has its file in a folder of its own. */
const settled = (text: string): string =>
  text
    .replaceAll(/refresh-[0-9a-f]{24}/g, 'refresh-TOKEN')
    .replaceAll(/\/(?:docker|own)\/config\.json/g, '/config.json')
    .replaceAll(/\bdocker (?=login|logout)/g, 'strata ');

async function config(side: Side): Promise<string> {
  const text = await readFile(configFile(side), 'utf8').catch(() => '');
  // Docker writes a file when there was nothing to remove, too.
  return settled(text === '{\n\t"auths": {}\n}' ? '' : text);
}

async function same(line: string, input?: string): Promise<void> {
  const { docker, own } = await both(line, input);
  const shown = ({ code, stdout, stderr }: RunResult): unknown => ({
    code,
    stdout: settled(stdout),
    stderr: settled(stderr)
      .replace(/\nHint: .*\n$/, '\n')
      .replace(/Log (in to|out from) a Docker registry/, 'Sign $1')
      .replace(
        /Sign (in to|out of) a registry/,
        (_, how: string) => `Sign ${how.replace('out of', 'out from')}`,
      ),
  });
  expect(shown(own)).toEqual(shown(docker));
  expect(await config('own')).toBe(await config('docker'));
}

/** Gives both the same file. */
async function configure(document: unknown): Promise<void> {
  for (const side of ['docker', 'own'] as const) {
    await mkdir(join(folder.path, sides[side]), { recursive: true });
    await writeFile(configFile(side), JSON.stringify(document, undefined, '\t'));
  }
}

const auth = (user: string, password: string): { readonly auth: string } => ({
  auth: Buffer.from(`${user}:${password}`).toString('base64'),
});

describe('login and logout beside docker', () => {
  it.each(['BASIC', 'TOKENS', 'OPEN'])('%s: in, in again, wrong, out, out again', async (host) => {
    await same(`login -u alice -p secret ${host}`);
    await same(`login ${host}`);
    await same(`login -u alice -p wrong ${host}`);
    await same(`login -u alice --password-stdin ${host}`, 'secret\n');
    await same(`logout ${host}`);
    await same(`logout ${host}`);
  });

  it.each([
    ['secret', 'a password without an end of line'],
    ['secret\r\n', 'one of Windows'],
    ['secret\n\n', 'one with an empty line behind it'],
    ['', 'none'],
  ])('takes %j from standard input: %s', async (input) => {
    await same('login -u alice --password-stdin BASIC', input);
  });

  it.each([
    'login BASIC',
    'login -u alice BASIC',
    'login -p secret BASIC',
    'login --username= --password=secret BASIC',
    'login -u alice --password= BASIC',
    'login --password-stdin BASIC',
    'login -u alice -p x --password-stdin BASIC',
    'login a b',
    'logout a b',
    'login -x',
    'logout -x',
    'logout',
    'logout docker.io',
    'logout https://example.com/some/where',
    'login -u al:ice -p x OPEN',
    'login -u alice -p secret http://BASIC',
    'login -u alice -p secret http://BASIC/v2/',
  ])('%s', async (line) => await same(line));

  it('takes a user name from standard input where a password was given', async () => {
    await same('login -p secret BASIC', 'alice\n');
  });

  it.each([404, 403, 410])('says that a server answers %i', async (status) => {
    const server = await startService(() => Promise.resolve(emptyReply(status)));
    try {
      await same(`login -u a -p b ${server.host}`);
    } finally {
      await server.close();
    }
  });

  it('keeps what else is in the file, and the place of other servers', async () => {
    await configure({
      auths: { 'a.example': auth('x', 'y'), 'z.example': { ...auth('x', 'y'), email: 'me@z.example' } },
      HttpHeaders: { 'X-Mine': '1' },
      psFormat: 'table',
      detachKeys: 'ctrl-q',
      experimental: 'enabled',
    });
    await same('login -u alice -p secret BASIC');
    await same('logout z.example');
    await same('logout BASIC');
  });

  it('uses what a file of older times says, and says when it is wrong', async () => {
    await configure({ auths: { [`http://${basic.host}/v1/`]: auth('alice', 'secret') } });
    const { docker, own } = await both('login BASIC');
    expect([own.code, own.stdout, settled(own.stderr)]).toEqual([
      docker.code,
      docker.stdout,
      settled(docker.stderr),
    ]);
    await configure({ auths: { [basic.host]: auth('alice', 'wrong') } });
    await same('login BASIC');
    await configure({ auths: { [tokens.host]: auth('alice', 'wrong') } });
    await same('login TOKENS');
  });

  it('leaves credentials to a helper', async () => {
    await configure({ auths: {}, credsStore: 'strata-test' });
    for (const host of ['BASIC', 'TOKENS']) {
      await same(`login -u alice -p secret ${host}`);
      await same(`login ${host}`);
    }
    // What is stored, in both the same; how often it is looked up is each one's own affair.
    const stored = async (side: Side): Promise<unknown[]> => {
      const lines = (await readFile(join(folder.path, sides[side], 'asked'), 'utf8')).trim().split('\n');
      const inputs = lines.flatMap((line) => (line.startsWith('store ') ? [settled(line.slice(6))] : []));
      return inputs.map((input): unknown => JSON.parse(input));
    };
    const expected = await stored('docker');
    expect(expected.length).toBeGreaterThan(2);
    expect(await stored('own')).toEqual(expected);
    await same('logout TOKENS');
    for (const side of ['docker', 'own'] as const) {
      await expect(stat(join(folder.path, sides[side], 'kept'))).rejects.toThrow(/ENOENT/);
    }
  });

  it('asks the helper that a server has for itself', async () => {
    await configure({ auths: {}, credHelpers: { [basic.host]: 'strata-test' } });
    await same('login -u alice -p secret BASIC');
    await same('login -u alice -p secret OPEN');
    await same('logout BASIC');
  });

  it('fails when the helper does, and when there is none', async () => {
    await configure({ auths: {}, credsStore: 'strata-test' });
    const locked = await both('login -u alice -p letmein OPEN');
    expect(locked.own.stderr).toContain('Error saving credentials: ');
    expect(locked.own.stderr).toContain('the keychain is locked');
    expect(locked.own.stderr).not.toContain('letmein');
    expect(locked.own).toMatchObject({ code: locked.docker.code, stdout: locked.docker.stdout });
    await configure({ credsStore: 'not-there' });
    const missing = await both('login -u alice -p secret OPEN');
    expect(missing.own.stderr).toContain('Error saving credentials: credential helper not-there failed');
    expect(missing.own).toMatchObject({ code: missing.docker.code, stdout: missing.docker.stdout });
  });

  it('is read by docker, and reads what docker wrote', async () => {
    const words = (command: string): string[] => [...command.split(' '), basic.host];
    await run(process.execPath, [cliFile(), ...words('login -u alice -p secret')], { env: envOf('own') });
    const docker = await run(REAL_PARTS.docker.path, words('login'), {
      env: { ...envOf('docker'), DOCKER_CONFIG: join(folder.path, 'own') },
    });
    expect(docker.stdout).toBe('Authenticating with existing credentials...\nLogin Succeeded\n');
  });
});

describe('the file', () => {
  const login = async (): Promise<RunResult> =>
    await run(process.execPath, [cliFile(), ...hosts('login -u alice -p secret BASIC').split(' ')], {
      env: envOf('own'),
    });

  it('is for its owner alone', async () => {
    await login();
    expect((await stat(configFile('own'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, 'own'))).mode & 0o777).toBe(0o700);
    await chmod(configFile('own'), 0o644);
    await login();
    expect((await stat(configFile('own'))).mode & 0o777).toBe(0o600);
  });

  it('may be a link to another, relative too, and stays one', async () => {
    await mkdir(join(folder.path, 'own'));
    await symlink('../linked.json', configFile('own'));
    await login();
    expect((await lstat(configFile('own'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder.path, 'linked.json'), 'utf8')).toContain(basic.host);
  });

  it('is left alone when it cannot be read', async () => {
    await mkdir(join(folder.path, 'own'));
    await writeFile(configFile('own'), '{"auths": {"a": "secret-password"');
    const { code, stderr } = await login();
    expect(code).toBe(1);
    expect(stderr).toContain('it is no JSON');
    expect(stderr).not.toContain('secret-password');
    expect(await readFile(configFile('own'), 'utf8')).toBe('{"auths": {"a": "secret-password"');
  });

  it('holds nothing new after a refusal, and no output holds the password', async () => {
    const words = hosts('login -u alice -p wr0ng-passw0rd TOKENS').split(' ');
    const env = { ...envOf('own'), STRATA_DEBUG: '1' };
    const { stdout, stderr } = await run(process.execPath, [cliFile(), ...words], { env });
    expect(stdout + stderr).not.toContain('wr0ng-passw0rd');
    expect(stdout + stderr).not.toContain(Buffer.from('alice:wr0ng-passw0rd').toString('base64'));
    await expect(stat(configFile('own'))).rejects.toThrow(/ENOENT/);
  });
});

describe('at a terminal', () => {
  /** What stays on the screen once a person has typed these lines, the second of them unseen. */
  async function talk(
    side: Side,
    args: string,
    lines: readonly (readonly [prompt: string, typed: string])[],
  ) {
    const program = side === 'docker' ? REAL_PARTS.docker.path : `${process.execPath} ${cliFile()}`;
    const terminal = startTerminal(`${program} ${hosts(args)}`, envOf(side));
    for (const [prompt, typed] of lines) {
      await terminal.shows(prompt);
      if (prompt === 'Password: ') await terminal.echoOff();
      terminal.type(typed);
    }
    const { output, code } = await terminal.ended;
    return { output: settled(output), code };
  }

  const sameTalk = async (args: string, ...lines: (readonly [string, string])[]): Promise<void> => {
    const docker = await talk('docker', args, lines);
    const own = await talk('own', args, lines);
    expect(own).toEqual(docker);
    expect(own.output).not.toContain('secret');
    expect(await config('own')).toBe(await config('docker'));
  };

  it('asks for the name and, unseen, for the password', async () => {
    await sameTalk('login BASIC', ['Username: ', 'alice\r'], ['Password: ', 'secret\r']);
    await sameTalk('login BASIC');
    await sameTalk('login -u alice BASIC', ['Password: ', 'secret\r']);
  });

  it('offers the name that it knows', async () => {
    await configure({ auths: { [basic.host]: auth('alice', 'wrong') } });
    await sameTalk('login BASIC', ['Username (alice): ', '\r'], ['Password: ', 'secret\r']);
    await sameTalk('logout BASIC');
    await sameTalk('login TOKENS', ['Username: ', 'alice\r'], ['Password: ', 'secret\r']);
    await sameTalk('login TOKENS', ['Username (alice): ', '\r'], ['Password: ', 'wrong\r']);
  });

  it.each([
    ['no name', [['Username: ', '\r']]],
    [
      'no password',
      [
        ['Username: ', 'alice\r'],
        ['Password: ', '\r'],
      ],
    ],
    ['the end of input for a name', [['Username: ', '\u0004']]],
    [
      'the end of input for a password',
      [
        ['Username: ', 'alice\r'],
        ['Password: ', '\u0004'],
      ],
    ],
    [
      'Ctrl-C for a password',
      [
        ['Username: ', 'alice\r'],
        ['Password: ', '\u0003'],
      ],
    ],
  ] as const)('takes %s for a refusal', async (_, lines) => {
    await sameTalk('login BASIC', ...lines);
  });

  it('lets one correct a password while one types', async () => {
    const typed = 'wrong\u0015sexx\u007f\u007fcret\r';
    expect(await talk('own', 'login -u alice BASIC', [['Password: ', typed]])).toMatchObject({ code: 0 });
  });
});
