import { describe, expect, it } from 'vitest';
import { humanDuration, humanSize, roundDuration } from './units.ts';

describe('humanSize', () => {
  it.each([
    [0, '0B'],
    [1, '1B'],
    [999, '999B'],
    [1000, '1kB'],
    [1024, '1.024kB'],
    [1_000_000, '1MB'],
    [1_048_576, '1.049MB'],
    [7_377_792, '7.378MB'],
    [77_806_000, '77.81MB'],
    [123_456_789, '123.5MB'],
    [100_000_000, '100MB'],
    [999_999, '1000kB'],
    [2 * 1_048_576, '2.097MB'],
    [3.42 * 1_073_741_824, '3.672GB'],
    [5.372 * 2 ** 40, '5.907TB'],
    [2.22e15, '2.22PB'],
  ])('prints %d bytes with four digits as %s', (bytes, text) => {
    expect(humanSize(bytes)).toBe(text);
  });

  it.each([
    [7_377_792, '7.38MB'],
    [117_800_000, '118MB'],
    [100_000_000, '100MB'],
    [13_256, '13.3kB'],
    [999_950, '1e+03kB'],
    [20, '20B'],
    // Ties go to the even digit, as in Go.
    [1125, '1.12kB'],
    [1375, '1.38kB'],
    [100_500, '100kB'],
    [101_500, '102kB'],
    [999_500, '1e+03kB'],
  ])('prints %d bytes with three digits as %s', (bytes, text) => {
    expect(humanSize(bytes, 3)).toBe(text);
  });
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;

describe('humanDuration', () => {
  it.each([
    [-5 * SECOND, 'Less than a second'],
    [450, 'Less than a second'],
    [SECOND, '1 second'],
    [45 * SECOND, '45 seconds'],
    [59.9 * SECOND, '59 seconds'],
    [60 * SECOND, 'About a minute'],
    [119 * SECOND, 'About a minute'],
    [3 * MINUTE, '3 minutes'],
    [59 * MINUTE + 59 * SECOND, '59 minutes'],
    [HOUR, 'About an hour'],
    [HOUR + 29 * MINUTE, 'About an hour'],
    [HOUR + 31 * MINUTE, '2 hours'],
    [3 * HOUR + 59 * MINUTE + 59 * SECOND, '4 hours'],
    [24 * HOUR, '24 hours'],
    [36 * HOUR, '36 hours'],
    [47 * HOUR + 29 * MINUTE, '47 hours'],
    [2 * DAY, '2 days'],
    [7 * DAY, '7 days'],
    [13 * DAY + 5 * HOUR, '13 days'],
    [2 * WEEK, '2 weeks'],
    [2 * WEEK + 4 * DAY, '2 weeks'],
    [3 * WEEK, '3 weeks'],
    [4 * WEEK + 3 * DAY, '4 weeks'],
    [MONTH + 2 * WEEK, '6 weeks'],
    [2 * MONTH, '2 months'],
    [3 * MONTH + WEEK, '3 months'],
    [13 * MONTH, '13 months'],
    [23 * MONTH, '23 months'],
    [24 * MONTH, '24 months'],
    [24 * MONTH + 2 * WEEK, '2 years'],
    [3 * YEAR + 2 * MONTH, '3 years'],
    [2024 * YEAR, '292 years'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });

  it('gives number and unit apart, for other languages', () => {
    expect(roundDuration(3 * WEEK)).toEqual({ count: 3, unit: 'weeks' });
  });
});
