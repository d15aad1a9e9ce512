import { describe, expect, it } from 'vitest';
import {
  compactNumber,
  displayAge,
  displayPercent,
  displaySize,
  displayWait,
  plausibleDate,
} from './format.ts';

describe('displaySize', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [12_345, '12.3 kB'],
    [999_500, '1 MB'],
    [77_806_000, '77.8 MB'],
    [1_234_567_890, '1.23 GB'],
    [100_000_000, '100 MB'],
  ])('%d → %s', (bytes, text) => {
    expect(displaySize(bytes)).toBe(text);
  });
});

describe('displayAge', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  it('speaks the language and rounds as Docker does', () => {
    const created = new Date('2026-02-05T00:00:00Z');
    expect(displayAge(created, now, 'en')).toBe('3 weeks ago');
    expect(displayAge(created, now, 'zh-cn')).toBe('3周前');
  });
  it('takes a time in the future for now, and an unknown language for English', () => {
    expect(displayAge(new Date('2027-01-01'), now, 'en')).toBe('0 seconds ago');
    expect(displayAge(new Date('2026-02-28T23:58:30Z'), now, 'no such language')).toBe('1 minute ago');
  });
});

it('knows placeholders from real dates', () => {
  expect(plausibleDate('0001-01-01T00:00:00Z')).toBeUndefined();
  expect(plausibleDate('1970-01-01T00:00:00Z')).toBeUndefined();
  expect(plausibleDate('garbage')).toBeUndefined();
  expect(plausibleDate(undefined)).toBeUndefined();
  expect(plausibleDate('2024-05-06T07:08:09.123456789Z')?.getUTCFullYear()).toBe(2024);
});

it('rounds percent down', () => {
  expect(displayPercent(999, 1000)).toBe(99);
  expect(displayPercent(0, 0)).toBe(0);
  expect(displayPercent(5, 4)).toBe(100);
});

it.each([
  [0.2, 'in 1 second'],
  [90, 'in 90 seconds'],
  [121, 'in 3 minutes'],
  [3600, 'in 60 minutes'],
  [7201, 'in 3 hours'],
])('waits for %d seconds %s', (seconds, text) => {
  expect(displayWait(seconds, 'en')).toBe(text);
});

it.each([
  [999, 'en', '999'],
  [1234, 'en', '1.2K'],
  [12_345_678, 'en', '12.3M'],
  [1_000_000_000, 'no such language', '1B'],
  [12_345_678, 'zh-cn', '1234.6万'],
])('counts %d for a glance in %s: %s', (count, language, text) => {
  expect(compactNumber(count, language)).toBe(text);
});
