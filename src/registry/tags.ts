import { MAX_LISTED } from '../base/limits.ts';
import type { Reference } from '../reference/index.ts';
import { familiarName } from '../reference/index.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { fetchPages } from './pages.ts';
import { isTag, tagsPath } from './paths.ts';

/** Entries of one page: the most that the common registries give. */
const PAGE_SIZE = 1000;

/** All pages of a repository's tags. A tag that the grammar refuses could not be asked for: it is left out. Errors as `Registry.tags`. */
export async function fetchTags(
  client: RegistryClient,
  endpoint: Endpoint,
  ref: Reference,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const tags = new Set<string>();
  const pages = fetchPages(client, endpoint, {
    path: `${tagsPath(endpoint.repository)}?n=${PAGE_SIZE}`,
    name: familiarName(ref),
    what: 'tags',
    field: 'tags',
    list: 'its list of tags',
    signal,
  });
  for await (const page of pages) for (const tag of page.filter(isTag)) tags.add(tag);
  return [...tags].slice(0, MAX_LISTED);
}
