import { describe, expect, it } from 'vitest';
import { StrataError } from '../base/errors.ts';
import { delayAfterFailure, retryAfterMs } from './retry.ts';

describe('retryAfterMs', () => {
  const now = Date.parse('2024-05-01T10:00:00Z');
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Wed, 01 May 2024 10:00:30 GMT', 30_000],
    ['Wed, 01 May 2024 09:00:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['2024', 2_024_000],
    ['May', undefined],
  ])('%j is %s', (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));

  it('reads the first of several', () => expect(retryAfterMs(['7', '8'], now)).toBe(7000));
});

describe('delayAfterFailure', () => {
  const unreachable = (reason: 'refused' | 'unknown-host' | 'proxy', detail: string): StrataError =>
    new StrataError('registry-unreachable', { host: 'r.test', reason, detail }, { retryable: true });

  it('doubles the bound and keeps it', () => {
    for (const [attempt, bound] of [
      [1, 250],
      [2, 500],
      [4, 2000],
      [30, 10_000],
    ] as const) {
      const delays = Array.from({ length: 200 }, () =>
        Number(delayAfterFailure(unreachable('refused', ''), attempt)),
      );
      expect(Math.max(...delays)).toBeLessThanOrEqual(bound);
      expect(Math.max(...delays)).toBeGreaterThan(bound / 2);
      expect(Math.min(...delays)).toBeLessThan(bound / 2);
    }
  });

  it('is none for what another try does not mend', () => {
    expect(delayAfterFailure(unreachable('unknown-host', 'no such host'), 1)).toBeUndefined();
    expect(delayAfterFailure(unreachable('proxy', 'it answered 407'), 1)).toBeUndefined();
    expect(delayAfterFailure(new StrataError('registry-tls', { host: 'r', detail: '' }), 1)).toBeUndefined();
    expect(delayAfterFailure(new Error('what'), 1)).toBeUndefined();
  });
});
