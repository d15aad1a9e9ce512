/** Most registries list tags without times, so the order is what names tell: the default tag, versions, dates, the rest. */

const DEFAULT_TAG = 'latest';
const VERSION = /^v?(\d{1,15}(?:\.\d{1,15}){0,5})(?:[-_.+]?([A-Za-z].*|.+))?$/;
const DATE = /^(?:19|20)\d{2}[.-]?\d{2}[.-]?\d{2}(?!\d)/;
const PRERELEASE = /^(?:alpha|beta|rc|pre|dev|snapshot|nightly|canary|preview|edge|next)/i;

interface ParsedTag {
  readonly tag: string;
  readonly rank: number;
  readonly numbers: readonly number[];
  readonly suffix: string;
}

/**
 * `latest`, then versions from the highest down (`3` before `3.20` before `3.20.1`: the shorter name moves on with the newest),
 * then dates from the newest, then the rest in the registry's own order.
 */
export function orderTags(tags: readonly string[]): readonly string[] {
  return [...new Set(tags)]
    .map(parseTag)
    .toSorted(compareTags)
    .map(({ tag }) => tag);
}

function parseTag(tag: string): ParsedTag {
  if (tag === DEFAULT_TAG) return { tag, rank: 0, numbers: [], suffix: '' };
  const date = DATE.exec(tag)?.[0];
  if (date !== undefined) {
    return { tag, rank: 2, numbers: [Number(date.replaceAll(/\D/g, ''))], suffix: tag.slice(date.length) };
  }
  const [, version, suffix = ''] = VERSION.exec(tag) ?? [];
  if (version === undefined) return { tag, rank: 3, numbers: [], suffix: '' };
  return { tag, rank: 1, numbers: version.split('.').map(Number), suffix };
}

function compareTags(a: ParsedTag, b: ParsedTag): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i += 1) {
    const left = a.numbers[i] ?? Infinity;
    const right = b.numbers[i] ?? Infinity;
    if (left !== right) return right > left ? 1 : -1;
  }
  return compareSuffixes(a.suffix, b.suffix);
}

function compareSuffixes(a: string, b: string): number {
  if (a === b) return 0;
  const order = (suffix: string): number => (suffix === '' ? 0 : PRERELEASE.test(suffix) ? 2 : 1);
  if (order(a) !== order(b)) return order(a) - order(b);
  // Of two candidates the later one is newer; of two flavours neither is.
  return order(a) === 2
    ? b.localeCompare(a, 'en', { numeric: true })
    : a.localeCompare(b, 'en', { numeric: true });
}
