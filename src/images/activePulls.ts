import { partialBytes } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import type { ActivePull } from './types.ts';

/** The pulls of every process on this store, and how far each of their layers is. */
export async function activePulls(store: Store): Promise<readonly ActivePull[]> {
  const leases = await store.activeLeases();
  return await Promise.all(
    leases
      .filter(({ kind }) => kind === 'pull')
      .map(async ({ id, name, own, layers }): Promise<ActivePull> => {
        const progress = layers.map(async ({ digest, size }) => {
          const done = await store.hasBlob(digest, size);
          return { digest, size, done, current: done ? size : await partialBytes(store.root, digest) };
        });
        return { id, name, own, layers: await Promise.all(progress) };
      }),
  );
}
