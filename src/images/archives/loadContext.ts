import type { Lease, Store } from '../../store/index.ts';
import type { TransportConfig } from '../../transport/index.ts';
import type { LayerWorkers } from '../worker/workers.ts';
import type { ArchiveEvent, ImageSummary } from '../types.ts';
import type { KnownLayers } from './knownLayers.ts';

/** What a load or an import works with. */
export interface LoadDeps {
  readonly store: Store;
  readonly workers: LayerWorkers;
  readonly transport: TransportConfig;
  /** Layers side by side. */
  readonly concurrency: number;
  /** All images that the store lists now. */
  readonly images: readonly ImageSummary[];
}

/** One load under way. */
export interface LoadContext extends LoadDeps {
  readonly lease: Lease;
  readonly known: KnownLayers;
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: ArchiveEvent) => void;
}
