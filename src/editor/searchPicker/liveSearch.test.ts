import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SearchResult } from '../../images/types.ts';
import { LiveSearch } from './liveSearch.ts';
import type { SearchState } from './liveSearch.ts';

const DELAY_MS = 300;

function result(name: string): SearchResult {
  return { name, description: '', stars: 0, official: false, automated: false };
}

/** A search whose answers are given by hand. */
function stage() {
  const asked: { term: string; signal: AbortSignal; answer: (error?: Error) => void }[] = [];
  const states: SearchState[] = [];
  const search = new LiveSearch({
    delayMs: DELAY_MS,
    onChange: (state) => void states.push(state),
    search: (term, signal) =>
      new Promise((resolve, reject) => {
        const answer = (error?: Error): void => (error ? reject(error) : resolve([result(`${term}/one`)]));
        asked.push({ term, signal, answer });
      }),
  });
  return { asked, states, search };
}

describe('a live search', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks once for what was typed without a pause, and shows what was found', async () => {
    const { asked, search } = stage();
    for (const text of ['r', 're', 'redis ']) {
      search.type(text);
      await vi.advanceTimersByTimeAsync(DELAY_MS - 1);
    }
    expect(asked).toEqual([]);
    expect(search.state).toEqual({ kind: 'searching', term: 'redis', results: [] });
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map(({ term }) => term)).toEqual(['redis']);
    asked[0]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(search.state).toEqual({ kind: 'found', term: 'redis', results: [result('redis/one')] });
  });

  it('cancels what is stale, and never shows its answer or its failure', async () => {
    const { asked, states, search } = stage();
    search.type('one');
    await vi.advanceTimersByTimeAsync(DELAY_MS);
    search.type('two');
    expect(asked[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(DELAY_MS);
    search.type('three');
    await vi.advanceTimersByTimeAsync(DELAY_MS);
    asked[0]?.answer();
    asked[1]?.answer(new Error('late'));
    await vi.advanceTimersByTimeAsync(0);
    expect(states.map(({ kind }) => kind)).toEqual(['searching', 'searching', 'searching']);
    asked[2]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    search.type('four');
    expect(search.state).toMatchObject({ kind: 'searching', results: [{ name: 'three/one' }] });
    search.type('');
    expect(search.state).toEqual({ kind: 'empty' });
  });

  it('remembers what it found, and asks again for what failed', async () => {
    const { asked, search } = stage();
    search.type('a');
    await vi.advanceTimersByTimeAsync(DELAY_MS);
    asked[0]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    search.type('b');
    search.type('a');
    expect(search.state).toMatchObject({ kind: 'found', term: 'a' });
    search.type('c');
    await vi.advanceTimersByTimeAsync(DELAY_MS);
    const error = new Error('no');
    asked[1]?.answer(error);
    await vi.advanceTimersByTimeAsync(0);
    expect(search.state).toEqual({ kind: 'failed', term: 'c', error });
    search.retry();
    asked[2]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(search.state).toMatchObject({ kind: 'found', term: 'c' });
  });
});
