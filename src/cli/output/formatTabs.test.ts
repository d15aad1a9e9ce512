import { describe, expect, it } from 'vitest';
import { alignTabs } from './formatTabs.ts';

describe('alignTabs', () => {
  it.each([
    ['a\tb\n', 'a         b\n'],
    ['a longer cell\tb\nc\td\n', 'a longer cell   b\nc               d\n'],
    ['', ''],
    ['no tab\n', 'no tab\n'],
    ['\tb\n', '          b\n'],
    ['a\t\n', 'a         \n'],
    // A column ends where a line lacks it.
    ['wide enough\tx\nshort\na\ty\n', 'wide enough   x\nshort\na         y\n'],
    [
      'a\tb\tc\nlonger than ten\td\ne\tmuch longer than ten\tf\n',
      'a                 b         c\nlonger than ten   d\ne                 much longer than ten   f\n',
    ],
    // Characters count, not bytes nor cells.
    ['日本日本日本日本\tx\néé\ty\n', '日本日本日本日本   x\néé         y\n'],
    ['a\vb\n', 'a         b\n'],
    ['long enough\tx\fa\ty', 'long enough   x\na         y'],
  ])('%j', (text, expected) => {
    expect(alignTabs(text)).toBe(expected);
  });

  it('takes any number of tabs', () => {
    expect(alignTabs('\t'.repeat(100_000))).toHaveLength(1_000_000);
  });
});
