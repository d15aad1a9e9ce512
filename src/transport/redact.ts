/** Query parameters whose values say nothing secret. Every other value is hidden: storage signs URLs in many ways. */
const PLAIN_PARAMETERS = new Set([
  'service',
  'scope',
  'n',
  'last',
  'q',
  'ns',
  'page',
  'page_size',
  'digest',
  'mount',
  'from',
  'artifactType',
]);

const HIDDEN = '***';

/** A URL that may be logged: without userinfo, and without the values of unknown query parameters. */
export function redactUrl(text: string): string {
  if (!URL.canParse(text))
    return text.replace(/\/\/[^/@\s]*@/g, `//${HIDDEN}@`).replace(/\?.*$/s, `?${HIDDEN}`);
  const url = new URL(text);
  const user = url.username !== '' || url.password !== '';
  url.username = '';
  url.password = '';
  url.hash = '';
  const query = [...url.searchParams]
    .map(([name, value]) => `${name}=${PLAIN_PARAMETERS.has(name) ? value : HIDDEN}`)
    .join('&');
  url.search = '';
  const base = user ? url.href.replace('//', `//${HIDDEN}@`) : url.href;
  return query === '' ? base : `${base}?${query}`;
}

/** A text from outside, or of an error, that may be logged or shown: URLs redacted, Authorization values hidden, one line. */
export function redactText(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/\bhttps?:\/\/[^\s"'<>]+/gi, (url) => redactUrl(url))
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
