import { describe, expect, it } from 'vitest';
import { orderTags } from './tagOrder.ts';

describe('orderTags', () => {
  it.each([
    ['latest first', ['a', 'latest', '1'], ['latest', '1', 'a']],
    ['versions by number, not by letter', ['1.9', '1.10', '1.2'], ['1.10', '1.9', '1.2']],
    ['a moving tag before what it covers', ['3.20.1', '3', '3.20', '3.19'], ['3', '3.20', '3.20.1', '3.19']],
    ['with and without v', ['v1.0', '2.0'], ['2.0', 'v1.0']],
    ['flavours beside their version', ['1-slim', '2-alpine', '1', '2'], ['2', '2-alpine', '1', '1-slim']],
    [
      'candidates after the release, the newest first',
      ['2.0-rc1', '2.0', '2.0-rc10', '2.0rc2'],
      ['2.0', '2.0-rc10', '2.0rc2', '2.0-rc1'],
    ],
    [
      'dates after versions',
      ['20240101', '3.1', '2025-02-03', '20231231-slim'],
      ['3.1', '2025-02-03', '20240101', '20231231-slim'],
    ],
    [
      'the rest as the registry has it',
      ['edge', 'bookworm', 'sha-abc', '1'],
      ['1', 'edge', 'bookworm', 'sha-abc'],
    ],
    ['repeats once', ['a', 'a'], ['a']],
  ])('%s', (_, tags, ordered) => {
    expect(orderTags(tags)).toEqual(ordered);
  });

  it('orders many in little time', () => {
    const tags = Array.from({ length: 20_000 }, (_, i) => `v${i % 7}.${i % 131}.${i}-${'x'.repeat(i % 90)}`);
    const start = performance.now();
    expect(orderTags(tags)).toHaveLength(20_000);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
