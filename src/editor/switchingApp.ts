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
  readonly #opened = new Emitter<undefined>();
  #current: App;
  #subscription: Disposable | undefined;
  #opening = false;

  readonly onDidChange = this.#changed.event;
  /** The store was opened by its first use. No change: who reads it then has what there is. */
  readonly onDidOpen = this.#opened.event;
  readonly store: App['store'] = () => this.#used().store();
  readonly pull: App['pull'] = (request, options) => this.#used().pull(request, options);
  readonly list: App['list'] = (options) => this.#used().list(options);
  readonly listNames: App['listNames'] = (options) => this.#used().listNames(options);
  readonly history: App['history'] = (name) => this.#used().history(name);
  readonly inspect: App['inspect'] = (name) => this.#used().inspect(name);
  readonly find: App['find'] = (name) => this.#used().find(name);
  readonly remove: App['remove'] = (name, options) => this.#used().remove(name, options);
  readonly remoteTags: App['remoteTags'] = (repository, signal) =>
    this.#used().remoteTags(repository, signal);
  readonly remotePlatforms: App['remotePlatforms'] = (name, signal) =>
    this.#used().remotePlatforms(name, signal);
  readonly tag: App['tag'] = (source, target) => this.#used().tag(source, target);
  readonly planPrune: App['planPrune'] = (options) => this.#used().planPrune(options);
  readonly prune: App['prune'] = (options) => this.#used().prune(options);
  readonly usersOf: App['usersOf'] = (id) => this.#used().usersOf(id);
  readonly save: App['save'] = (request, sink, options) => this.#used().save(request, sink, options);
  readonly load: App['load'] = (source, options) => this.#used().load(source, options);
  readonly import: App['import'] = (source, request, options) =>
    this.#used().import(source, request, options);
  readonly push: App['push'] = (request, options) => this.#used().push(request, options);
  readonly copy: App['copy'] = (request, options) => this.#used().copy(request, options);
  readonly search: App['search'] = (term, options) => this.#used().search(term, options);
  readonly remoteRepositories: App['remoteRepositories'] = (host, signal) =>
    this.#used().remoteRepositories(host, signal);
  readonly remoteTagList: App['remoteTagList'] = (repository, signal) =>
    this.#used().remoteTagList(repository, signal);
  readonly remoteImage: App['remoteImage'] = (name, signal) => this.#used().remoteImage(name, signal);
  readonly deleteRemoteTag: App['deleteRemoteTag'] = (name, signal) =>
    this.#used().deleteRemoteTag(name, signal);
  readonly verifyCredentials: App['verifyCredentials'] = (host, credentials, signal) =>
    this.#used().verifyCredentials(host, credentials, signal);
  readonly diskUsage: App['diskUsage'] = () => this.#used().diskUsage();
  readonly fsck: App['fsck'] = (options) => this.#used().fsck(options);
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
    this.#opened.dispose();
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
      this.#opened.fire(undefined);
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
