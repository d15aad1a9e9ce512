import { StrataError } from '../base/errors.ts';
import type { HttpRequest, HttpResponse } from './types.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that name the person; `authorization` has a field of its own, but a caller may have put it here. */
const PRIVATE_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * What to ask next, or undefined when this response is the answer. Only GET and HEAD follow.
 * @throws StrataError `registry-invalid` for a Location that no client should follow
 */
export function nextHop(request: HttpRequest, response: HttpResponse): HttpRequest | undefined {
  const method = request.method ?? 'GET';
  const location = response.headers['location'];
  if (!REDIRECTS.has(response.status) || typeof location !== 'string') return undefined;
  if (request.followRedirects === false || (method !== 'GET' && method !== 'HEAD')) return undefined;

  const from = new URL(request.url);
  const invalid = (detail: string): StrataError =>
    new StrataError('registry-invalid', { host: from.host, detail });
  if (!URL.canParse(location, from.href)) throw invalid('it redirects to what is no address');
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw invalid('it redirects to what is not HTTP');
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw invalid(`it redirects from HTTPS to plain HTTP at ${to.host}`);
  }
  to.username = '';
  to.password = '';
  to.hash = '';
  if (to.origin === from.origin) return { ...request, url: to.href };
  return withoutSecrets({ ...request, url: to.href });
}

function withoutSecrets(request: HttpRequest): HttpRequest {
  const { authorization, headers, ...rest } = request;
  if (authorization === undefined && headers === undefined) return request;
  const harmless = Object.entries(headers ?? {}).filter(([name]) => !PRIVATE_HEADERS.has(name.toLowerCase()));
  return { ...rest, headers: Object.fromEntries(harmless) };
}
