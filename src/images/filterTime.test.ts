import { describe, expect, it } from 'vitest';
import { parseUntil, timeNanoseconds } from './filterTime.ts';

const NOW = Date.parse('2024-06-01T12:00:00.750Z');
const ns = (text: string): bigint => timeNanoseconds(text);

describe('timeNanoseconds', () => {
  it('keeps what milliseconds lose', () => {
    expect(ns('2024-01-01T00:00:00.123456789Z') - ns('2024-01-01T00:00:00Z')).toBe(123_456_789n);
    expect(ns('2024-01-01T00:00:00.1Z') - ns('2024-01-01T00:00:00Z')).toBe(100_000_000n);
    expect(ns('2024-01-01T02:00:00.5+02:00')).toBe(ns('2024-01-01T00:00:00.5Z'));
  });

  it.each([undefined, '', 'rubbish'])('takes %j for the zero time of Go', (text) => {
    expect(timeNanoseconds(text)).toBe(ns('0001-01-01T00:00:00Z'));
  });
});

describe('parseUntil', () => {
  it.each([
    ['1h', '2024-06-01T11:00:00Z'],
    ['1h30m', '2024-06-01T10:30:00Z'],
    ['1.5h', '2024-06-01T10:30:00Z'],
    ['+90s', '2024-06-01T11:58:30Z'],
    ['-1h', '2024-06-01T13:00:00Z'],
    ['250ms', '2024-06-01T12:00:00Z'],
    ['800ms', '2024-06-01T11:59:59Z'],
    ['.5m', '2024-06-01T11:59:30Z'],
    ['0', '1970-01-01T00:00:00Z'],
    ['0s', '2024-06-01T12:00:00Z'],
    ['1700000000', '2023-11-14T22:13:20Z'],
    ['1700000000.25', '2023-11-14T22:13:20.25Z'],
    ['1700000000.000000001', '2023-11-14T22:13:20.000000001Z'],
    ['2024-01-02Z', '2024-01-02T00:00:00Z'],
    ['2024-01-02+01:00', '2024-01-01T23:00:00Z'],
    ['2024-01-02T03Z', '2024-01-02T03:00:00Z'],
    ['2024-01-02T03:04Z', '2024-01-02T03:04:00Z'],
    ['2024-01-02T03:04-05:00', '2024-01-02T08:04:00Z'],
    ['2024-01-02T03:04:05.123456789Z', '2024-01-02T03:04:05.123456789Z'],
    ['2024-02-29Z', '2024-02-29T00:00:00Z'],
  ])('%s', (value, expected) => {
    expect(parseUntil(value, NOW)).toBe(ns(expected));
  });

  it('takes a time without a zone for one of this machine', () => {
    const midnight = new Date(2024, 0, 2).getTimezoneOffset() === new Date(NOW).getTimezoneOffset();
    expect(midnight ? parseUntil('2024-01-02', NOW) : undefined).toBe(
      midnight ? BigInt(new Date(2024, 0, 2).getTime()) * 1_000_000n : undefined,
    );
  });

  // Docker's own sentences are held in test/integration/imageCommandsOracle.test.ts.
  it.each([
    '',
    'abc',
    '1d',
    '1h2',
    '1.x',
    '2024-13-01',
    '2023-02-29',
    '2024-01-01T24:00',
    '1e3',
    '9223372037h',
  ])('refuses %j', (value) => {
    expect(() => parseUntil(value, NOW)).toThrow(
      expect.objectContaining({ code: 'filter-invalid' }) as Error,
    );
  });
});
