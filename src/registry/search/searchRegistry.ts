import { isStrataError } from '../../base/errors.ts';
import type { StrataError } from '../../base/errors.ts';
import { PROBE_ATTEMPTS } from '../../base/limits.ts';
import { fetchRepositories } from '../catalog.ts';
import type { RegistryClient } from '../client.ts';
import type { Endpoint } from '../endpoints.ts';
import { readObject } from '../pages.ts';
import type { SearchHit } from './types.ts';
import { readV1, v1Path } from './v1.ts';

/**
 * Searches a registry that is not Docker Hub: by `/v1/search` where it has that, as Docker does, else by reading its catalogue
 * until enough repositories match.
 * @throws StrataError `search-unsupported`, `registry-unauthorized` where signing in may help
 */
export async function searchRegistry(
  client: RegistryClient,
  endpoint: Endpoint,
  term: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<SearchHit[]> {
  try {
    return await byV1(client, endpoint, term, limit, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await byCatalog(client, endpoint, term, limit, signal);
  }
}

async function byV1(
  client: RegistryClient,
  endpoint: Endpoint,
  term: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<SearchHit[]> {
  const probed = { ...endpoint, attempts: PROBE_ATTEMPTS };
  const { host } = endpoint;
  const response = await client.get(probed, {
    path: `/${v1Path(term, limit)}`,
    accept: 'application/json',
    name: host,
    what: 'api',
    scopes: [],
    signal,
  });
  return readV1(await readObject(response, host, 'its answer to a search'), host, limit);
}

/** A registry that answers, but not with results: most have no `/v1/search`, and some send their home page instead. */
function isRefusal(error: unknown): error is StrataError {
  return (
    isStrataError(error, 'registry-failed') ||
    isStrataError(error, 'registry-invalid') ||
    isStrataError(error, 'registry-unauthorized') ||
    isStrataError(error, 'registry-forbidden') ||
    isStrataError(error, 'too-large')
  );
}

async function byCatalog(
  client: RegistryClient,
  endpoint: Endpoint,
  term: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<SearchHit[]> {
  const wanted = term.toLowerCase();
  const found = new Set<string>();
  for await (const page of fetchRepositories(client, endpoint, signal)) {
    for (const name of page) {
      if (name.includes(wanted)) found.add(name);
      if (found.size === limit) return [...found].map(hit);
    }
  }
  return [...found].map(hit);
}

function hit(name: string): SearchHit {
  return { name, description: '', stars: 0, official: false, automated: false };
}
