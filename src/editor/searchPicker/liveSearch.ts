import { isCancelled } from '../../base/errors.ts';
import type { SearchResult } from '../../images/types.ts';

/** What stands in the list of a search while one types. `results` of an earlier term stay until the next are there. */
export type SearchState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'searching'; readonly term: string; readonly results: readonly SearchResult[] }
  | { readonly kind: 'found'; readonly term: string; readonly results: readonly SearchResult[] }
  | { readonly kind: 'failed'; readonly term: string; readonly error: unknown };

interface LiveSearchDeps {
  readonly search: (term: string, signal: AbortSignal) => Promise<readonly SearchResult[]>;
  readonly onChange: (state: SearchState) => void;
  /** How long nothing must be typed before the registry is asked. */
  readonly delayMs: number;
}

/** Results that are kept, so that going back to an earlier word asks nobody. */
const MAX_KEPT = 32;

/** A search that follows what is typed: it waits for a pause, and what is asked for no more is cancelled. */
export class LiveSearch {
  readonly #deps: LiveSearchDeps;
  readonly #kept = new Map<string, readonly SearchResult[]>();
  #state: SearchState = { kind: 'empty' };
  #timer: NodeJS.Timeout | undefined;
  #abort = new AbortController();

  constructor(deps: LiveSearchDeps) {
    this.#deps = deps;
  }

  get state(): SearchState {
    return this.#state;
  }

  /** What stands in the box now; blanks around it mean nothing. */
  type(text: string): void {
    const term = text.trim();
    if (this.#state.kind !== 'empty' && this.#state.term === term) return;
    this.#stop();
    const kept = this.#kept.get(term);
    if (term === '') this.#set({ kind: 'empty' });
    else if (kept !== undefined) this.#set({ kind: 'found', term, results: kept });
    else {
      this.#set({ kind: 'searching', term, results: 'results' in this.#state ? this.#state.results : [] });
      this.#timer = setTimeout(() => void this.#ask(term), this.#deps.delayMs);
    }
  }

  /** Asks again for what failed. */
  retry(): void {
    if (this.#state.kind !== 'failed') return;
    const { term } = this.#state;
    this.#stop();
    this.#set({ kind: 'searching', term, results: [] });
    void this.#ask(term);
  }

  dispose(): void {
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async #ask(term: string): Promise<void> {
    const { signal } = this.#abort;
    try {
      const results = await this.#deps.search(term, signal);
      this.#keep(term, results);
      if (!signal.aborted) this.#set({ kind: 'found', term, results });
    } catch (error) {
      if (!signal.aborted && !isCancelled(error)) this.#set({ kind: 'failed', term, error });
    }
  }

  #keep(term: string, results: readonly SearchResult[]): void {
    this.#kept.set(term, results);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
  }

  #set(state: SearchState): void {
    this.#state = state;
    this.#deps.onChange(state);
  }
}
