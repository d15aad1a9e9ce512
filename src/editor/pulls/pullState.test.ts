import { describe, expect, it } from 'vitest';
import type { PullEvent } from '../../images/types.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { applyPullEvent, foreignPull, pullTotals, startedPull } from './pullState.ts';

const A = sha256('a');
const B = sha256('b');
const short = (digest: Digest): string => digest.slice(7, 19);
const announced: PullEvent = {
  kind: 'layers',
  layers: [
    { id: short(A), digest: A, size: 100 },
    { id: short(B), digest: B, size: 50 },
  ],
};
const after = (...events: readonly PullEvent[]) =>
  events.reduce(applyPullEvent, startedPull('1', { name: 'alpine' }));
const layer = (
  digest: Digest,
  status: 'Downloading' | 'Already exists' | 'Pull complete',
  current?: number,
): PullEvent => ({
  kind: 'layer',
  id: short(digest),
  digest,
  status,
  ...(current === undefined ? {} : { current }),
});

describe('a pull as its events tell it', () => {
  it('takes its familiar name, then its layers, then what happens to each', () => {
    const state = after(
      { kind: 'start', name: 'alpine:latest', tagDefaulted: true },
      announced,
      layer(A, 'Downloading', 30),
    );
    expect(state.name).toBe('alpine:latest');
    expect(state.layers.map(({ status, current }) => [status, current])).toEqual([
      ['Downloading', 30],
      ['Pulling fs layer', 0],
    ]);
  });

  it('counts a finished layer whole and never more than its size', () => {
    expect(pullTotals([after(announced, layer(A, 'Downloading', 999))])).toEqual({
      current: 100,
      total: 150,
    });
    expect(pullTotals([after(announced, layer(A, 'Downloading', 30), layer(A, 'Pull complete'))])).toEqual({
      current: 100,
      total: 150,
    });
  });

  it('leaves out of the total what need not be fetched, and counts a shared layer once', () => {
    const one = after(announced, layer(B, 'Already exists'));
    expect(pullTotals([one])).toEqual({ current: 0, total: 100 });
    expect(pullTotals([one, { ...one, id: '2' }])).toEqual({ current: 0, total: 100 });
  });

  it('ignores a layer that was not announced', () => {
    expect(after(announced, layer(sha256('c'), 'Downloading', 1))).toEqual(after(announced));
  });
});

it('reads another process from its bytes', () => {
  const layers = [
    { digest: A, size: 100, current: 100, done: true },
    { digest: B, size: 50, current: 20, done: false },
  ];
  const state = foreignPull({ id: 'x', name: 'alpine:latest', own: false, layers });
  expect(state.layers.map(({ status }) => status)).toEqual(['Pull complete', 'Downloading']);
  expect(pullTotals([state])).toEqual({ current: 120, total: 150 });
});
