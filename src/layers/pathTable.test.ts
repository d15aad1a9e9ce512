import { expect, it } from 'vitest';
import { PathTable, ROOT } from './pathTable.ts';

it('numbers as many paths as it must, parents first', () => {
  const table = new PathTable(100_000);
  const numbers = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const path = `folder${i % 700}/file${i}`;
    numbers.set(path, table.resolve(Buffer.from(path)));
  }
  expect(table.count).toBe(1 + 700 + 20_000);
  expect(new Set(numbers.values()).size).toBe(20_000);
  for (const [path, number] of numbers) {
    expect(table.find(Buffer.from(path))).toBe(number);
    const parent = table.parentOf(number);
    expect(parent).toBeLessThan(number);
    expect(table.find(Buffer.from(path.slice(0, path.indexOf('/'))))).toBe(parent);
    expect(table.parentOf(parent)).toBe(ROOT);
  }
  expect(table.find(Buffer.from('folder1/file2'))).toBeUndefined();
  expect(table.count).toBe(1 + 700 + 20_000);
});

it('stops at its cap', () => {
  const table = new PathTable(3);
  table.resolve(Buffer.from('a/b/c'));
  expect(() => table.resolve(Buffer.from('a/b/c/d'))).toThrow(/more than 3 distinct paths/);
});

it('takes a path of nothing but folders in time with its length', () => {
  const table = new PathTable(100_000);
  const deep = Buffer.alloc(60_000, 'x/');
  const node = table.resolve(deep);
  expect(table.count).toBe(30_001);
  expect(table.resolve(deep)).toBe(node);
});
