import { StrataError } from '../base/errors.ts';
import { MAX_LISTED, MAX_PAGES, MAX_SMALL_RESPONSE_BYTES } from '../base/limits.ts';
import type { Reference } from '../reference/index.ts';
import { familiarName } from '../reference/index.ts';
import type { HttpResponse } from '../transport/index.ts';
import { readBody } from '../transport/index.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { headerText, isObject } from './failures.ts';
import { nextLink } from './link.ts';
import { isTag, tagsPath } from './paths.ts';

/** Entries of one page: the most that the common registries give. */
const PAGE_SIZE = 1000;

/** All pages of a repository's tags. Errors as `Registry.tags`. */
export async function fetchTags(
  client: RegistryClient,
  endpoint: Endpoint,
  ref: Reference,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const { host } = endpoint;
  const name = familiarName(ref);
  const tags = new Set<string>();
  const seen = new Set<string>();
  let next: string | undefined = await client.url(
    endpoint,
    `${tagsPath(endpoint.repository)}?n=${PAGE_SIZE}`,
    signal,
  );
  // Some registries name the same page as its own successor for ever (vscode-docker#4309).
  while (next !== undefined && !seen.has(next) && seen.size < MAX_PAGES && tags.size < MAX_LISTED) {
    seen.add(next);
    const response = await client.get(endpoint, { path: next, name, what: 'tags', signal });
    for (const tag of await readPage(response, host)) tags.add(tag);
    next = nextPage(response, next);
  }
  return [...tags].slice(0, MAX_LISTED);
}

/** A tag that the grammar refuses could not be asked for: it is left out. `tags` is null for an empty repository in some. */
async function readPage(response: HttpResponse, host: string): Promise<string[]> {
  const bytes = await readBody(response, MAX_SMALL_RESPONSE_BYTES, 'a page of tags');
  const invalid = (): StrataError =>
    new StrataError('registry-invalid', { host, detail: 'its list of tags cannot be read' });
  let page: unknown;
  try {
    page = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid();
  }
  if (!isObject(page)) throw invalid();
  const list = page['tags'] ?? [];
  if (!Array.isArray(list)) throw invalid();
  return list.filter(isTag);
}

/** Behind a proxy some registries name themselves by another scheme or host: only path and query are theirs to choose. */
function nextPage(response: HttpResponse, current: string): string | undefined {
  const link = nextLink(headerText(response, 'link') ?? '');
  if (link === undefined || !URL.canParse(link, current)) return undefined;
  const { pathname, search } = new URL(link, current);
  const next = new URL(current);
  next.pathname = pathname;
  next.search = search;
  return next.href;
}
