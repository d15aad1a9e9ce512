import { describe, expect, it } from 'vitest';
import { createFormatter, fill } from './format.ts';

const english = createFormatter('en');
const chinese = createFormatter('zh-cn');
const NBSP = '\u00a0';

describe('size', () => {
  it.each([
    [0, '0 B'],
    [389, '389 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1105, '1.1 kB'],
    [8_834_123, '8.83 MB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [142_000_000_000, '142 GB'],
  ])('%d bytes', (bytes, text) => {
    expect(english.size(bytes)).toBe(text.replace(' ', NBSP));
  });
});

describe('share', () => {
  it('shows that a little is not nothing', () => {
    expect(english.share(0, 1000)).toBe('0%');
    expect(english.share(1, 100_000)).toBe('<0.1%');
    expect(english.share(391, 1000)).toBe('39.1%');
    expect(english.share(5, 0)).toBe('0%');
  });
});

describe('relative', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');

  it.each([
    ['2026-11-22T11:59:30Z', '30 seconds ago', '30秒钟前'],
    ['2026-11-22T11:00:00Z', '1 hour ago', '1小时前'],
    ['2026-11-20T09:14:05Z', '2 days ago', '前天'],
    ['2026-09-21T00:00:00Z', '2 months ago', '2个月前'],
    ['2023-11-01T00:00:00Z', '3 years ago', '3年前'],
    ['2026-11-24T12:00:00Z', 'in 2 days', '后天'],
  ])('%s', (date, inEnglish, inChinese) => {
    expect(english.relative(date, now)).toBe(inEnglish);
    expect(chinese.relative(date, now)).toBe(inChinese);
  });

  it('says nothing of what is no date', () => {
    expect(english.relative('soon', now)).toBeUndefined();
    expect(english.absolute('soon')).toBeUndefined();
  });
});

describe('createFormatter', () => {
  it('falls back to English where the tag is none', () => {
    expect(createFormatter('not a tag!').count(8_834_123)).toBe('8,834,123');
  });
});

describe('fill', () => {
  it('puts values in their places and leaves what it lacks', () => {
    expect(fill('{1} of {0}, {2}', 'a', 'b')).toBe('b of a, {2}');
  });

  it('does not fill in what a value says', () => {
    expect(fill('{0} {1}', '{1}', 'x')).toBe('{1} x');
  });
});
