import { expect, it } from 'vitest';
import { SecretCredentials } from './secrets.ts';
import type { SecretPort } from './secrets.ts';

function port(): SecretPort & { readonly all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    get: (key) => Promise.resolve(all.get(key)),
    store: (key, value) => Promise.resolve(void all.set(key, value)),
    delete: (key) => Promise.resolve(void all.delete(key)),
  };
}

it('keeps credentials by host and lists the hosts', async () => {
  const secrets = new SecretCredentials(port());
  await secrets.store('localhost:5000', { username: 'u', password: 'p' });
  await secrets.store('index.docker.io', { identityToken: 't' });
  expect(await secrets.hosts()).toEqual(['docker.io', 'localhost:5000']);
  expect(await secrets.get('localhost:5000')).toEqual({ username: 'u', password: 'p' });
  expect(await secrets.get('docker.io')).toEqual({ identityToken: 't' });
  expect(await secrets.get('ghcr.io')).toBeUndefined();
});

it('forgets a host whole', async () => {
  const storage = port();
  const secrets = new SecretCredentials(storage);
  await secrets.store('a.example', { username: 'u', password: 'secret' });
  await secrets.delete('A.example');
  expect(await secrets.hosts()).toEqual([]);
  expect([...storage.all.values()].join('')).not.toContain('secret');
});

it('takes a damaged secret for none', async () => {
  const storage = port();
  const secrets = new SecretCredentials(storage);
  for (const text of ['{', '[]', '{"username":1,"password":2}', 'null']) {
    storage.all.set('strata.registry/a.example', text);
    expect(await secrets.get('a.example')).toBeUndefined();
  }
  storage.all.set('strata.registries', '{"a":1}');
  expect(await secrets.hosts()).toEqual([]);
});

it('has another revision after each change', async () => {
  const secrets = new SecretCredentials(port());
  const before = secrets.revision;
  await secrets.store('a.example', { username: 'u', password: 'p' });
  const stored = secrets.revision;
  await secrets.delete('a.example');
  expect(new Set([before, stored, secrets.revision]).size).toBe(3);
});
