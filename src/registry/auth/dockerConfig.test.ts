import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import type { CredentialSource } from './credentials.ts';
import { chainSources } from './credentials.ts';
import { dockerConfigSource } from './dockerConfig.ts';
import { askHelper } from './helper.ts';

const encode = (pair: string): string => Buffer.from(pair).toString('base64');

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-credentials-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A real helper on a PATH of its own. `script` is shell; `$server` holds what came by stdin. */
async function installHelper(folder: string, name: string, script: string): Promise<void> {
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\nread -r server\necho "$1 $server" >>'${folder}/asked'\n${script}\n`);
  await chmod(path, 0o755);
}

async function source(
  config: unknown,
  helpers: Record<string, string> = {},
): Promise<{ credentials: CredentialSource; warnings: string[]; folder: string }> {
  const folder = await tempFolder();
  await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  for (const [name, script] of Object.entries(helpers)) await installHelper(folder, name, script);
  const warnings: string[] = [];
  const credentials = dockerConfigSource({
    env: { DOCKER_CONFIG: folder, PATH: [folder, process.env['PATH']].join(delimiter) },
    homedir: '/nonexistent',
    logger: { ...silentLogger, warn: (line) => void warnings.push(line) },
  });
  return { credentials, warnings, folder };
}

describe('auths of config.json', () => {
  it('are found by host, by URL, and under Docker Hub’s old name', async () => {
    const { credentials } = await source({
      auths: {
        'https://index.docker.io/v1/': { auth: encode('hub:pa:ss') },
        'https://ghcr.io': { auth: encode('gh:token\0\0') },
        'reg.test:5000': { username: 'u', password: 'p' },
        'https://id.test/v2/': { identitytoken: 'idt', auth: encode('x:y') },
      },
    });
    expect(await credentials.get('docker.io')).toEqual({ username: 'hub', password: 'pa:ss' });
    expect(await credentials.get('registry-1.docker.io')).toEqual({ username: 'hub', password: 'pa:ss' });
    expect(await credentials.get('ghcr.io')).toEqual({ username: 'gh', password: 'token' });
    expect(await credentials.get('REG.test:5000')).toEqual({ username: 'u', password: 'p' });
    expect(await credentials.get('id.test')).toEqual({ identityToken: 'idt' });
    expect(await credentials.get('reg.test')).toBeUndefined();
  });

  it('of one namespace are not for the whole host, and the exact key comes first', async () => {
    const { credentials } = await source({
      auths: {
        'quay.io/team': { auth: encode('team:x') },
        'https://a.test': { auth: encode('second:x') },
        'a.test': { auth: encode('first:x') },
      },
    });
    expect(await credentials.get('quay.io')).toBeUndefined();
    expect(await credentials.get('a.test')).toEqual({ username: 'first', password: 'x' });
  });

  it.each<unknown>([
    { auths: { 'r.test': { auth: encode('nocolon') } } },
    { auths: { 'r.test': { auth: 7 } } },
    { auths: { 'r.test': null } },
    { auths: ['r.test'] },
    { auths: { 'r.test': {} } },
  ])('that cannot be read are none: %j', async (config) => {
    const { credentials } = await source(config);
    expect(await credentials.get('r.test')).toBeUndefined();
  });

  it('of a damaged or oversized file are none, and the log does not quote it', async () => {
    for (const text of ['{"auths": {"r.test": {"auth": "SECRET"}', '[]', ' '.repeat(1024 * 1024 + 1)]) {
      const { credentials, warnings } = await source(text);
      expect(await credentials.get('r.test')).toBeUndefined();
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).not.toContain('SECRET');
    }
  });

  it('of a missing file are none, without a word', async () => {
    const { credentials, warnings, folder } = await source({});
    await rm(join(folder, 'config.json'));
    expect(await credentials.get('r.test')).toBeUndefined();
    expect(warnings).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('credential helpers', () => {
  const answer = (username: string, secret: string): string =>
    `echo '${JSON.stringify({ ServerURL: 'x', Username: username, Secret: secret })}'`;

  it('of the host come before the common one, and that before the file', async () => {
    const { credentials } = await source(
      {
        credHelpers: { 'own.test': 'own' },
        credsStore: 'common',
        auths: { 'own.test': { auth: encode('file:x') }, 'other.test': { auth: encode('file:x') } },
      },
      { own: answer('own', 'a'), common: answer('common', 'b') },
    );
    expect(await credentials.get('own.test')).toEqual({ username: 'own', password: 'a' });
    expect(await credentials.get('other.test')).toEqual({ username: 'common', password: 'b' });
  });

  it('are asked by get with the server on stdin, Docker Hub by its old address; <token> is an identity token', async () => {
    const { credentials, folder } = await source({ credsStore: 'x' }, { x: answer('<token>', 'idt') });
    expect(await credentials.get('docker.io')).toEqual({ identityToken: 'idt' });
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('get https://index.docker.io/v1/\n');
  });

  it('that know no credentials leave the file to answer', async () => {
    const { credentials } = await source(
      { credsStore: 'x', auths: { 'r.test': { auth: encode('file:x') } } },
      { x: 'echo "credentials not found in native keychain"; exit 1' },
    );
    expect(await credentials.get('r.test')).toEqual({ username: 'file', password: 'x' });
    expect(await credentials.get('other.test')).toBeUndefined();
  });

  it('that are not installed are none, with a warning', async () => {
    const { credentials, warnings } = await source({ credsStore: 'absent' });
    expect(await credentials.get('r.test')).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('docker-credential-absent is not installed')]);
  });

  it.each([
    ['complain', 'echo "keychain is locked" >&2; exit 1', 'keychain is locked'],
    ['fail silently', 'exit 3', 'it ended with status 3'],
    ['answer nonsense', 'echo "pass=SECRET"', 'its answer is no JSON'],
    ['answer too little', 'echo "{}"', 'its answer holds no user name and secret'],
    ['fail with an answer', `${answer('u', 'SECRET')}; exit 1`, 'it ended with status 1'],
  ])('that %s are an error that tells no secret', async (_, script, detail) => {
    const { credentials } = await source({ credsStore: 'bad' }, { bad: script });
    await expect(credentials.get('r.test')).rejects.toMatchObject({
      code: 'credentials-helper-failed',
      params: { helper: 'bad', detail },
    });
  });

  it('whose name holds a path are not run', async () => {
    const { credentials } = await source({ credsStore: '../evil' });
    await expect(credentials.get('r.test')).rejects.toMatchObject({ code: 'credentials-helper-failed' });
  });

  it('that hang are ended', async () => {
    const folder = await tempFolder();
    await installHelper(folder, 'slow', 'exec sleep 30');
    const started = performance.now();
    await expect(
      askHelper('slow', 'r.test', {
        env: { PATH: [folder, process.env['PATH']].join(delimiter) },
        logger: silentLogger,
        timeoutMs: 200,
      }),
    ).rejects.toMatchObject({ code: 'credentials-helper-failed' });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('chainSources', () => {
  it('asks in order until one knows', async () => {
    const asked: string[] = [];
    const fake = (name: string, known: boolean): CredentialSource => ({
      get: () => {
        asked.push(name);
        return Promise.resolve(known ? { username: name, password: '' } : undefined);
      },
    });
    const chain = chainSources([fake('a', false), fake('b', true), fake('c', true)]);
    expect(await chain.get('r.test')).toEqual({ username: 'b', password: '' });
    expect(asked).toEqual(['a', 'b']);
  });
});
