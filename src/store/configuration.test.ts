import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configurationFile, configurationToEnvironment, loadConfiguration } from './configuration.ts';
import type { Configuration } from './configuration.ts';

let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-config-'));
  env = { STRATA_CONFIG: folder };
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

const write = (text: unknown): Promise<void> =>
  writeFile(join(folder, 'config.json'), typeof text === 'string' ? text : JSON.stringify(text));

describe('loadConfiguration', () => {
  it('has defaults where nothing is said', async () => {
    expect(await loadConfiguration({ env })).toEqual({
      storePath: envPaths('strata', { suffix: '' }).data,
      mirrors: {},
      insecureHosts: [],
      caFiles: [],
      concurrentDownloads: 3,
    });
    expect(configurationFile({})).toBe(join(envPaths('strata', { suffix: '' }).config, 'config.json'));
    expect(configurationFile({ STRATA_CONFIG: join(folder, 'x.json') })).toBe(join(folder, 'x.json'));
  });

  it('reads the file, with paths from its folder and from home', async () => {
    await write({
      storePath: 'images',
      mirrors: { 'docker.io': ['https://mirror.test', 'second.test:5000'] },
      insecureHosts: ['nas.lan:5000'],
      caFiles: ['~/ca.pem', '/etc/ca.pem', 'own.pem'],
      concurrentDownloads: 5,
      proxy: { https: 'http://proxy:3128', noProxy: '', http: '' },
      strictTls: false,
      somethingNewer: true,
    });
    expect(await loadConfiguration({ env })).toEqual({
      storePath: join(folder, 'images'),
      mirrors: { 'docker.io': ['https://mirror.test', 'second.test:5000'] },
      insecureHosts: ['nas.lan:5000'],
      caFiles: [join(homedir(), 'ca.pem'), resolve('/etc/ca.pem'), join(folder, 'own.pem')],
      concurrentDownloads: 5,
      proxy: { https: 'http://proxy:3128' },
      strictTls: false,
    });
  });

  it('lets the environment win over the file, and the settings over both', async () => {
    await write({ storePath: 'a', concurrentDownloads: 1, insecureHosts: ['file'] });
    const more = { ...env, STRATA_ROOT: 'b', STRATA_CONCURRENT_DOWNLOADS: '2', STRATA_MIRRORS: ' ' };
    expect(await loadConfiguration({ env: more })).toMatchObject({
      storePath: resolve('b'),
      concurrentDownloads: 2,
      insecureHosts: ['file'],
      mirrors: {},
    });
    const settings = { storePath: '~/c', concurrentDownloads: undefined, caFiles: '', insecureHosts: [] };
    expect(await loadConfiguration({ env: more, settings })).toMatchObject({
      storePath: join(homedir(), 'c'),
      concurrentDownloads: 2,
      insecureHosts: [],
    });
  });

  it('takes the usual proxy variables where Strata has none of its own', async () => {
    const usual = { ...env, HTTPS_PROXY: 'http://usual:1' };
    expect((await loadConfiguration({ env: usual })).proxy).toEqual({ https: 'http://usual:1' });
    await write({ proxy: { https: 'http://file:1' } });
    expect((await loadConfiguration({ env: usual })).proxy).toEqual({ https: 'http://file:1' });
  });

  it.each([
    ['{"storePath":', 'it is not JSON'],
    ['[]', 'it is not a JSON object'],
    ['{"storePath":7}', '"storePath" must be a text'],
    ['{"mirrors":{"docker.io":"one"}}', '"mirrors" must have a list of mirrors for docker.io'],
    ['{"insecureHosts":[""]}', '"insecureHosts" must be a text that is not empty'],
    ['{"caFiles":"x"}', '"caFiles" must be a list of texts'],
    ['{"concurrentDownloads":0}', '"concurrentDownloads" must be a whole number from 1 to 16'],
    ['{"concurrentDownloads":"3"}', '"concurrentDownloads" must be'],
    ['{"proxy":{"http":1}}', '"proxy" must have a text for http'],
    ['{"strictTls":"no"}', '"strictTls" must be true or false'],
  ])('refuses %s by file and key', async (text, detail) => {
    await write(text);
    const path = join(folder, 'config.json');
    await expect(loadConfiguration({ env })).rejects.toMatchObject({
      code: 'config-invalid',
      params: { path },
    });
    await expect(loadConfiguration({ env })).rejects.toThrow(detail);
  });

  it.each([
    ['STRATA_MIRRORS', '{', 'must be JSON'],
    ['STRATA_PROXY', '[]', 'must be an object'],
    ['STRATA_CONCURRENT_DOWNLOADS', 'many', 'must be a whole number'],
    ['STRATA_STRICT_TLS', '7', 'must be true or false'],
  ])('refuses %s=%s by its name', async (variable, text, detail) => {
    const loading = loadConfiguration({ env: { ...env, [variable]: text } });
    await expect(loading).rejects.toMatchObject({ code: 'config-invalid', params: { path: variable } });
    await expect(loading).rejects.toThrow(detail);
  });

  it('names the settings, and a file that cannot be read', async () => {
    await expect(loadConfiguration({ env, settings: { storePath: 1 } })).rejects.toThrow('the settings');
    await mkdir(join(folder, 'config.json'));
    await expect(loadConfiguration({ env })).rejects.toMatchObject({ code: 'config-invalid' });
  });
});

describe('configurationToEnvironment', () => {
  it('prints what loadConfiguration reads back, and only what is given', async () => {
    const values: Configuration = {
      storePath: join(folder, 'store'),
      mirrors: { 'docker.io': ['https://m.test/a,b'] },
      insecureHosts: ['[::1]:5000', '10.0.0.0/8'],
      caFiles: [join(folder, 'a.pem'), join(folder, 'b c.pem')],
      concurrentDownloads: 4,
      proxy: { http: 'http://p:1' },
      strictTls: false,
    };
    const variables = configurationToEnvironment(values);
    expect(variables.STRATA_CA_FILES).toBe(values.caFiles.join(delimiter));
    expect(await loadConfiguration({ env: { ...env, ...variables } })).toEqual(values);
    expect(configurationToEnvironment({ insecureHosts: ['a'] })).toEqual({ STRATA_INSECURE_HOSTS: 'a' });
    expect(configurationToEnvironment({})).toEqual({});
  });
});
