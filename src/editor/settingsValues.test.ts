import { expect, it } from 'vitest';
import { settingsValues } from './settingsValues.ts';

const values = (settings: Readonly<Record<string, unknown>>) =>
  settingsValues((section) => settings[section]);

it('names only what is set', () => {
  expect(values({})).toEqual({});
  expect(values({ 'strata.storePath': '', 'http.proxyStrictSSL': true, 'http.proxy': ' ' })).toEqual({});
});

it('uses the names of the configuration file', () => {
  expect(
    values({
      'strata.storePath': '~/images',
      'strata.mirrors': { 'docker.io': ['m'] },
      'strata.insecureRegistries': [],
      'strata.caFiles': ['ca.pem'],
      'strata.pull.concurrentDownloads': 5,
      'http.proxyStrictSSL': false,
    }),
  ).toEqual({
    storePath: '~/images',
    mirrors: { 'docker.io': ['m'] },
    insecureHosts: [],
    caFiles: ['ca.pem'],
    concurrentDownloads: 5,
    strictTls: false,
  });
});

it("takes VS Code's proxy for both schemes, unless it is off", () => {
  const http = { 'http.proxy': 'http://p:8080', 'http.noProxy': ['a.example', 'b.example'] };
  expect(values(http)).toEqual({
    proxy: { http: 'http://p:8080', https: 'http://p:8080', noProxy: 'a.example,b.example' },
  });
  expect(values({ ...http, 'http.proxySupport': 'off' })).toEqual({});
});
