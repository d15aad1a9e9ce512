import { expect, it, vi } from 'vitest';
import { Operations } from './operations.ts';
import type { OperationsChange } from './operations.ts';

const request = { kind: 'push', subject: 'app:1' } as const;

it('lists what runs, says when it moves, and forgets what has ended', async () => {
  const operations = new Operations();
  const heard: OperationsChange[] = [];
  operations.onDidChange((change) => void heard.push(change));
  let end: ((result: string) => void) | undefined;
  const outcome = operations.run(request, async ({ onProgress }) => {
    onProgress({ kind: 'warning', message: 'careful' });
    onProgress({ kind: 'bytes', current: 1, total: 2 });
    return await new Promise<string>((resolve) => {
      end = resolve;
    });
  });
  expect(operations.all).toMatchObject([{ subject: 'app:1', bytes: { current: 1, total: 2 } }]);
  const id = operations.all[0]?.id ?? '';
  await vi.waitFor(() => expect(heard.at(-1)).toEqual({ kind: 'progress', ids: [id] }));
  end?.('there');
  expect(await outcome).toEqual({ kind: 'done', result: 'there', warnings: ['careful'] });
  expect(operations.all).toEqual([]);
  expect(heard.filter(({ kind }) => kind === 'list')).toHaveLength(2);
});

it('tells a failure from a cancellation, whatever the work throws then', async () => {
  const operations = new Operations();
  const error = new Error('no');
  expect(await operations.run(request, () => Promise.reject(error))).toEqual({ kind: 'failed', error });
  const cancelled = operations.run(
    request,
    ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('socket closed')))),
  );
  operations.cancel(operations.all[0]?.id ?? '');
  expect(await cancelled).toEqual({ kind: 'cancelled' });
});

it('stops what runs when the window closes', async () => {
  const operations = new Operations();
  let stopped = false;
  const ended = operations.run(request, async ({ signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    stopped = true;
  });
  operations.dispose();
  await ended;
  expect(stopped).toBe(true);
});
