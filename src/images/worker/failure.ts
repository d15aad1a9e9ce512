import { describeError, errorFromData, errorToData, isStrataError } from '../../base/errors.ts';
import type { Failure } from './messages.ts';

export function toFailure(error: unknown): Failure {
  if (isStrataError(error)) return { known: errorToData(error) };
  return { unknown: describeError(error), stack: error instanceof Error ? error.stack : undefined };
}

export function fromFailure(failure: Failure): Error {
  if ('known' in failure) return errorFromData(failure.known);
  const error = new Error(failure.unknown);
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}
