import { StrataError } from '../base/errors.ts';
import { familiarName, familiarString, parseReference } from '../reference/index.ts';
import { matchPattern } from './filterPattern.ts';
import { timeNanoseconds } from './filterTime.ts';
import { findImage } from './find.ts';
import type { Filters, ListedImage } from './types.ts';

const LIST_KEYS: ReadonlySet<string> = new Set(['dangling', 'label', 'before', 'since', 'reference']);

interface ListFilters<I extends ListedImage> {
  /** Undefined: both kinds. */
  readonly dangling: boolean | undefined;
  readonly accepts: (image: I) => boolean;
  /** The image with the names that are to be shown; undefined if none of them is. */
  readonly narrow: (image: I) => I | undefined;
}

/**
 * The filters of `docker images` (moby daemon/images/images.go, Images). Labels must all match, of references one;
 * with several times `before` or `since` the last counts: Docker takes one of them by chance.
 * @throws `filter-invalid`, `image-not-found`, `id-ambiguous`, `reference-invalid`
 */
export function compileListFilters<I extends ListedImage>(
  images: readonly I[],
  filters: Filters,
): ListFilters<I> {
  checkKeys(filters, LIST_KEYS);
  const dangling = danglingOf(filters);
  const before = timeOf(images, filters.before);
  const since = timeOf(images, filters.since);
  const labels = filters.label ?? [];
  const patterns = filters.reference ?? [];
  return {
    dangling,
    accepts: (image) => {
      if (!matchesLabels(image.labels, labels)) return false;
      if (before === undefined && since === undefined) return true;
      const created = timeNanoseconds(image.created);
      return (before === undefined || created < before) && (since === undefined || created > since);
    },
    narrow: (image) => (patterns.length === 0 ? image : withNames(image, patterns)),
  };
}

/** @throws `filter-invalid` in Docker's words */
export function checkKeys(filters: Filters, known: ReadonlySet<string>): void {
  const unknown = Object.keys(filters).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new StrataError('filter-invalid', { detail: `Invalid filter '${unknown}'` });
}

/** True if every `key` is there and every `key=value` is so; of an image without labels nothing is. */
export function matchesLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
  return wanted.every((text) => {
    const at = text.indexOf('=');
    const key = at === -1 ? text : text.slice(0, at);
    return Object.hasOwn(labels, key) && (at === -1 || labels[key] === text.slice(at + 1));
  });
}

function danglingOf({ dangling }: Filters): boolean | undefined {
  if (dangling === undefined) return undefined;
  if (dangling.includes('true')) return true;
  if (dangling.includes('false')) return false;
  const values = [...new Set(dangling)].join(' ');
  throw new StrataError('filter-invalid', { detail: `Invalid filter 'dangling=[${values}]'` });
}

function timeOf(images: readonly ListedImage[], names: readonly string[] = []): bigint | undefined {
  const found = names.map((name) => timeNanoseconds(findImage(images, name).created));
  return found.at(-1);
}

function withNames<I extends ListedImage>(image: I, patterns: readonly string[]): I | undefined {
  const isWanted = (name: string): boolean => matchesReference(name, patterns);
  const tags = image.tags.filter(isWanted);
  const repoDigests = image.repoDigests.filter(isWanted);
  return tags.length + repoDigests.length === 0 ? undefined : { ...image, tags, repoDigests };
}

/** On the familiar name, with tag or digest and without (distribution/reference, FamiliarMatch). */
function matchesReference(name: string, patterns: readonly string[]): boolean {
  const reference = parseReference(name);
  const [whole, bare] = [familiarString(reference), familiarName(reference)];
  return patterns.some((pattern) => matchPattern(pattern, whole) || matchPattern(pattern, bare));
}
