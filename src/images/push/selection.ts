import { StrataError } from '../../base/errors.ts';
import {
  canonicalName,
  canonicalString,
  familiarName,
  familiarString,
  parseReference,
  withDefaultTag,
} from '../../reference/index.ts';
import type { Reference } from '../../reference/index.ts';
import type { RefEntry, Store } from '../../store/index.ts';
import { findImage } from '../find.ts';
import { entryTag, resolveEntry } from '../refs.ts';
import type { ImageSummary, PushRequest } from '../types.ts';

/** One tag to be set in a registry, and the entry of the store that it names. */
export interface PushItem {
  readonly target: Reference & { readonly tag: string };
  readonly entry: RefEntry;
}

/**
 * What a request means, by the names of the store; with `target` also by image ID.
 * @throws StrataError `nothing-to-push`, `image-not-found`, `id-ambiguous`, `reference-invalid`
 */
export async function selectItems(
  store: Store,
  request: PushRequest,
  catalog: () => Promise<readonly ImageSummary[]>,
): Promise<readonly PushItem[]> {
  const entries = await store.entries();
  if (request.target !== undefined) {
    const target = tagged(withDefaultTag(parseReference(request.target)));
    return [{ target, entry: await findEntry(store, entries, request.name, catalog) }];
  }
  const reference = parseReference(request.name);
  const repository = canonicalName(reference);
  const own = entries
    .flatMap((entry) => {
      const name = entryTag(entry);
      const known = name === undefined ? undefined : parseReference(name);
      return known === undefined || canonicalName(known) !== repository
        ? []
        : [{ target: tagged(known), entry }];
    })
    .sort((a, b) => (a.target.tag < b.target.tag ? -1 : 1));
  if (own.length === 0) {
    throw new StrataError('nothing-to-push', { name: familiarName(reference), repositoryKnown: false });
  }
  if (request.allTags === true) return own;
  const wanted = tagged(withDefaultTag(reference));
  const found = own.filter(({ target }) => target.tag === wanted.tag).slice(0, 1);
  if (found.length > 0) return found;
  throw new StrataError('nothing-to-push', { name: familiarString(wanted), repositoryKnown: true });
}

/** Of an image with several entries the one that the name names, else the first. */
async function findEntry(
  store: Store,
  entries: readonly RefEntry[],
  name: string,
  catalog: () => Promise<readonly ImageSummary[]>,
): Promise<RefEntry> {
  const image = findImage(await catalog(), name);
  const resolved = await Promise.all(entries.map(async (entry) => await resolveEntry(store, entry)));
  const own = resolved
    .filter((item) => item?.id === image.id)
    .flatMap((item) => (item === undefined ? [] : [item.entry]));
  const [entry] = [...own.filter((candidate) => isNamed(candidate, name)), ...own];
  if (entry === undefined) throw new StrataError('image-not-found', { name });
  return entry;
}

function isNamed(entry: RefEntry, name: string): boolean {
  try {
    return entryTag(entry) === canonicalString(withDefaultTag(parseReference(name)));
  } catch {
    return false;
  }
}

/** @throws `reference-invalid`: a push sets a tag */
function tagged(reference: Reference): Reference & { readonly tag: string } {
  const { tag, digest, ...rest } = reference;
  if (tag !== undefined && digest === undefined) return { ...rest, tag };
  const name = familiarString(reference);
  throw new StrataError('reference-invalid', { name, part: digest ?? '', reason: 'digest' });
}
