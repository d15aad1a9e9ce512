import { isStrataError, StrataError } from '../base/errors.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { fetchPages } from './pages.ts';
import { isRepository } from './paths.ts';

/** Repositories of one page. The common registries give at most 1,000 (docker-registry refuses more). */
const PAGE_SIZE = 1000;
/** What a token must allow (distribution's docs/spec/auth/scope.md). */
const SCOPES = ['registry:catalog:*'];
/** What registries answer that have no catalogue, or show it to nobody. */
const REFUSALS = new Set([400, 403, 404, 405, 501]);

/**
 * The repositories of a registry by pages, in its order (distribution's docs/spec/api.md, "Catalog"). Names that the grammar
 * refuses could not be asked for: they are left out.
 * @throws StrataError `search-unsupported` when the registry has no catalogue or shows it to nobody
 */
export async function* fetchRepositories(
  client: RegistryClient,
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[], void, undefined> {
  const { host } = endpoint;
  const pages = fetchPages(client, endpoint, {
    path: `_catalog?n=${PAGE_SIZE}`,
    name: host,
    what: 'api',
    scopes: SCOPES,
    field: 'repositories',
    list: 'its list of repositories',
    signal,
  });
  try {
    for await (const page of pages) yield page.filter(isRepository);
  } catch (error) {
    throw asUnsupported(error, host);
  }
}

/** A page of HTML where the catalogue should be is the home page of a registry that has none. */
function asUnsupported(error: unknown, host: string): unknown {
  const refuses =
    isStrataError(error, 'registry-forbidden') ||
    isStrataError(error, 'registry-invalid') ||
    (isStrataError(error, 'registry-failed') && REFUSALS.has(error.params.status));
  if (!refuses) return error;
  const detail = isStrataError(error, 'registry-forbidden')
    ? 'it denies the list of its repositories'
    : error.message;
  return new StrataError('search-unsupported', { host, detail }, { cause: error });
}
