import { describe, expect, it, vi } from 'vitest';
import { Emitter } from './events.ts';

describe('Emitter', () => {
  it('tells every listener, until it is disposed of', () => {
    const emitter = new Emitter<number>();
    const [first, second] = [vi.fn(), vi.fn()];
    const subscription = emitter.event(first);
    emitter.event(second);
    emitter.fire(1);
    subscription.dispose();
    subscription.dispose();
    emitter.fire(2);
    expect(first.mock.calls).toEqual([[1]]);
    expect(second.mock.calls).toEqual([[1], [2]]);
  });

  it('knows whether anyone listens', () => {
    const emitter = new Emitter<undefined>();
    const subscription = emitter.event(vi.fn());
    expect(emitter.hasListeners).toBe(true);
    subscription.dispose();
    expect(emitter.hasListeners).toBe(false);
    emitter.event(vi.fn());
    emitter.dispose();
    expect(emitter.hasListeners).toBe(false);
  });

  it('tells the others when one throws, and lets the error surface', () => {
    const emitter = new Emitter<undefined>();
    const surfaced: (() => void)[] = [];
    const microtask = vi
      .spyOn(globalThis, 'queueMicrotask')
      .mockImplementation((task) => void surfaced.push(task));
    const other = vi.fn();
    emitter.event(() => {
      throw new Error('listener');
    });
    emitter.event(other);
    emitter.fire(undefined);
    microtask.mockRestore();
    expect(other).toHaveBeenCalledOnce();
    expect(surfaced).toHaveLength(1);
    expect(() => surfaced[0]?.()).toThrow('listener');
  });

  it('tells only those who listened when it fired', () => {
    const emitter = new Emitter<undefined>();
    const late = vi.fn();
    emitter.event(() => void emitter.event(late));
    emitter.fire(undefined);
    expect(late).not.toHaveBeenCalled();
  });
});
