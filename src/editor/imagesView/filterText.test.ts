import { expect, it } from 'vitest';
import { parseFilterText } from './filterText.ts';

it('reads filters one after the other, a key several times', () => {
  expect(parseFilterText(' label=a  label=b=c before=alpine:3.20 ')).toEqual({
    filters: { label: ['a', 'b=c'], before: ['alpine:3.20'] },
  });
  expect(parseFilterText('')).toEqual({ filters: {} });
});

it('keeps spaces within quotation marks, wherever these begin', () => {
  expect(parseFilterText('"label=a b" label="c d"')).toEqual({ filters: { label: ['a b', 'c d'] } });
});

it.each([
  ['label="a', { kind: 'open-quote' }],
  ['label', { kind: 'no-value', key: 'label' }],
  ['label=', { kind: 'no-value', key: 'label' }],
  ['colour=red', { kind: 'unknown-key', key: 'colour' }],
  ['__proto__=x', { kind: 'unknown-key', key: '__proto__' }],
  ['=x', { kind: 'unknown-key', key: '' }],
])('says what is wrong with %s', (text, problem) => {
  expect(parseFilterText(text)).toEqual({ problem });
});
