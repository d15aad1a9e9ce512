import { describe, expect, it } from 'vitest';
import { SingleFlight } from './singleFlight.ts';

interface Task {
  readonly signal: AbortSignal;
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

function harness(): { tasks: Task[]; run: (key: string, signal?: AbortSignal) => Promise<string> } {
  const flights = new SingleFlight<string>();
  const tasks: Task[] = [];
  return {
    tasks,
    run: (key, signal) =>
      flights.run(
        key,
        signal,
        (taskSignal) =>
          new Promise((resolve, reject) => {
            tasks.push({ signal: taskSignal, resolve, reject });
          }),
      ),
  };
}

describe('SingleFlight', () => {
  it('runs one task for a key, and one for each key', async () => {
    const { tasks, run } = harness();
    const all = [run('a'), run('a'), run('b')];
    expect(tasks).toHaveLength(2);
    tasks[0]?.resolve('A');
    tasks[1]?.resolve('B');
    expect(await Promise.all(all)).toEqual(['A', 'A', 'B']);
    expect(tasks[0]?.signal.aborted).toBe(false);
  });

  it('leaves the others their answer when one gives up', async () => {
    const { tasks, run } = harness();
    const abort = new AbortController();
    const one = run('a', abort.signal);
    const other = run('a');
    abort.abort(new Error('not I'));
    await expect(one).rejects.toThrow('not I');
    expect(tasks[0]?.signal.aborted).toBe(false);
    tasks[0]?.resolve('A');
    expect(await other).toBe('A');
  });

  it('ends the task when all have given up, and starts anew for who comes next', async () => {
    const { tasks, run } = harness();
    const abort = new AbortController();
    const waiting = [run('a', abort.signal), run('a', abort.signal)];
    abort.abort(new Error('none'));
    for (const one of waiting) await expect(one).rejects.toThrow('none');
    expect(tasks[0]?.signal.aborted).toBe(true);
    const next = run('a');
    tasks[0]?.reject(new Error('late'));
    tasks[1]?.resolve('fresh');
    expect(await next).toBe('fresh');
  });

  it('tells all of a failure, and does not keep it', async () => {
    const { tasks, run } = harness();
    const both = [run('a'), run('a')];
    tasks[0]?.reject(new Error('no'));
    for (const one of both) await expect(one).rejects.toThrow('no');
    const next = run('a');
    tasks[1]?.resolve('yes');
    expect(await next).toBe('yes');
  });
});
