import { expect, it } from 'vitest';
import { recentNames, recentSearches } from './recentNames.ts';
import type { Memory } from './recentNames.ts';

function memory(initial?: unknown): Memory {
  const stored = new Map<string, unknown>();
  return {
    get: (key) => stored.get(key) ?? initial,
    update: (key, value) => {
      stored.set(key, value);
      return Promise.resolve();
    },
  };
}

it('keeps the newest twenty, each once', async () => {
  const names = memory();
  for (let i = 0; i < 25; i += 1) await recentNames.remember(names, `image:${i}`);
  await recentNames.remember(names, 'image:20');
  expect(recentNames.list(names)).toHaveLength(20);
  expect(recentNames.list(names).slice(0, 3)).toEqual(['image:20', 'image:24', 'image:23']);
  await recentNames.forget(names, 'image:24');
  expect(recentNames.list(names).slice(0, 2)).toEqual(['image:20', 'image:23']);
});

it('forgives what another version stored', () => {
  expect(recentNames.list(memory({ not: 'a list' }))).toEqual([]);
  expect(recentNames.list(memory(['a', 1, null]))).toEqual(['a']);
});

it('keeps what is searched for apart from what is pulled', async () => {
  const both = memory();
  await recentNames.remember(both, 'alpine:3');
  await recentSearches.remember(both, 'redis');
  expect([recentNames.list(both), recentSearches.list(both)]).toEqual([['alpine:3'], ['redis']]);
});
