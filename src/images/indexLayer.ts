import { PROGRESS_INTERVAL_MS } from '../base/limits.ts';
import { readLayerStats } from '../layers/index.ts';
import type { LayerStats } from '../layers/index.ts';
import type { Digest } from '../oci/digest.ts';
import type { Store } from '../store/index.ts';
import type { TransportConfig } from '../transport/index.ts';
import type { LayerWorkers } from './worker/workers.ts';

/**
 * The figures of a stored layer; its index is made anew, on a worker, where it is gone or damaged.
 * @throws `blob-missing`, `digest-mismatch`, `content-invalid`
 */
export async function indexLayer(
  deps: { readonly store: Store; readonly workers: LayerWorkers; readonly transport: TransportConfig },
  layer: { readonly digest: Digest; readonly diffId: Digest; readonly size: number },
): Promise<LayerStats> {
  try {
    return await readLayerStats(deps.store.layerIndexPath(layer.diffId));
  } catch {
    const job = {
      ...layer,
      root: deps.store.root,
      sources: [],
      transport: deps.transport,
      progressIntervalMs: PROGRESS_INTERVAL_MS,
    };
    const { stats } = await deps.workers.run(job, {
      signal: undefined,
      onProgress: () => undefined,
      renewAuthorization: () => Promise.resolve(undefined),
    });
    return stats;
  }
}
