import { StrataError } from '../base/errors.ts';
import type { Registry } from '../registry/index.ts';
import { checkKeys } from './filter.ts';
import type { Filters, SearchOptions, SearchResult } from './types.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;
const FILTERS: ReadonlySet<string> = new Set(['is-automated', 'is-official', 'stars']);
const HUB = 'docker.io';
const HUB_NAMES: ReadonlySet<string> = new Set([HUB, 'index.docker.io']);
const OFFICIAL = 'library/';

/**
 * What `docker search` finds (moby registry/service.go, Search; daemon/images/image_search.go), the most stars first, equal ones
 * in the registry's order. Names are as they are pulled: those of other registries than Docker Hub begin with their host.
 * @throws `filter-invalid` for filters and for a limit out of range, `reference-invalid`, `search-unsupported`, `registry-*`
 */
export async function searchImages(
  registry: Registry,
  text: string,
  { limit = DEFAULT_LIMIT, filters = {}, brief = false, signal }: SearchOptions,
): Promise<readonly SearchResult[]> {
  const accepts = compileFilters(filters);
  const { host, term } = splitTerm(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    const detail = `Limit ${limit} is outside the range of [1, ${MAX_LIMIT}]`;
    throw new StrataError('filter-invalid', { detail });
  }
  const found = await registry.search(host, term, { limit, details: !brief }, signal);
  return found
    .filter(accepts)
    .map((result) => (host === HUB ? result : { ...result, name: `${host}/${result.name}` }))
    .toSorted((a, b) => b.stars - a.stars);
}

/** The part before the first slash is a registry where it looks like a host, as in names (moby registry/config.go). */
function splitTerm(text: string): { readonly host: string; readonly term: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(0, slash));
  const isHost = /[.:]/.test(first) || first === 'localhost';
  if (text.includes('://') || (isHost && !isUrlHost(first))) {
    throw new StrataError('filter-invalid', {
      detail: 'Invalid repository name (ex: "registry.domain.tld/myrepos")',
    });
  }
  const rest = isHost ? text.slice(slash + 1) : text;
  if (isHost && !HUB_NAMES.has(first.toLowerCase())) return { host: first.toLowerCase(), term: rest };
  return { host: HUB, term: rest.startsWith(OFFICIAL) ? rest.slice(OFFICIAL.length) : rest };
}

/** It becomes part of a URL: nothing but a host and a port may be in it. */
function isUrlHost(host: string): boolean {
  return /^(?:[\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?$/i.test(host) && URL.canParse(`https://${host}/`);
}

function compileFilters(filters: Filters): (result: Omit<SearchResult, 'name'>) => boolean {
  checkKeys(filters, FILTERS);
  const automated = flagOf(filters, 'is-automated');
  const official = flagOf(filters, 'is-official');
  const stars = Math.max(0, ...(filters.stars ?? []).map(starsOf));
  return (result) =>
    (automated === undefined || result.automated === automated) &&
    (official === undefined || result.official === official) &&
    result.stars >= stars;
}

function flagOf(filters: Filters, key: 'is-automated' | 'is-official'): boolean | undefined {
  const values = [...new Set(filters[key])];
  const [value] = values;
  if (value === undefined) return undefined;
  if (values.length === 1 && (value === 'true' || value === 'false')) return value === 'true';
  throw new StrataError('filter-invalid', { detail: `Invalid filter '${key}=[${values.join(' ')}]'` });
}

/** strconv.Atoi */
function starsOf(text: string): number {
  if (/^[+-]?\d{1,18}$/.test(text)) return Number(text);
  throw new StrataError('filter-invalid', { detail: `Invalid filter 'stars=${text}'` });
}
