import type { PageContext } from '../context.ts';

/** A date as a person reads it, and to the second. */
export interface CreatedTexts {
  readonly relative: string;
  readonly absolute: string;
}

/** @returns undefined for no date or one that cannot be read. */
export function createdTexts(
  { format }: Pick<PageContext, 'format'>,
  created: string | undefined,
): CreatedTexts | undefined {
  if (created === undefined) return undefined;
  const relative = format.relative(created, Date.now());
  const absolute = format.absolute(created);
  return relative === undefined || absolute === undefined ? undefined : { relative, absolute };
}
