import { isStrataError, StrataError } from '../../base/errors.ts';
import type { CopySide, ErrorCode } from '../../base/errors.ts';

/** What only bytes that come in can be. */
const OF_SOURCE: ReadonlySet<ErrorCode> = new Set([
  'digest-mismatch',
  'size-mismatch',
  'content-invalid',
  'file-unreadable',
  'blob-missing',
  'manifest-unsupported',
]);

/** Runs a step of one side; its failure says which side it was. @throws StrataError `copy-failed`, with the failure as its cause */
export async function onSide<T>(side: CopySide, names: Names, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!isStrataError(error) || isStrataError(error, 'copy-failed')) throw error;
    const actual = OF_SOURCE.has(error.code) ? 'source' : side;
    const params = { side: actual, place: names[actual], detail: error.message };
    throw new StrataError('copy-failed', params, { cause: error, retryable: error.retryable });
  }
}

/** Both places as the person wrote them. */
export type Names = Readonly<Record<CopySide, string>>;
