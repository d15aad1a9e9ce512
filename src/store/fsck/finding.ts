import { describeError, isStrataError } from '../../base/errors.ts';
import type { FsckProblem } from './types.ts';

/** A problem, and the step that mends it where there is one. */
export interface Finding {
  readonly problem: Omit<FsckProblem, 'repaired'>;
  /** Runs under the store's lock. @returns what was done, undefined if it was left as it is */
  readonly repair?: () => Promise<string | undefined>;
}

/** What is wrong with a file, without the name of the file. */
export function faultOf(error: unknown): string {
  const isContent = isStrataError(error, 'content-invalid') && 'detail' in error.params;
  return isContent ? error.params.detail : describeError(error);
}
