import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rpc } from './rpc.ts';

type Requests = {
  add: { params: { a: number; b: number }; result: number };
};
type Events = { changed: number };

function setUp(timeoutMs = 1000) {
  const posted: unknown[] = [];
  const events: unknown[] = [];
  const rpc = new Rpc<Requests, Events>({
    post: (message) => posted.push(message),
    onEvent: (event) => events.push(event),
    textOf: (code) => `text of ${code}`,
    timeoutMs,
  });
  return { rpc, posted, events };
}

describe('Rpc', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hands each answer to the request that asked', async () => {
    const { rpc, posted } = setUp();
    const first = rpc.request('add', { a: 1, b: 2 });
    const second = rpc.request('add', { a: 3, b: 4 });
    expect(posted).toEqual([
      { type: 'request', id: 1, method: 'add', params: { a: 1, b: 2 } },
      { type: 'request', id: 2, method: 'add', params: { a: 3, b: 4 } },
    ]);
    rpc.receive({ type: 'response', id: 2, ok: 7 });
    rpc.receive({ type: 'response', id: 1, ok: 3 });
    expect(await Promise.all([first, second])).toEqual([3, 7]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with the code and the sentence of the host', async () => {
    const { rpc } = setUp();
    const asked = rpc.request('add', { a: 1, b: 2 });
    rpc.receive({ type: 'response', id: 1, error: { code: 'image-not-found', message: 'No such image' } });
    await expect(asked).rejects.toMatchObject({ code: 'image-not-found', message: 'No such image' });
  });

  it('gives up after its time, and lets a late answer pass', async () => {
    const { rpc } = setUp(1000);
    const asked = rpc.request('add', { a: 1, b: 2 });
    const failure = expect(asked).rejects.toMatchObject({ code: 'timeout', message: 'text of timeout' });
    await vi.advanceTimersByTimeAsync(1000);
    await failure;
    expect(() => rpc.receive({ type: 'response', id: 1, ok: 3 })).not.toThrow();
  });

  it('waits without end when told to', async () => {
    const { rpc } = setUp(1000);
    const asked = rpc.request('add', { a: 1, b: 2 }, Infinity);
    await vi.advanceTimersByTimeAsync(3_600_000);
    rpc.receive({ type: 'response', id: 1, ok: 3 });
    expect(await asked).toBe(3);
  });

  it('rejects what waits when the page closes, and whatever is asked after', async () => {
    const { rpc, posted } = setUp();
    const waiting = rpc.request('add', { a: 1, b: 2 });
    rpc.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(rpc.request('add', { a: 1, b: 2 })).rejects.toMatchObject({ code: 'closed' });
    expect(posted).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('passes events on, and leaves alone what is neither answer nor event', () => {
    const { rpc, events } = setUp();
    rpc.receive({ type: 'event', name: 'changed', value: 1 });
    rpc.receive('something else');
    rpc.receive(null);
    rpc.receive({ type: 'other' });
    rpc.receive({ type: 'response', id: 99, ok: 1 });
    expect(events).toEqual([{ type: 'event', name: 'changed', value: 1 }]);
  });
});
