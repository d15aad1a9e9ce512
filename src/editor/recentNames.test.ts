import { expect, it } from 'vitest';
import { forgetName, recentNames, rememberName } from './recentNames.ts';
import type { Memory } from './recentNames.ts';

function memory(initial?: unknown): Memory {
  let stored = initial;
  return {
    get: () => stored,
    update: (_, value) => {
      stored = value;
      return Promise.resolve();
    },
  };
}

it('keeps the newest twenty, each once', async () => {
  const names = memory();
  for (let i = 0; i < 25; i += 1) await rememberName(names, `image:${i}`);
  await rememberName(names, 'image:20');
  expect(recentNames(names)).toHaveLength(20);
  expect(recentNames(names).slice(0, 3)).toEqual(['image:20', 'image:24', 'image:23']);
  await forgetName(names, 'image:24');
  expect(recentNames(names).slice(0, 2)).toEqual(['image:20', 'image:23']);
});

it('forgives what another version stored', () => {
  expect(recentNames(memory({ not: 'a list' }))).toEqual([]);
  expect(recentNames(memory(['a', 1, null]))).toEqual(['a']);
});
