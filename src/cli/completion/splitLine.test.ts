import { expect, it } from 'vitest';
import { splitLine } from './splitLine.ts';

it.each<[string, string[], string]>([
  ['', [], ''],
  ['strata', [], 'strata'],
  ['strata ', ['strata'], ''],
  ['strata  rmi\tx', ['strata', 'rmi'], 'x'],
  ["a 'b c' d", ['a', 'b c'], 'd'],
  ['a "b \\"c\\" \\$d \\e" f', ['a', 'b "c" $d \\e'], 'f'],
  ['a b\\ c', ['a'], 'b c'],
  ['a b\'c\'"d"e', ['a'], 'bcde'],
  // What is open is still being typed.
  ["a 'b c", ['a'], 'b c'],
  ['a "b c', ['a'], 'b c'],
  ['a "b \\', ['a'], 'b \\'],
  ['a b\\', ['a'], 'b'],
  ["a ''", ['a'], ''],
  ["a '' b", ['a', ''], 'b'],
  ['a $(b `c`) ', ['a', '$(b', '`c`)'], ''],
])('%s', (line, words, typed) => {
  expect(splitLine(line)).toEqual({ words, typed });
});

it('stands long lines of quotes, whole and open', () => {
  for (const part of ['"', "'", '\\', ' ', '"\\', 'a"']) {
    expect(splitLine(part.repeat(100_000)).words.length).toBeLessThan(2);
  }
});
