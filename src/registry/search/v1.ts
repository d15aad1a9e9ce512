import { StrataError } from '../../base/errors.ts';
import { countOf, lineOf, objectsOf } from './fields.ts';
import type { SearchHit } from './types.ts';

/** `/v1/search` below a registry's root: what `docker search` asks. */
export function v1Path(term: string, limit: number): string {
  return `v1/search?${new URLSearchParams({ q: term, n: String(limit) }).toString()}`;
}

/** Reads an answer of `/v1/search` (moby api/types/registry, SearchResults). @throws StrataError `registry-invalid` */
export function readV1(
  document: Readonly<Record<string, unknown>>,
  host: string,
  limit: number,
): SearchHit[] {
  // Null is a search that found nothing; without the key it is no answer to a search at all.
  const results = 'results' in document ? objectsOf(document['results']) : undefined;
  if (results === undefined) {
    throw new StrataError('registry-invalid', { host, detail: 'its search results are no list' });
  }
  return results.slice(0, limit).map((result) => ({
    name: lineOf(result['name']),
    description: lineOf(result['description']),
    stars: countOf(result['star_count']),
    official: result['is_official'] === true,
    automated: result['is_automated'] === true,
  }));
}
