import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { isIndexType } from '../oci/mediaTypes.ts';
import type { RefEntry, Store } from '../store/index.ts';
import type { ImageSummary, ListedImage, RepositoryTags } from './types.ts';

/** Of the form below: raise it when that changes. */
const LISTING_VERSION = 2;

/** One image: names stand in texts, as each would be an object to parse. */
type Row = readonly [
  id: Digest,
  created: string | null,
  size: number,
  /** A repository, then its tags, then another repository and so on. */
  tags: readonly string[],
  repoDigests: string,
  labels: Readonly<Record<string, string>>,
  parent: Digest | null,
];

/**
 * All images in their order, as far as a list needs them; undefined where index.json is another than the one that
 * the listing was made of.
 */
export async function readListing(store: Store): Promise<readonly ListedImage[] | undefined> {
  const listing = await store.readListing(LISTING_VERSION);
  if (!Array.isArray(listing) || !listing.every(isRow)) return undefined;
  return listing.map((row) => new KeptImage(row));
}

/** Takes its names apart when they are asked for. */
class KeptImage implements ListedImage {
  readonly id: Digest;
  declare readonly created?: string;
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
  declare readonly parent?: Digest;
  readonly #tags: readonly string[];
  readonly #repoDigests: string;

  constructor([id, created, size, tags, repoDigests, labels, parent]: Row) {
    this.id = id;
    if (created !== null) this.created = created;
    this.size = size;
    this.labels = labels;
    if (parent !== null) this.parent = parent;
    this.#tags = tags;
    this.#repoDigests = repoDigests;
  }

  get byRepository(): readonly RepositoryTags[] {
    return splitTags(this.#tags);
  }

  get tags(): readonly string[] {
    return this.byRepository.flatMap(namesOf);
  }

  get repoDigests(): readonly string[] {
    return words(this.#repoDigests);
  }
}

/** Keeps the images that these entries name, where index.json alone says which they are. Costs time only if it fails. */
export async function keepListing(
  store: Store,
  logger: Logger,
  entries: readonly RefEntry[],
  images: readonly ImageSummary[],
): Promise<void> {
  if (!indexAloneTells(entries, images)) return;
  try {
    await store.writeListing(LISTING_VERSION, entries, images.map(toRow));
  } catch (error) {
    logger.debug(`the listing was not kept: ${describeError(error)}`);
  }
}

/**
 * Whether these images stay what they are as long as index.json does. What was left out for its damage may be mended,
 * and an entry of another tool mean another image tomorrow.
 */
export function indexAloneTells(entries: readonly RefEntry[], images: readonly ImageSummary[]): boolean {
  const ids = new Set(entries.map(({ config }) => config));
  const isOwn = !entries.some(({ manifest }) => isIndexType(manifest.mediaType)) && !ids.has(undefined);
  return isOwn && ids.size === images.length;
}

function toRow({ id, created, size, tags, repoDigests, labels, parent }: ImageSummary): Row {
  return [id, created ?? null, size, joinTags(tags), repoDigests.join(' '), labels, parent ?? null];
}

/** A repository, then its tags in one text, then another repository and so on. @param names sorted */
export function joinTags(names: readonly string[]): readonly string[] {
  return byRepository(names).flatMap(({ repository, tags }) => [repository, tags.join(' ')]);
}

/** What `joinTags` joined. */
export function splitTags(joined: readonly string[]): readonly RepositoryTags[] {
  const groups: RepositoryTags[] = [];
  for (let i = 0; i + 1 < joined.length; i += 2) {
    groups.push({ repository: joined[i] ?? '', tags: words(joined[i + 1] ?? '') });
  }
  return groups;
}

/** Canonical names with tag. */
export function namesOf({ repository, tags }: RepositoryTags): readonly string[] {
  return tags.map((tag) => `${repository}:${tag}`);
}

/** Tags, sorted as they are in a summary, by their repositories. */
export function byRepository(names: readonly string[]): readonly RepositoryTags[] {
  const groups: { readonly repository: string; readonly tags: string[] }[] = [];
  for (const name of names) {
    const end = name.lastIndexOf(':');
    const repository = name.slice(0, end);
    const last = groups.at(-1);
    if (last?.repository === repository) last.tags.push(name.slice(end + 1));
    else groups.push({ repository, tags: [name.slice(end + 1)] });
  }
  return groups;
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/** The listing is our own, but lies on a disk. */
function isRow(value: unknown): value is Row {
  if (!Array.isArray(value)) return false;
  const [id, created, size, tags, repoDigests, labels, parent] = value as readonly unknown[];
  return (
    isDigest(id) &&
    (created === null || typeof created === 'string') &&
    typeof size === 'number' &&
    Array.isArray(tags) &&
    tags.every((text) => typeof text === 'string') &&
    typeof repoDigests === 'string' &&
    typeof labels === 'object' &&
    labels !== null &&
    (parent === null || isDigest(parent))
  );
}
