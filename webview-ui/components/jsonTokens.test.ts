import { describe, expect, it } from 'vitest';
import { tokenizeJson } from './jsonTokens.ts';

const cut = (text: string): string[] => tokenizeJson(text).map(({ kind, text: piece }) => `${kind} ${piece}`);
const joined = (text: string): string =>
  tokenizeJson(text)
    .map((token) => token.text)
    .join('');

describe('tokenizeJson', () => {
  it('tells names, strings, numbers and keywords apart', () => {
    expect(cut('{"a" : "b", "n": [-1.5e+3, 0, true, null]}')).toEqual([
      'plain {',
      'name "a"',
      'plain  : ',
      'string "b"',
      'plain , ',
      'name "n"',
      'plain : [',
      'number -1.5e+3',
      'plain , ',
      'number 0',
      'plain , ',
      'keyword true',
      'plain , ',
      'keyword null',
      'plain ]}',
    ]);
  });

  it('sees quotes and colons within strings as text', () => {
    expect(cut('["a\\"b: 1, true", "\\\\", 2]')).toEqual([
      'plain [',
      'string "a\\"b: 1, true"',
      'plain , ',
      'string "\\\\"',
      'plain , ',
      'number 2',
      'plain ]',
    ]);
  });

  it.each([
    '',
    '"never closed',
    '"ends in \\',
    '{tru: nul, falsey}',
    '- 5',
    '<img src=x onerror=alert(1)>',
    '-',
  ])('loses nothing of %j', (text) => {
    expect(joined(text)).toBe(text);
  });

  it('colours no word that only begins like a keyword', () => {
    expect(cut('nullable')).toEqual(['plain nullable']);
  });

  it('is lossless for what JSON.stringify prints', () => {
    const value = { 'k"e\ny': ['\u2028 \ud83d\ude00', -0.1, 1e300, false, { deep: [[], {}] }], '': null };
    const text = JSON.stringify([value], undefined, 4);
    expect(joined(text)).toBe(text);
    expect(tokenizeJson(text).filter(({ kind }) => kind === 'name')).toHaveLength(3);
  });

  it('takes a string of megabytes', () => {
    const text = JSON.stringify({ big: 'x\\"'.repeat(1_000_000) });
    const tokens = tokenizeJson(text);
    expect(tokens.map(({ kind }) => kind)).toEqual(['plain', 'name', 'plain', 'string', 'plain']);
  });
});
