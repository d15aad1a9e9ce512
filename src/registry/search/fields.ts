import { isObject } from '../failures.ts';

type Json = Readonly<Record<string, unknown>>;

/** The objects among the entries of a list; null counts as an empty one. Undefined if it is no list. */
export function objectsOf(value: unknown): readonly Json[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.filter(isObject) : undefined;
}

/** A text on one line: a registry's control characters must not move a terminal's cursor. Each stands as a blank, as in Docker. */
export function lineOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll(/\p{Cc}/gu, ' ') : '';
}

/** A whole number from 0 on; 0 for all else. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
