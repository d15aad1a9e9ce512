import { describe, expect, it } from 'vitest';
import { sha256 } from '../../oci/digest.ts';
import { applyOperationEvent, operationTotals, startedOperation } from './operationState.ts';
import type { OperationEvent, OperationState } from './operationState.ts';

const after = (...events: readonly OperationEvent[]): OperationState =>
  events.reduce(applyOperationEvent, startedOperation('1', 'push', 'app:1'));

describe('an operation', () => {
  it('follows the layers of a push, of two tags that share one', () => {
    const state = after(
      { kind: 'start', repository: 'localhost/app' },
      {
        kind: 'layers',
        layers: [
          { id: 'a', size: 100 },
          { id: 'b', size: 50 },
        ],
      },
      { kind: 'layer', id: 'a', status: 'Pushing', current: 40, total: 100 },
      { kind: 'layer', id: 'b', status: 'Layer already exists' },
      {
        kind: 'layers',
        layers: [
          { id: 'a', size: 100 },
          { id: 'c', size: 10 },
        ],
      },
    );
    expect(state.parts).toEqual([
      { id: 'a', status: 'Pushing', current: 40, total: 100 },
      { id: 'b', status: 'Layer already exists', current: 50, total: 50 },
      { id: 'c', status: 'Preparing', current: 0, total: 10 },
    ]);
    expect(operationTotals([state])).toEqual({ current: 40, total: 110 });
    const done = applyOperationEvent(state, { kind: 'layer', id: 'a', status: 'Pushed' });
    expect(done.parts[0]).toEqual({ id: 'a', status: 'Pushed', current: 100, total: 100 });
  });

  it('counts the bytes of an archive rather than its layers', () => {
    const state = after(
      { kind: 'layer', id: 'a', current: 5, total: 20 },
      { kind: 'bytes', current: 70, total: 200 },
      { kind: 'warning', message: 'renamed' },
    );
    expect(operationTotals([state])).toEqual({ current: 70, total: 200 });
    expect(state.parts).toEqual([{ id: 'a', status: 'Loading', current: 5, total: 20 }]);
    expect(state.warnings).toEqual(['renamed']);
    expect(operationTotals([after({ kind: 'bytes', current: 70 })])).toEqual({ current: 70, total: 0 });
  });

  it('follows the blobs of a copy, and leaves out what was there', () => {
    const [first, second] = [sha256('a'), sha256('b')];
    const state = after(
      { kind: 'blob', digest: first, status: 'Copying', current: 3, total: 9 },
      { kind: 'blob', digest: second, status: 'Already exists', current: 0, total: 5 },
    );
    expect(state.parts.map(({ current }) => current)).toEqual([3, 5]);
    expect(operationTotals([state])).toEqual({ current: 3, total: 9 });
  });
});
