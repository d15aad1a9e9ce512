import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../base/limits.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import { isIndexType } from '../oci/mediaTypes.ts';
import { parseImageConfig, parseIndex, parseManifest } from '../oci/parse.ts';
import { hostPlatform, isAttestation, pickPlatform } from '../oci/platform.ts';
import { canonicalString, parseReference, withDefaultTag } from '../reference/index.ts';
import type { RefEntry, Store } from '../store/index.ts';

/** An entry of index.json whose image is known: `config` is its image ID, `manifest` one platform's manifest. */
export interface ResolvedEntry {
  readonly entry: RefEntry;
  readonly id: Digest;
  readonly manifest: Descriptor;
}

/**
 * Which image an entry belongs to. Our own entries say it; of another tool's the manifest is read, of an index the best platform that is here.
 * @returns undefined for what is no image (an artifact, a broken document): it is kept in index.json and not shown.
 */
export async function resolveEntry(store: Store, entry: RefEntry): Promise<ResolvedEntry | undefined> {
  const manifest = isIndexType(entry.manifest.mediaType)
    ? await childOf(store, entry.manifest)
    : entry.manifest;
  if (manifest === undefined) return undefined;
  if (entry.config !== undefined && manifest === entry.manifest) return { entry, id: entry.config, manifest };
  const id = await imageIdOf(store, manifest);
  return id === undefined ? undefined : { entry, id, manifest };
}

async function childOf(store: Store, descriptor: Descriptor): Promise<Descriptor | undefined> {
  const children = await childrenOf(store, descriptor);
  const present = await Promise.all(children.map(async (child) => await store.hasBlob(child.digest)));
  const here = children.filter((_, i) => present[i] === true);
  return pickPlatform(here, hostPlatform()) ?? here[0];
}

async function childrenOf(store: Store, descriptor: Descriptor): Promise<readonly Descriptor[]> {
  try {
    const bytes = await store.readBlob(descriptor.digest, MAX_MANIFEST_BYTES);
    const { manifests } = parseIndex(bytes, descriptor.digest, descriptor.mediaType);
    return manifests.filter((child) => !isAttestation(child));
  } catch {
    return [];
  }
}

async function imageIdOf(store: Store, manifest: Descriptor): Promise<Digest | undefined> {
  try {
    const bytes = await store.readBlob(manifest.digest, MAX_MANIFEST_BYTES);
    const { config } = parseManifest(bytes, manifest.digest, manifest.mediaType);
    parseImageConfig(await store.readBlob(config.digest, MAX_CONFIG_BYTES), config.digest);
    return config.digest;
  } catch {
    return undefined;
  }
}

/** Entries never change, and a store of thousands is asked for all names each time that one is set. */
const tags = new WeakMap<RefEntry, string | false>();

/** The entry's name in canonical form, also where another tool wrote a short one; undefined for a dangling image. */
export function entryTag(entry: RefEntry): string | undefined {
  if (entry.name === undefined) return undefined;
  let tag = tags.get(entry);
  if (tag === undefined) {
    tag = readTag(entry.name);
    tags.set(entry, tag);
  }
  return tag === false ? undefined : tag;
}

function readTag(name: string): string | false {
  try {
    return canonicalString(withDefaultTag(parseReference(name)));
  } catch {
    return false;
  }
}

/** The entry's digest references; what is none is passed over: another tool may have written there. */
export function entryDigests(entry: RefEntry): readonly string[] {
  return entry.repoDigests.filter((name) => {
    try {
      return parseReference(name).digest !== undefined;
    } catch {
      return false;
    }
  });
}

/** `repository` of a `repository@digest` or `repository:tag`, canonical. */
export function repositoryOf(name: string): string {
  const { domain, path } = parseReference(name);
  return `${domain}/${path}`;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort();
}

/** The entry with what its image must not lose when another entry of that image goes. */
export function inherit<E extends RefEntry>(entry: E, gone: RefEntry): E {
  const parent = entry.parent ?? gone.parent;
  const taggedAt = [entry.taggedAt, gone.taggedAt]
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  return {
    ...entry,
    repoDigests: union(entry.repoDigests, gone.repoDigests),
    ...(parent === undefined ? {} : { parent }),
    ...(taggedAt === undefined ? {} : { taggedAt }),
  };
}

export function withoutName(entry: RefEntry): RefEntry {
  const { name: _, ...nameless } = entry;
  return nameless;
}

/** The entry without these digest references: the same entry if it has none of them. */
export function withoutDigests<E extends RefEntry>(entry: E, names: ReadonlySet<string>): E {
  const repoDigests = entry.repoDigests.filter((name) => !names.has(name));
  return repoDigests.length === entry.repoDigests.length ? entry : { ...entry, repoDigests };
}

/**
 * Sets a tag: the name leaves the image that had it, which stays as `<none>` if that was its last name, and comes to `next`.
 * A digest reference that another image has stays there (moby distribution/pull.go, addDigestReference): one index
 * pulled for two platforms names the first.
 * @param next the new entry; its `config` is the image ID
 */
export function setTag(
  entries: readonly RefEntry[],
  next: RefEntry & { readonly name: string; readonly config: Digest },
): readonly RefEntry[] {
  return setTags(entries, [next.name], next);
}

/** Sets several tags of one image, as `setTag` does one after another, but looks at each entry once. */
export function setTags(
  entries: readonly RefEntry[],
  names: readonly string[],
  next: RefEntry & { readonly config: Digest },
): readonly RefEntry[] {
  const wanted = new Set(names);
  const isOwn = (entry: RefEntry): boolean => isSameImage(entry, next);
  const taken = new Set(entries.filter((entry) => !isOwn(entry)).flatMap((entry) => entry.repoDigests));
  const tag = entries.filter(isOwn).reduce(inherit, withoutDigests(next, taken));
  const holders = new Set(entries.filter((entry) => wanted.has(entryTag(entry) ?? '')));
  let result: readonly RefEntry[] = entries.filter((entry) => !holders.has(entry));
  for (const holder of holders) if (!isOwn(holder)) result = leaveNameless(result, holder);
  // An image that was dangling has a name again: its nameless entry goes.
  result = result.filter((entry) => !isOwn(entry) || entry.name !== undefined);
  return [...result, ...[...wanted].map((name) => ({ ...tag, name }))];
}

/** Entries of other tools say no image ID: their manifest tells. */
function isSameImage(entry: RefEntry, other: RefEntry): boolean {
  return entry.config === undefined || other.config === undefined
    ? entry.manifest.digest === other.manifest.digest
    : entry.config === other.config;
}

/** Keeps an image whose entry has lost its name: dangling, unless another name of it stands. */
function leaveNameless(rest: readonly RefEntry[], holder: RefEntry): readonly RefEntry[] {
  const heir = rest.find((entry) => isSameImage(entry, holder));
  if (heir === undefined) return [...rest, withoutName(holder)];
  return rest.map((entry) => (entry === heir ? inherit(entry, holder) : entry));
}

/**
 * Records an image that was pulled by digest: it gets no tag. A digest names one image: Docker refuses to pull it for
 * another platform, here it goes over to the image that was asked for last.
 */
export function addDigestReference(
  entries: readonly RefEntry[],
  next: RefEntry & { readonly config: Digest },
): readonly RefEntry[] {
  const names = new Set(next.repoDigests);
  const own = entries.find((entry) => isSameImage(entry, next));
  const rest = entries.map((entry) => {
    if (entry === own) return inherit(entry, next);
    return isSameImage(entry, next) ? entry : withoutDigests(entry, names);
  });
  return own === undefined ? [...rest, next] : rest;
}
