import { StrataError, describeError, systemCode } from '../base/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** What the common system errors mean, in words that a person can act on. */
const details: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EIO: 'the disk reported an error',
  ENOLCK: 'the file system offers no locks',
  ENOTSUP: 'the file system does not support this operation',
};

/** True for what the operating system refused, such as ENOENT; a StrataError is none. */
export function isSystemError(error: unknown): boolean {
  return /^E[A-Z0-9]+$/.test(systemCode(error) ?? '');
}

/**
 * A system error as the error that Strata shows: `disk-full`, `store-unwritable` or `store-unreadable`.
 * What is no system error (a StrataError, a cancellation) comes back as it is.
 * @param path what was being read or written
 */
export function storeError(path: string, error: unknown, access: 'read' | 'write' = 'write'): unknown {
  const code = systemCode(error);
  if (code === undefined || !isSystemError(error)) return error;
  if (FULL.has(code)) {
    return new StrataError('disk-full', { path, needed: undefined, free: undefined }, { cause: error });
  }
  const params = { path, detail: details[code] ?? describeError(error) };
  return new StrataError(access === 'write' ? 'store-unwritable' : 'store-unreadable', params, {
    cause: error,
  });
}

/** Runs a step on the store and gives its system errors their names. */
export async function withStoreErrors<T>(
  path: string,
  access: 'read' | 'write',
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw storeError(path, error, access);
  }
}
