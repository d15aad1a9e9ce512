import { describe, expect, it, vi } from 'vitest';
import { StrataError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import type { PullOptions } from '../../app/index.ts';
import type { ActivePull, PullRequest, PullResult } from '../../images/types.ts';
import { sha256 } from '../../oci/digest.ts';
import { Pulls } from './pulls.ts';
import type { PullOutcome, PullsChange } from './pulls.ts';

const RESULT: PullResult = {
  reference: 'docker.io/library/alpine:latest',
  familiar: 'alpine:latest',
  digest: sha256('index'),
  imageId: sha256('config'),
  newer: true,
};

/** A promise that the test settles. */
class Deferred {
  resolve: (result: PullResult) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;
  readonly promise = new Promise<PullResult>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** An app whose pulls end when the test says so. */
function setUp(active: () => readonly ActivePull[] = () => []) {
  const calls: { request: PullRequest; options: PullOptions; end: Deferred }[] = [];
  const ends: PullOutcome[] = [];
  const changes: PullsChange[] = [];
  const app = {
    pull: (request: PullRequest, options: PullOptions = {}) => {
      const end = new Deferred();
      const { signal } = options;
      signal?.addEventListener('abort', () => end.reject(signal.reason as Error));
      calls.push({ request, options, end });
      return end.promise;
    },
    activePulls: () => Promise.resolve(active()),
  };
  const pulls = new Pulls({ app, logger: silentLogger, onEnd: (outcome) => ends.push(outcome) });
  pulls.onDidChange((change) => changes.push(change));
  const call = async (index: number) => {
    await vi.waitFor(() => expect(calls.length).toBeGreaterThan(index));
    const found = calls[index];
    if (found === undefined) throw new Error('no such call');
    return found;
  };
  return { pulls, calls, call, ends, changes };
}

describe('Pulls', () => {
  it('lists a pull while it runs and tells its end', async () => {
    const { pulls, call, ends } = setUp();
    const outcome = pulls.start({ name: 'alpine' });
    expect(pulls.running.map(({ name }) => name)).toEqual(['alpine']);
    const { options, end } = await call(0);
    options.onProgress?.({ kind: 'warning', message: 'mind this' });
    end.resolve(RESULT);
    expect(await outcome).toMatchObject({
      kind: 'done',
      result: RESULT,
      warnings: [{ message: 'mind this' }],
    });
    expect(pulls.all).toEqual([]);
    expect(ends).toHaveLength(1);
  });

  it('joins a pull of the same image instead of doing it twice', async () => {
    const { pulls, calls, call } = setUp();
    const one = pulls.start({ name: 'alpine' });
    expect(pulls.start({ name: 'docker.io/library/alpine:latest' })).toBe(one);
    expect(pulls.start({ name: 'alpine', platform: 'linux/arm64' })).not.toBe(one);
    await call(1);
    expect(calls).toHaveLength(2);
    pulls.dispose();
  });

  it('keeps a failed pull until it is dismissed or tried again', async () => {
    const { pulls, call, ends } = setUp();
    const error = new StrataError('registry-not-found', { host: 'h', name: 'n' });
    const outcome = pulls.start({ name: 'alpine' });
    (await call(0)).end.reject(error);
    await outcome;
    const [failed] = pulls.failed;
    expect(failed?.error).toBe(error);
    expect(ends.map(({ kind }) => kind)).toEqual(['failed']);
    pulls.retry(failed?.id ?? '');
    expect(pulls.failed).toEqual([]);
    expect(pulls.running).toHaveLength(1);
    (await call(1)).end.reject(error);
    await vi.waitFor(() => expect(pulls.failed).toHaveLength(1));
    pulls.dismiss(pulls.failed[0]?.id ?? '');
    expect(pulls.all).toEqual([]);
  });

  it('forgets a cancelled pull without an error', async () => {
    const { pulls, call } = setUp();
    const outcome = pulls.start({ name: 'alpine' });
    await call(0);
    pulls.cancel(pulls.running[0]?.id ?? '');
    expect(await outcome).toEqual({ kind: 'cancelled' });
    expect(pulls.all).toEqual([]);
  });

  it('draws many events at once, at most five times a second', async () => {
    const { pulls, call, changes } = setUp();
    void pulls.start({ name: 'alpine' });
    const { options } = await call(0);
    const digest = sha256('layer');
    options.onProgress?.({ kind: 'layers', layers: [{ id: 'layer', digest, size: 1000 }] });
    for (let current = 1; current <= 1000; current += 1) {
      options.onProgress?.({ kind: 'layer', id: 'layer', digest, status: 'Downloading', current });
    }
    await vi.waitFor(() => expect(changes.some(({ kind }) => kind === 'progress')).toBe(true));
    expect(changes.filter(({ kind }) => kind === 'progress')).toHaveLength(1);
    expect(pulls.running[0]?.layers[0]?.current).toBe(1000);
    pulls.dispose();
  });

  it('shows what other processes pull, and never its own twice', async () => {
    let active: readonly ActivePull[] = [
      { id: 'a', name: 'x:latest', own: false, layers: [] },
      { id: 'b', name: 'y:latest', own: true, layers: [] },
    ];
    const { pulls } = setUp(() => active);
    await pulls.refreshForeign();
    expect(pulls.all.map(({ id, phase }) => [id, phase])).toEqual([['a', 'foreign']]);
    active = [];
    await pulls.refreshForeign();
    expect(pulls.all).toEqual([]);
    pulls.dispose();
  });
});
