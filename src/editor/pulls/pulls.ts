import type { App } from '../../app/index.ts';
import { describeError, isCancelled } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import type { Disposable } from '../../base/events.ts';
import type { Logger } from '../../base/logger.ts';
import type { PullEvent, PullRequest, PullResult, PullWarning } from '../../images/types.ts';
import { canonicalString, parseReference, withDefaultTag } from '../../reference/index.ts';
import { applyPullEvent, foreignPull, startedPull } from './pullState.ts';
import type { PullState } from './pullState.ts';

/** Rows and status bar are drawn at most so often, in milliseconds. */
const DRAW_INTERVAL_MS = 200;
/** How often another process's bytes are asked for while it pulls; nothing is polled while nobody does. */
const FOREIGN_INTERVAL_MS = 1000;

/** `list`: pulls came or went. `progress`: these ones moved. */
export type PullsChange =
  { readonly kind: 'list' } | { readonly kind: 'progress'; readonly ids: readonly string[] };

export type PullOutcome =
  | { readonly kind: 'done'; readonly result: PullResult; readonly warnings: readonly PullWarning[] }
  | { readonly kind: 'failed'; readonly pull: PullState; readonly error: unknown }
  | { readonly kind: 'cancelled' };

interface OwnPull {
  state: PullState;
  readonly key: string;
  readonly abort: AbortController;
  readonly outcome: Promise<PullOutcome>;
}

interface PullsDeps {
  readonly app: Pick<App, 'pull' | 'activePulls'>;
  readonly logger: Logger;
  /** Heard once for each pull of this window that ends, however it does. */
  readonly onEnd: (outcome: PullOutcome) => void;
}

/** The pulls of this window and, as far as their bytes tell, those of others. */
export class Pulls implements Disposable {
  readonly #deps: PullsDeps;
  readonly #own = new Map<string, OwnPull>();
  readonly #changed = new Emitter<PullsChange>();
  readonly #moved = new Set<string>();
  #foreign: readonly PullState[] = [];
  #drawTimer: NodeJS.Timeout | undefined;
  #foreignTimer: NodeJS.Timeout | undefined;
  #count = 0;
  #disposed = false;

  readonly onDidChange = this.#changed.event;

  constructor(deps: PullsDeps) {
    this.#deps = deps;
  }

  /** Own pulls first, in the order they were asked for; then those of others. */
  get all(): readonly PullState[] {
    return [...[...this.#own.values()].map(({ state }) => state), ...this.#foreign];
  }

  get running(): readonly PullState[] {
    return this.all.filter((pull) => pull.phase === 'running');
  }

  get failed(): readonly PullState[] {
    return this.all.filter((pull) => pull.phase === 'failed');
  }

  get(id: string): PullState | undefined {
    return this.all.find((pull) => pull.id === id);
  }

  /** Pulls; joins a pull of the same name and platform that runs already. Never rejects. */
  start(request: PullRequest): Promise<PullOutcome> {
    const key = pullKey(request);
    for (const [id, pull] of this.#own) {
      if (pull.key !== key) continue;
      if (pull.state.phase === 'running') return pull.outcome;
      this.#own.delete(id);
    }
    this.#count += 1;
    const id = `own-${this.#count}`;
    const abort = new AbortController();
    const outcome = this.#run(id, request, abort.signal);
    this.#own.set(id, { state: startedPull(id, request), key, abort, outcome });
    this.#changed.fire({ kind: 'list' });
    return outcome;
  }

  cancel(id: string): void {
    this.#own.get(id)?.abort.abort();
  }

  /** Starts a failed pull again. */
  retry(id: string): void {
    const pull = this.#own.get(id);
    if (pull?.state.phase === 'failed') void this.start(pull.state.request);
  }

  /** Forgets a failed pull; what it fetched stays in the store for the next one. */
  dismiss(id: string): void {
    if (this.#own.get(id)?.state.phase !== 'failed') return;
    this.#own.delete(id);
    this.#changed.fire({ kind: 'list' });
  }

  /** Asks the store what other processes pull, and goes on asking while they do. */
  async refreshForeign(): Promise<void> {
    clearTimeout(this.#foreignTimer);
    const before = this.#foreign;
    try {
      const active = await this.#deps.app.activePulls();
      this.#foreign = active.filter((pull) => !pull.own).map((pull) => foreignPull(pull));
    } catch (error) {
      // The list of images fails for the same reason, and tells the person.
      this.#deps.logger.debug(`Cannot list the pulls of other processes: ${describeError(error)}`);
      this.#foreign = [];
    }
    if (this.#disposed) return;
    const ids = this.#foreign.map(({ id }) => id);
    const same = before.length === ids.length && before.every(({ id }) => ids.includes(id));
    if (!same) this.#changed.fire({ kind: 'list' });
    else if (ids.length > 0) this.#changed.fire({ kind: 'progress', ids });
    if (ids.length > 0)
      this.#foreignTimer = setTimeout(() => void this.refreshForeign(), FOREIGN_INTERVAL_MS);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#drawTimer);
    clearTimeout(this.#foreignTimer);
    for (const pull of this.#own.values()) pull.abort.abort();
    this.#changed.dispose();
  }

  async #run(id: string, request: PullRequest, signal: AbortSignal): Promise<PullOutcome> {
    // Lets start() enter the pull in the list before its first event arrives.
    await Promise.resolve();
    const outcome = await this.#attempt(id, request, signal);
    if (outcome.kind === 'failed') this.#set(id, outcome.pull);
    else this.#own.delete(id);
    if (!this.#disposed) {
      this.#changed.fire({ kind: 'list' });
      this.#deps.onEnd(outcome);
    }
    return outcome;
  }

  async #attempt(id: string, request: PullRequest, signal: AbortSignal): Promise<PullOutcome> {
    const onProgress = (event: PullEvent): void => this.#apply(id, event);
    try {
      const result = await this.#deps.app.pull(request, { signal, onProgress });
      return { kind: 'done', result, warnings: this.get(id)?.warnings ?? [] };
    } catch (error) {
      if (isCancelled(error) || signal.aborted) return { kind: 'cancelled' };
      const state = this.get(id) ?? startedPull(id, request);
      return { kind: 'failed', pull: { ...state, phase: 'failed', error }, error };
    }
  }

  #apply(id: string, event: PullEvent): void {
    const pull = this.#own.get(id);
    if (pull === undefined || this.#disposed) return;
    this.#set(id, applyPullEvent(pull.state, event));
    this.#moved.add(id);
    this.#drawTimer ??= setTimeout(() => this.#draw(), DRAW_INTERVAL_MS);
  }

  #draw(): void {
    this.#drawTimer = undefined;
    const ids = [...this.#moved];
    this.#moved.clear();
    this.#changed.fire({ kind: 'progress', ids });
  }

  #set(id: string, state: PullState): void {
    const pull = this.#own.get(id);
    if (pull !== undefined) pull.state = state;
  }
}

/** Two requests with the same key fetch the same. */
function pullKey({ name, platform = '' }: PullRequest): string {
  try {
    return `${canonicalString(withDefaultTag(parseReference(name)))} ${platform}`;
  } catch {
    return `${name} ${platform}`;
  }
}
