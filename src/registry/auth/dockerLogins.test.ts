import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { dockerConfigSource, HUB_KEY } from './dockerConfig.ts';
import { DockerLogins } from './dockerLogins.ts';

let folder: string;
let logins: DockerLogins;

const ACCOUNT = { username: 'ann', password: 'p:ä ss' };
const ENTRY = { auth: Buffer.from('ann:p:ä ss').toString('base64') };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-logins-'));
  logins = new DockerLogins(options());
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const options = () => ({ env: { DOCKER_CONFIG: folder, PATH: folder }, homedir: '/', logger: silentLogger });
const write = async (document: unknown): Promise<void> => {
  await writeFile(
    join(folder, 'config.json'),
    typeof document === 'string' ? document : JSON.stringify(document),
  );
};
const read = async (): Promise<string> => await readFile(join(folder, 'config.json'), 'utf8');

describe('what is stored', () => {
  it('is found again by the source that pulls ask', async () => {
    await logins.store('localhost:5000', 'ann', ACCOUNT);
    await logins.store(HUB_KEY, 'ann', { identityToken: 't0ken' });
    const source = dockerConfigSource(options());
    expect(await source.get('localhost:5000')).toEqual(ACCOUNT);
    expect(await source.get('docker.io')).toEqual({ identityToken: 't0ken' });
    expect(await logins.username(HUB_KEY)).toBe('ann');
    expect(await logins.username('other')).toBeUndefined();
  });

  it('comes to its place, as Docker writes it, and all else stays in its order', async () => {
    await write({
      zebra: [1, { b: 2, a: 1 }],
      auths: { b: ENTRY, d: { email: 'me', auth: 'old' } },
      credHelpers: {},
      apple: null,
    });
    await logins.store('c', 'ann', ACCOUNT);
    await logins.store('d', 'ann', ACCOUNT);
    const expected = {
      zebra: [1, { b: 2, a: 1 }],
      auths: { b: ENTRY, c: ENTRY, d: { ...ENTRY, email: 'me' } },
      credHelpers: {},
      apple: null,
    };
    expect(await read()).toBe(JSON.stringify(expected, undefined, '\t'));
  });

  it.each(['__proto__', 'constructor', 'toString'])('may have the name %s', async (server) => {
    await logins.store(server, 'ann', ACCOUNT);
    expect(JSON.parse(await read())).toEqual(
      JSON.parse(`{"auths":{${JSON.stringify(server)}:${JSON.stringify(ENTRY)}}}`),
    );
    await logins.erase(server);
    expect(JSON.parse(await read())).toEqual({ auths: {} });
  });
});

describe('what is erased', () => {
  it('is every name of the server, and nothing else', async () => {
    await write({
      auths: {
        'h.example': {},
        'https://h.example/v1/': {},
        'http://h.example': {},
        'h.example/team': {},
        'other.h.example': {},
      },
    });
    await logins.erase('h.example');
    expect(JSON.parse(await read())).toEqual({ auths: { 'h.example/team': {}, 'other.h.example': {} } });
  });

  it('is Docker Hub under all its names', async () => {
    await write({ auths: { [HUB_KEY]: {}, 'docker.io': {}, 'registry-1.docker.io': {}, other: {} } });
    await logins.erase(HUB_KEY);
    expect(JSON.parse(await read())).toEqual({ auths: { other: {} } });
  });

  it('leaves no file where there was none', async () => {
    await logins.erase('h.example');
    await expect(stat(join(folder, 'config.json'))).rejects.toThrow(/ENOENT/);
  });
});

it.each(['{"auths": {"a": {"auth": "c2VjcmV0', '[]', '"x"', `{"x":"${'x'.repeat(2 ** 20)}"}`])(
  'a file that cannot be read is left alone (%#)',
  async (text) => {
    await write(text);
    const failure = { code: 'config-invalid' };
    await expect(logins.store('h', 'ann', ACCOUNT)).rejects.toMatchObject(failure);
    await expect(logins.erase('h')).rejects.toMatchObject(failure);
    await expect(logins.keepsInFile('h')).rejects.not.toThrow(/c2VjcmV0/);
    expect(await read()).toBe(text);
  },
);

it('an empty file holds nothing', async () => {
  await write('');
  await logins.store('h', 'ann', ACCOUNT);
  expect(JSON.parse(await read())).toEqual({ auths: { h: ENTRY } });
});
