import type { ErrorCode, ErrorParams } from '../base/errors.ts';

/** What a person can do about a failure; the labels are in failures.ts. */
export type FailureAction = 'retry' | 'signIn' | 'openSettings';

export interface FailureMessage {
  /** What failed, why, and what to do, in the person's language. */
  readonly sentence: string;
  /** The most helpful first. Show Log comes after them, always. */
  readonly actions: readonly FailureAction[];
  /** Where Sign In would sign in. */
  readonly host?: string;
}

/** A StrataError as the union it is: the class itself cannot be narrowed by its code. */
export type Failure = { [C in ErrorCode]: { readonly code: C; readonly params: ErrorParams[C] } }[ErrorCode];

/** @param actions the most helpful first */
export const message = (sentence: string, ...actions: readonly FailureAction[]): FailureMessage => ({
  sentence,
  actions,
});
