import type { App } from '../app/index.ts';
import { Emitter } from '../base/events.ts';
import type { Disposable } from '../base/events.ts';

/**
 * An app that can be exchanged for a new one when the store moves to another place; whoever holds it need not know.
 * Nothing is watched before the first use, so that listening at activation costs nothing.
 */
export class SwitchingApp implements App {
  readonly #create: () => App;
  readonly #changed = new Emitter<undefined>();
  #current: App;
  #subscription: Disposable | undefined;
  #opening = false;

  readonly onDidChange = this.#changed.event;
  readonly store: App['store'] = () => this.#used().store();
  readonly pull: App['pull'] = (request, options) => this.#used().pull(request, options);
  readonly list: App['list'] = (options) => this.#used().list(options);
  readonly history: App['history'] = (name) => this.#used().history(name);
  readonly inspect: App['inspect'] = (name) => this.#used().inspect(name);
  readonly find: App['find'] = (name) => this.#used().find(name);
  readonly remove: App['remove'] = (name, options) => this.#used().remove(name, options);
  readonly remoteTags: App['remoteTags'] = (repository, signal) =>
    this.#used().remoteTags(repository, signal);
  readonly remotePlatforms: App['remotePlatforms'] = (name, signal) =>
    this.#used().remotePlatforms(name, signal);
  readonly activePulls: App['activePulls'] = () => this.#used().activePulls();

  constructor(create: () => App) {
    this.#create = create;
    this.#current = create();
  }

  /** True once the store was opened. */
  get isUsed(): boolean {
    return this.#subscription !== undefined;
  }

  /** Closes the app, does `between`, and goes on with a new one. The pulls of this window end as cancelled. */
  async reopen(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.#closeCurrent();
    try {
      await between();
    } finally {
      this.#current = this.#create();
      this.#changed.fire(undefined);
    }
  }

  async close(): Promise<void> {
    await this.#closeCurrent();
    this.#changed.dispose();
  }

  #used(): App {
    if (this.#subscription === undefined && !this.#opening) void this.#watch(this.#current);
    return this.#current;
  }

  /** Listens once the store is open; a store that cannot be opened is tried again with the next use. */
  async #watch(app: App): Promise<void> {
    this.#opening = true;
    try {
      await app.store();
      if (this.#current !== app) return;
      this.#subscription = app.onDidChange(() => this.#changed.fire(undefined));
      this.#changed.fire(undefined);
    } catch {
      // Whoever used the app hears of it.
    } finally {
      this.#opening = false;
    }
  }

  async #closeCurrent(): Promise<void> {
    this.#subscription?.dispose();
    this.#subscription = undefined;
    await this.#current.close();
  }
}
