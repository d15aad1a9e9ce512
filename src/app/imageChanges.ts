import { applyRemoval, planPruning, planRemoval, resolveEntry, tagImage } from '../images/index.ts';
import type {
  ContainerUse,
  ImageSummary,
  PruneOptions,
  PrunePlan,
  Removal,
  RemoveOptions,
  RemoveRecord,
} from '../images/index.ts';
import type { Digest } from '../oci/digest.ts';
import type { RefEntry, Store } from '../store/index.ts';

export interface ImageChangesDeps {
  readonly store: Store;
  /** The images that these entries name. */
  readonly readImages: (entries: readonly RefEntry[]) => Promise<readonly ImageSummary[]>;
  readonly usersOf: (id: Digest) => readonly ContainerUse[];
}

interface Decision<T> {
  readonly entries: readonly RefEntry[];
  /** Images go: then their blobs do. */
  readonly sweep: boolean;
  readonly result: T;
}

/** Decides outside the store's lock; if index.json has changed meanwhile it is decided anew. */
async function change<T>(
  { store, readImages }: ImageChangesDeps,
  decide: (
    entries: readonly RefEntry[],
    images: readonly ImageSummary[],
  ) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  for (;;) {
    const entries = await store.entries();
    const { entries: wanted, sweep, result } = await decide(entries, await readImages(entries));
    if (wanted === entries) return result;
    const seen = { stale: false };
    await store.update(
      (current) => {
        seen.stale = current !== entries;
        return seen.stale ? current : wanted;
      },
      { sweep },
    );
    if (!seen.stale) return result;
  }
}

export async function removeImages(
  deps: ImageChangesDeps,
  name: string,
  options: RemoveOptions,
): Promise<readonly RemoveRecord[]> {
  return await change(deps, async (entries, images) => {
    const removal = planRemoval(images, name, options, deps.usersOf);
    return { ...(await without(deps.store, entries, removal)), result: removal.records };
  });
}

export async function pruneImages(deps: ImageChangesDeps, options: PruneOptions): Promise<PrunePlan> {
  return await change(deps, async (entries, images) => {
    const { removal, plan } = planPruning(images, options, deps.usersOf, Date.now());
    return { ...(await without(deps.store, entries, removal)), result: plan };
  });
}

export async function tag(deps: ImageChangesDeps, source: string, target: string): Promise<void> {
  await change(deps, (entries, images) => ({
    entries: tagImage(entries, images, source, target, Date.now()),
    sweep: false,
    result: undefined,
  }));
}

async function without(
  store: Store,
  entries: readonly RefEntry[],
  removal: Removal,
): Promise<Omit<Decision<unknown>, 'result'>> {
  if (removal.records.length === 0) return { entries, sweep: false };
  const ids = new Map<RefEntry, Digest>();
  for (const entry of entries) {
    const resolved = await resolveEntry(store, entry);
    if (resolved !== undefined) ids.set(entry, resolved.id);
  }
  return {
    entries: applyRemoval(entries, removal, (entry) => ids.get(entry)),
    sweep: removal.images.size > 0,
  };
}
