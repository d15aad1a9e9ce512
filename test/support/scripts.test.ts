import { describe, expect, it } from 'vitest';
import { packageFolders } from '../../scripts/build/notices.mjs';
import { matchesLock } from '../../scripts/support/node24.mjs';
import { countTests, inPairs, summary } from '../../scripts/support/steps.mjs';

describe('matchesLock', () => {
  const wanted = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' },
    'node_modules/b': { version: '2.0.0', integrity: 'sha512-b', optional: true },
  };

  it.each([
    [
      'all of it',
      { 'node_modules/a': wanted['node_modules/a'], 'node_modules/b': wanted['node_modules/b'] },
      true,
    ],
    ['all but what is optional', { 'node_modules/a': wanted['node_modules/a'] }, true],
    ['nothing', {}, false],
    ['another version', { 'node_modules/a': { version: '1.2.4', integrity: 'sha512-a' } }, false],
    ['other bytes', { 'node_modules/a': { version: '1.2.3', integrity: 'sha512-x' } }, false],
    [
      'another version of what is optional',
      { 'node_modules/a': wanted['node_modules/a'], 'node_modules/b': { version: '2.0.1' } },
      false,
    ],
  ])('judges %s', (_what, installed, expected) => {
    expect(matchesLock(wanted, installed)).toBe(expected);
  });
});

describe('countTests', () => {
  const file = (status: string, ...statuses: string[]) => ({
    name: 'a.test.ts',
    status,
    assertionResults: statuses.map((each, index) => ({ status: each, fullName: `test ${index}` })),
  });

  it('counts passed, failed and skipped, and names the skipped', () => {
    const counts = countTests([file('failed', 'passed', 'failed', 'skipped', 'todo')], 1);
    expect(counts).toMatchObject({ passed: 1, failed: 1, skipped: 2 });
    expect(counts.skippedNames.map((name) => name.split(': ')[1])).toEqual(['test 2', 'test 3']);
  });

  it.each([
    ['a file that broke before its tests', [file('passed', 'passed'), file('failed')], 1],
    ['an error that no test shows', [file('passed', 'passed')], 1],
    ['no test at all', [], 0],
  ])('fails for %s', (_what, files, code) => {
    expect(countTests(files, code).failed).toBe(1);
  });

  it('passes when all passed', () => {
    expect(countTests([file('passed', 'passed', 'passed')], 0)).toMatchObject({ passed: 2, failed: 0 });
  });
});

describe('inPairs', () => {
  it('runs two jobs at a time and all of them', async () => {
    let running = 0;
    let most = 0;
    const job = (value: number) => async (): Promise<number> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return value;
    };
    const results = await inPairs([1, 2, 3, 4, 5].map(job));
    expect(results.sort()).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });
});

it('sums counts', () => {
  const one = { passed: 1, failed: 2, skipped: 3 };
  expect(summary([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
});

it('finds the packages behind bundled files', () => {
  const folders = packageFolders([
    'src/a.ts',
    'node_modules/undici/index.js',
    'node_modules/undici/lib/agent.js',
    'node_modules/@scope/b/node_modules/@inner/c/index.js',
  ]);
  expect(folders).toEqual(['node_modules/@scope/b/node_modules/@inner/c', 'node_modules/undici']);
});
