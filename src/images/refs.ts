import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../base/limits.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import { isIndexType } from '../oci/mediaTypes.ts';
import { parseImageConfig, parseIndex, parseManifest } from '../oci/parse.ts';
import { hostPlatform, pickPlatform } from '../oci/platform.ts';
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
  const bytes = await store.readBlob(descriptor.digest, MAX_MANIFEST_BYTES).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const { manifests } = parseIndex(bytes, descriptor.digest, descriptor.mediaType);
  const present = await Promise.all(manifests.map(async (child) => await store.hasBlob(child.digest)));
  const here = manifests.filter((_, i) => present[i] === true);
  return pickPlatform(here, hostPlatform()) ?? here[0];
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

/** The entry's name in canonical form, also where another tool wrote a short one; undefined for a dangling image. */
export function entryTag(entry: RefEntry): string | undefined {
  if (entry.name === undefined) return undefined;
  try {
    return canonicalString(withDefaultTag(parseReference(entry.name)));
  } catch {
    return undefined;
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

/**
 * Sets a tag: the name leaves the image that had it, which stays as `<none>` if that was its last name, and comes to `next`.
 * @param next the new entry; its `config` is the image ID
 */
export function setTag(
  entries: readonly RefEntry[],
  next: RefEntry & { readonly name: string; readonly config: Digest },
): readonly RefEntry[] {
  const holders = entries.filter((entry) => entryTag(entry) === next.name);
  const own = entries.filter((entry) => entry.config === next.config);
  const repoDigests = own.reduce((all, entry) => union(all, entry.repoDigests), next.repoDigests);
  let result: readonly RefEntry[] = entries.filter((entry) => !holders.includes(entry));
  for (const holder of holders) {
    if (holder.config !== next.config) result = leaveNameless(result, holder);
  }
  // An image that was dangling has a name again: its nameless entry goes.
  result = result.filter((entry) => entry.config !== next.config || entry.name !== undefined);
  return [...result, { ...next, repoDigests }];
}

/** Keeps an image whose entry has lost its name: dangling, unless another name of it stands. */
function leaveNameless(rest: readonly RefEntry[], holder: RefEntry): readonly RefEntry[] {
  const sameImage = (entry: RefEntry): boolean =>
    holder.config === undefined
      ? entry.manifest.digest === holder.manifest.digest
      : entry.config === holder.config;
  if (rest.some(sameImage)) {
    return rest.map((entry) =>
      sameImage(entry) ? { ...entry, repoDigests: union(entry.repoDigests, holder.repoDigests) } : entry,
    );
  }
  const { name: _, ...nameless } = holder;
  return [...rest, nameless];
}

/** Records an image that was pulled by digest: it gets no tag. */
export function addDigestReference(
  entries: readonly RefEntry[],
  next: RefEntry & { readonly config: Digest },
): readonly RefEntry[] {
  if (!entries.some((entry) => entry.config === next.config)) return [...entries, next];
  return entries.map((entry) =>
    entry.config === next.config
      ? { ...entry, repoDigests: union(entry.repoDigests, next.repoDigests) }
      : entry,
  );
}
