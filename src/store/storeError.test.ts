import { describe, expect, it } from 'vitest';
import { StrataError } from '../base/errors.ts';
import { storeError } from './storeError.ts';

const system = (code: string): Error => Object.assign(new Error(`${code}: something`), { code });

describe('storeError', () => {
  it.each([
    ['ENOSPC', 'write', 'disk-full'],
    ['EDQUOT', 'write', 'disk-full'],
    ['EACCES', 'write', 'store-unwritable'],
    ['EROFS', 'write', 'store-unwritable'],
    ['EPERM', 'write', 'store-unwritable'],
    ['ENOENT', 'write', 'store-unwritable'],
    ['EACCES', 'read', 'store-unreadable'],
    ['EIO', 'read', 'store-unreadable'],
  ] as const)('names %s on %s', (code, access, expected) => {
    const cause = system(code);
    expect(storeError('/s', cause, access)).toMatchObject({ code: expected, params: { path: '/s' }, cause });
  });

  it('says what to do about it, not the number of the error', () => {
    expect(storeError('/s', system('EROFS'))).toMatchObject({
      message: 'cannot write to the store at /s: the file system is read-only',
    });
  });

  it('leaves everything else as it is', () => {
    const others = [
      new StrataError('blob-missing', { digest: 'x' }),
      new TypeError('a bug'),
      new DOMException('stop', 'AbortError'),
      Object.assign(new Error('not the disk'), { code: 'ERR_INVALID_ARG_TYPE' }),
    ];
    for (const error of others) expect(storeError('/s', error)).toBe(error);
  });
});
