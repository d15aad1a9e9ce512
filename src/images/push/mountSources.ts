import { MAX_MANIFEST_BYTES, MAX_MOUNT_ATTEMPTS } from '../../base/limits.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/parse.ts';
import { canonicalName, parseReference } from '../../reference/index.ts';
import type { Reference } from '../../reference/index.ts';
import type { Store } from '../../store/index.ts';
import { entryDigests, resolveEntry } from '../refs.ts';
import type { Compressed } from './compressed.ts';

/** Repositories that have a blob, by their paths, the likeliest first. */
export type MountSources = (digest: Digest) => readonly string[];

/**
 * Where the target's registry has the layers already: in the repositories that images of this store were pulled from or
 * pushed to. The likest name is asked first, then the latest (moby distribution/push_v2.go, sortV2MetadataByLikenessAndAge).
 */
export async function findMountSources(
  store: Store,
  target: Reference,
  compressed: Compressed,
): Promise<MountSources> {
  const found = new Map<Digest, string[]>();
  for (const entry of (await store.entries()).toReversed()) {
    const paths = entryDigests(entry)
      .map((name) => parseReference(name))
      .filter(({ domain, path }) => domain === target.domain && path !== target.path)
      .map(({ path }) => path);
    if (paths.length === 0) continue;
    const resolved = await resolveEntry(store, entry);
    for (const digest of resolved === undefined ? [] : await layersOf(store, resolved.manifest.digest)) {
      for (const each of [digest, compressed.get(digest)?.digest]) {
        if (each !== undefined) found.set(each, [...(found.get(each) ?? []), ...paths]);
      }
    }
  }
  const own = canonicalName(target).split('/');
  const likeness = (path: string): number => {
    const parts = `${target.domain}/${path}`.split('/');
    const end = parts.findIndex((part, i) => part !== own[i]);
    return end === -1 ? parts.length : end;
  };
  return (digest) =>
    [...new Set(found.get(digest))].sort((a, b) => likeness(b) - likeness(a)).slice(0, MAX_MOUNT_ATTEMPTS);
}

async function layersOf(store: Store, manifest: Digest): Promise<readonly Digest[]> {
  try {
    const bytes = await store.readBlob(manifest, MAX_MANIFEST_BYTES);
    return parseManifest(bytes, manifest).layers.map(({ digest }) => digest);
  } catch {
    return [];
  }
}
