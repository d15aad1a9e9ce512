import type { PullEvent } from '../../src/images/index.ts';

/** Gathers what a pull says. */
export interface PullRecorder {
  readonly events: PullEvent[];
  readonly onProgress: (event: PullEvent) => void;
  /** Statuses of one layer, repeats left out. */
  statusesOf(digest: string): string[];
  /** Layers that said this, in their order. */
  layersWith(status: string): string[];
}

export function recordPull(): PullRecorder {
  const events: PullEvent[] = [];
  const ofLayers = (): Extract<PullEvent, { kind: 'layer' }>[] =>
    events.filter((event) => event.kind === 'layer');
  return {
    events,
    onProgress: (event) => void events.push(event),
    statusesOf(digest) {
      const all = ofLayers()
        .filter((event) => event.digest === digest)
        .map((event) => event.status);
      return all.filter((status, i) => status !== all[i - 1]);
    },
    layersWith: (status) =>
      ofLayers()
        .filter((event) => event.status === status)
        .map((event) => event.digest),
  };
}
