import { describe, expect, it } from 'vitest';
import { matchPattern } from './filterPattern.ts';

describe('matchPattern', () => {
  // The cases of Go's own path/match_test.go, in another order, and some of ours.
  it.each<[string, string, boolean]>([
    ['', '', true],
    ['', 'a', false],
    ['abc', 'abc', true],
    ['*', 'abc', true],
    ['*c', 'abc', true],
    ['a*', 'a', true],
    ['a*', 'ab/c', false],
    ['a*/b', 'abc/b', true],
    ['a*/b', 'a/c/b', false],
    ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['ab[c]', 'abc', true],
    ['ab[b-d]', 'abc', true],
    ['ab[e-g]', 'abc', false],
    ['ab[^c]', 'abc', false],
    ['ab[^e-g]', 'abc', true],
    // Go knows no other negation: this is a class of `!` and `c`.
    ['ab[!c]', 'abc', true],
    ['ab[!c]', 'abd', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'ab', false],
    ['a?b', 'a☺b', true],
    ['a[^a]b', 'a☺b', true],
    ['a???b', 'a☺b', false],
    ['[a-ζ]*', 'α', true],
    ['*[a-ζ]', 'A', false],
    ['a?b', 'a/b', false],
    ['a*b', 'a/b', false],
    ['[\\]a]', ']', true],
    ['[\\-]', '-', true],
    ['[x\\-]', 'z', false],
    ['[\\-x]', 'a', false],
    ['*x', 'xxx', true],
    ['a/b/*:*', 'a/b/c:1', true],
    ['*:[0-9].*', 'app:1.2', true],
    ['a[*]b', 'a*b', true],
  ])('%s on %s', (pattern, name, expected) => {
    expect(matchPattern(pattern, name)).toBe(expected);
  });

  it.each([
    ['[]a]', ']'],
    ['[-]', '-'],
    ['[x-]', 'x'],
    ['[-x]', 'x'],
    ['[a-b-c]', 'a'],
    ['[', 'a'],
    ['[^', 'a'],
    ['[^bc', 'a'],
    ['a[', 'a'],
    ['a[', 'ab'],
    ['a[', 'x'],
    ['a/b[', 'x'],
    ['\\', 'a'],
    ['b*[', 'a'],
  ])('refuses %s on %s', (pattern, name) => {
    expect(() => matchPattern(pattern, name)).toThrow('syntax error in pattern');
  });

  it('takes no time to speak of for many stars', () => {
    expect(matchPattern('*a'.repeat(40), 'a'.repeat(1000) + 'b')).toBe(false);
  });
});
