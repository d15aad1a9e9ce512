import type { ActivePull, LayerStatus, PullEvent, PullRequest, PullWarning } from '../../images/types.ts';

/** One layer of a pull as a row shows it. Bytes are compressed bytes. */
export interface PullLayerState {
  readonly id: string;
  readonly digest: string;
  readonly status: LayerStatus;
  readonly current: number;
  readonly total: number;
}

/** A pull of this window, of another window or of a terminal. */
export interface PullState {
  /** Stable while the pull lives, and the same for every window. */
  readonly id: string;
  /** What a person reads: `alpine:latest`. */
  readonly name: string;
  readonly request: PullRequest;
  readonly phase: 'running' | 'failed' | 'foreign';
  readonly layers: readonly PullLayerState[];
  readonly error?: unknown;
  readonly warnings: readonly PullWarning[];
}

export function startedPull(id: string, request: PullRequest): PullState {
  return { id, request, name: request.name, phase: 'running', layers: [], warnings: [] };
}

/** What the pull is after an event. An event for a layer that was never announced changes nothing. */
export function applyPullEvent(state: PullState, event: PullEvent): PullState {
  switch (event.kind) {
    case 'start':
      return { ...state, name: event.name };
    case 'found':
      return state;
    case 'warning':
      return { ...state, warnings: [...state.warnings, event] };
    case 'layers':
      return { ...state, layers: event.layers.map((layer) => waitingLayer(layer)) };
    case 'layer':
      return {
        ...state,
        layers: state.layers.map((layer) =>
          layer.digest === event.digest ? applyToLayer(layer, event) : layer,
        ),
      };
  }
}

function waitingLayer(layer: { id: string; digest: string; size: number }): PullLayerState {
  return { id: layer.id, digest: layer.digest, status: 'Pulling fs layer', current: 0, total: layer.size };
}

function applyToLayer(layer: PullLayerState, event: PullEvent & { kind: 'layer' }): PullLayerState {
  const current = isFetched(event.status) ? layer.total : (event.current ?? layer.current);
  return { ...layer, status: event.status, current: Math.min(current, layer.total) };
}

/** True when none of the layer's bytes are still to come. */
function isFetched(status: LayerStatus): boolean {
  switch (status) {
    case 'Verifying Checksum':
    case 'Download complete':
    case 'Pull complete':
    case 'Already exists':
      return true;
    case 'Pulling fs layer':
    case 'Waiting':
    case 'Downloading':
    case 'Indexing':
      return false;
  }
}

/** Another process's pull, of which only bytes are known. */
export function foreignPull(pull: ActivePull): PullState {
  return {
    id: pull.id,
    name: pull.name,
    request: { name: pull.name },
    phase: 'foreign',
    warnings: [],
    layers: pull.layers.map((layer) => ({
      id: layer.digest.slice(layer.digest.indexOf(':') + 1).slice(0, 12),
      digest: layer.digest,
      status: layer.done ? 'Pull complete' : layer.current > 0 ? 'Downloading' : 'Waiting',
      current: layer.done ? layer.size : Math.min(layer.current, layer.size),
      total: layer.size,
    })),
  };
}

export interface PullTotals {
  /** Compressed bytes. Layers that the store had count for nothing. */
  readonly current: number;
  readonly total: number;
}

/** What is fetched and what there is to fetch, of one or several pulls; a layer that two of them share counts once. */
export function pullTotals(pulls: readonly PullState[]): PullTotals {
  const layers = new Map(pulls.flatMap((pull) => pull.layers).map((layer) => [layer.digest, layer]));
  let current = 0;
  let total = 0;
  for (const layer of layers.values()) {
    if (layer.status === 'Already exists') continue;
    current += layer.current;
    total += layer.total;
  }
  return { current, total };
}
