import { StrataError } from '../base/errors.ts';
import { MAX_LISTED, MAX_PAGES, MAX_SMALL_RESPONSE_BYTES } from '../base/limits.ts';
import type { HttpResponse } from '../transport/index.ts';
import { readBody } from '../transport/index.ts';
import type { ApiRequest, RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { headerText, isObject } from './failures.ts';
import { nextLink } from './link.ts';

interface ListRequest extends ApiRequest {
  /** The key of the page that holds its entries; null counts as none (some send it for an empty repository). */
  readonly field: string;
  /** For messages: `its list of tags`. */
  readonly list: string;
}

/**
 * The pages of a list, one after another (distribution spec, "listing tags"): entries as they came, unchecked.
 * Ends where `Link` repeats itself, and after MAX_PAGES pages or MAX_LISTED entries.
 * @throws StrataError `registry-invalid` for a page that cannot be read, and for other statuses what `get` throws
 */
export async function* fetchPages(
  client: RegistryClient,
  endpoint: Endpoint,
  request: ListRequest,
): AsyncGenerator<readonly unknown[], void, undefined> {
  const seen = new Set<string>();
  let listed = 0;
  let next: string | undefined = await client.url(endpoint, request.path, request.signal);
  // Some registries name the same page as its own successor for ever (vscode-docker#4309).
  while (next !== undefined && !seen.has(next) && seen.size < MAX_PAGES && listed < MAX_LISTED) {
    seen.add(next);
    const response = await client.get(endpoint, { ...request, path: next });
    const page = await readPage(response, endpoint.host, request);
    listed += page.length;
    yield page;
    next = nextPage(response, next);
  }
}

async function readPage(
  response: HttpResponse,
  host: string,
  { field, list }: ListRequest,
): Promise<readonly unknown[]> {
  const document = await readObject(response, host, list);
  const entries: unknown = document[field] ?? [];
  if (!Array.isArray(entries)) throw unreadable(host, list);
  const page: readonly unknown[] = entries;
  return page;
}

/**
 * A small JSON object. @param what is read, for messages: `its list of tags`
 * @throws StrataError `registry-invalid`, `too-large`
 */
export async function readObject(
  response: HttpResponse,
  host: string,
  what: string,
): Promise<Readonly<Record<string, unknown>>> {
  const document = await readJson(response, host, what);
  if (!isObject(document)) throw unreadable(host, what);
  return document;
}

/** A small JSON document of any kind, as `readObject`. */
export async function readJson(response: HttpResponse, host: string, what: string): Promise<unknown> {
  const bytes = await readBody(response, MAX_SMALL_RESPONSE_BYTES, what);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw unreadable(host, what);
  }
}

function unreadable(host: string, what: string): StrataError {
  return new StrataError('registry-invalid', { host, detail: `${what} cannot be read` });
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
