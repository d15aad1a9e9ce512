import type { Filters } from '../../images/types.ts';

/** What is wrong with filters as typed. */
export type FilterTextProblem =
  | { readonly kind: 'no-value'; readonly key: string }
  | { readonly kind: 'unknown-key'; readonly key: string }
  | { readonly kind: 'open-quote' };

export type ParsedFilterText = { readonly filters: Filters } | { readonly problem: FilterTextProblem };

/** The filters that `docker images` knows. */
export const FILTER_KEYS = ['label', 'reference', 'before', 'since', 'dangling'] as const;

/** One word: what stands between spaces, a part in quotes with its spaces. */
const WORD = /(?:[^\s"]|"[^"]*")+/g;

/**
 * Reads `label=a before=x "label=b=c d"`: Docker's filters one after the other, spaces within quotes.
 * What their values may be is judged by the list of images itself.
 */
export function parseFilterText(text: string): ParsedFilterText {
  if (text.split('"').length % 2 === 0) return { problem: { kind: 'open-quote' } };
  const filters: Record<string, string[]> = {};
  for (const [word] of text.matchAll(WORD)) {
    const part = word.replaceAll('"', '');
    const equals = part.indexOf('=');
    const key = (equals === -1 ? part : part.slice(0, equals)).toLowerCase();
    if (!FILTER_KEYS.some((known) => known === key)) return { problem: { kind: 'unknown-key', key } };
    const value = equals === -1 ? '' : part.slice(equals + 1);
    if (value === '') return { problem: { kind: 'no-value', key } };
    (filters[key] ??= []).push(value);
  }
  return { filters };
}
