import { expect, it } from 'vitest';
import { Batch } from './batch.ts';

it('gathers chunks up to its size, and takes what fits', () => {
  const batch = new Batch(5);
  expect(batch.fill(Buffer.from('abc'))).toBe(3);
  expect(batch.isFull).toBe(false);
  expect(batch.fill(Buffer.from('defg'))).toBe(2);
  expect([batch.isFull, batch.length]).toEqual([true, 5]);
  expect(batch.fill(Buffer.from('x'))).toBe(0);
  expect(batch.take().toString()).toBe('abcde');
  expect([batch.isFull, batch.length, batch.take().length]).toEqual([false, 0, 0]);
  batch.fill(Buffer.from('fg'));
  expect(batch.take().toString()).toBe('fg');
});
