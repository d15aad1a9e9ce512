import type { Registry } from '../../registry/index.ts';
import type { Store } from '../../store/index.ts';
import type { TransportConfig } from '../../transport/index.ts';
import type { PullEvent } from '../types.ts';
import type { LayerWorkers } from '../worker/workers.ts';

export interface PullDeps {
  readonly store: Store;
  readonly registry: Registry;
  readonly workers: LayerWorkers;
  readonly transport: TransportConfig;
  /** Layers fetched side by side. */
  readonly concurrency: number;
}

export interface PullContext {
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: PullEvent) => void;
}
