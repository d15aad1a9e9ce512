import { isCancelled } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import type { Disposable } from '../../base/events.ts';
import { applyOperationEvent, startedOperation } from './operationState.ts';
import type { OperationEvent, OperationKind, OperationState } from './operationState.ts';

/** Rows and status bar are drawn at most so often, in milliseconds. */
const DRAW_INTERVAL_MS = 200;

/** `list`: operations came or went. `progress`: these ones moved. */
export type OperationsChange =
  { readonly kind: 'list' } | { readonly kind: 'progress'; readonly ids: readonly string[] };

export interface OperationRequest {
  readonly kind: OperationKind;
  /** What a person reads: an image's name, or a file's. */
  readonly subject: string;
}

/** How the work of an operation is told of its progress and of its end before time. */
export interface OperationControl {
  readonly signal: AbortSignal;
  readonly onProgress: (event: OperationEvent) => void;
}

export type OperationOutcome<T> =
  | { readonly kind: 'done'; readonly result: T; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'cancelled' };

/** The pushes, saves, loads, imports and copies of this window, while they run. */
export class Operations implements Disposable {
  readonly #running = new Map<string, { state: OperationState; readonly abort: AbortController }>();
  readonly #changed = new Emitter<OperationsChange>();
  readonly #moved = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  readonly onDidChange = this.#changed.event;

  /** In the order they began. */
  get all(): readonly OperationState[] {
    return [...this.#running.values()].map(({ state }) => state);
  }

  get(id: string): OperationState | undefined {
    return this.#running.get(id)?.state;
  }

  cancel(id: string): void {
    this.#running.get(id)?.abort.abort();
  }

  /** Does the work and shows it meanwhile. Never rejects. */
  async run<T>(
    request: OperationRequest,
    work: (control: OperationControl) => Promise<T>,
  ): Promise<OperationOutcome<T>> {
    this.#count += 1;
    const id = `operation-${this.#count}`;
    const running = {
      state: startedOperation(id, request.kind, request.subject),
      abort: new AbortController(),
    };
    const { signal } = running.abort;
    this.#running.set(id, running);
    this.#changed.fire({ kind: 'list' });
    const onProgress = (event: OperationEvent): void => {
      running.state = applyOperationEvent(running.state, event);
      this.#moved.add(id);
      this.#timer ??= setTimeout(() => this.#draw(), DRAW_INTERVAL_MS);
    };
    try {
      const result = await work({ signal, onProgress });
      return { kind: 'done', result, warnings: running.state.warnings };
    } catch (error) {
      return isCancelled(error) || signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', error };
    } finally {
      this.#running.delete(id);
      this.#changed.fire({ kind: 'list' });
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const { abort } of this.#running.values()) abort.abort();
    this.#changed.dispose();
  }

  #draw(): void {
    this.#timer = undefined;
    const ids = [...this.#moved].filter((id) => this.#running.has(id));
    this.#moved.clear();
    if (ids.length > 0) this.#changed.fire({ kind: 'progress', ids });
  }
}
