import { describe, expect, it } from 'vitest';
import {
  pinnedRepositories,
  pinRepository,
  registryHostOf,
  registryHosts,
  unpinRepository,
} from './knownRegistries.ts';

describe('registryHostOf', () => {
  it.each([
    ['ghcr.io', 'ghcr.io'],
    ['  GHCR.io ', 'ghcr.io'],
    ['https://registry.example.com:5000/v2/', 'registry.example.com:5000'],
    ['localhost:5000', 'localhost:5000'],
    ['localhost', 'localhost'],
    ['index.docker.io', 'docker.io'],
    ['https://hub.docker.com/_/alpine', 'docker.io'],
    ['[::1]:5000', '[::1]:5000'],
  ])('reads %j as %s', (text, host) => {
    expect(registryHostOf(text)).toBe(host);
  });

  it.each(['', 'alpine', 'not a host', 'user:secret@ghcr.io', 'ghcr.io:port', '-.io'])(
    'takes %j for none',
    (text) => {
      expect(registryHostOf(text)).toBeUndefined();
    },
  );
});

describe('registryHosts', () => {
  it('keeps the order, once each, and leaves out what is no host', () => {
    expect(registryHosts(['ghcr.io', 'docker.io', 7, 'nonsense', 'GHCR.IO'])).toEqual([
      'ghcr.io',
      'docker.io',
    ]);
  });

  it('is Docker Hub where the setting is no list, and nothing where the list is empty', () => {
    expect(registryHosts('ghcr.io')).toEqual(['docker.io']);
    expect(registryHosts([])).toEqual([]);
  });
});

describe('pinned repositories', () => {
  it('are kept in order, once each, until they are taken away', async () => {
    const kept = new Map<string, unknown>();
    const memory = {
      get: (key: string) => kept.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
    };
    for (const name of ['ghcr.io/b/b', 'ghcr.io/a/a', 'ghcr.io/b/b']) await pinRepository(memory, name);
    expect(pinnedRepositories(memory)).toEqual(['ghcr.io/a/a', 'ghcr.io/b/b']);
    await unpinRepository(memory, 'ghcr.io/a/a');
    expect(pinnedRepositories(memory)).toEqual(['ghcr.io/b/b']);
    kept.set('strata.repositories', { not: 'a list' });
    expect(pinnedRepositories(memory)).toEqual([]);
  });
});
