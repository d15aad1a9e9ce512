import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import type { Failures } from '../failures.ts';
import { recentSearches } from '../recentNames.ts';
import type { Memory } from '../recentNames.ts';
import { imagePage } from './imagePage.ts';
import { LiveSearch } from './liveSearch.ts';
import { buttonAction, searchItems } from './searchItems.ts';
import type { SearchItem } from './searchItems.ts';

const DELAY_MS = 300;
const MAX_RESULTS = 50;

interface SearchPickDeps {
  readonly app: Pick<App, 'search'>;
  readonly memory: Memory;
  readonly failures: Failures;
  /** @returns true if credentials were stored */
  readonly signIn: (host: string) => Thenable<boolean>;
}

/** What a person took from a search. `look`: to be opened once it is pulled. */
export interface FoundImage {
  readonly name: string;
  readonly look: boolean;
}

/** A quick pick that searches while one types. It can be asked again, and then shows what it showed. */
export class SearchPick implements vscode.Disposable {
  readonly #deps: SearchPickDeps;
  readonly #pick = vscode.window.createQuickPick<SearchItem>();
  readonly #search: LiveSearch;
  #settle: ((found: FoundImage | undefined) => void) | undefined;
  /** Hidden by ourselves for a moment, while something else is asked. */
  #away = false;

  constructor(deps: SearchPickDeps) {
    this.#deps = deps;
    this.#search = new LiveSearch({
      delayMs: DELAY_MS,
      search: (term, signal) => deps.app.search(term, { limit: MAX_RESULTS, signal }),
      onChange: () => this.#draw(),
    });
    const pick = this.#pick;
    pick.title = vscode.l10n.t('Search Images');
    pick.placeholder = vscode.l10n.t('Search Docker Hub, or another registry by HOST/words');
    pick.ignoreFocusOut = true;
    // In the registry's order: without this VS Code puts what begins with the typed text first, the shortest before all.
    Object.assign(pick, { sortByLabel: false });
    pick.onDidChangeValue((value) => this.#search.type(value));
    pick.onDidAccept(() => this.#accept(pick.selectedItems[0]));
    pick.onDidTriggerItemButton(({ item, button }) => this.#button(item, button));
    pick.onDidHide(() => {
      if (!this.#away) this.#settle?.(undefined);
    });
  }

  /** Undefined when the person gives up. */
  async ask(initial?: string): Promise<FoundImage | undefined> {
    if (initial !== undefined) this.#write(initial);
    this.#draw();
    const found = new Promise<FoundImage | undefined>((resolve) => {
      this.#settle = resolve;
    });
    this.#show();
    const image = await found;
    this.#settle = undefined;
    const { state } = this.#search;
    if (image !== undefined && state.kind !== 'empty')
      await recentSearches.remember(this.#deps.memory, state.term);
    return image;
  }

  dispose(): void {
    this.#search.dispose();
    this.#pick.dispose();
  }

  #show(): void {
    this.#away = false;
    this.#pick.show();
  }

  #write(text: string): void {
    this.#pick.value = text;
    this.#search.type(text);
  }

  #draw(): void {
    const { state } = this.#search;
    this.#pick.busy = state.kind === 'searching';
    this.#pick.items = searchItems(state, this.#deps.memory, (error) => ({
      sentence: this.#deps.failures.describe(error),
      signInHost: this.#deps.failures.signInHost(error),
    }));
  }

  #accept(item: SearchItem | undefined): void {
    const action = item?.action;
    switch (action?.kind) {
      case undefined:
        return;
      case 'pull':
        // What is shown while a search runs was found for other words: Enter after typing must not take it.
        if (this.#search.state.kind === 'found') this.#finish({ name: action.name, look: false });
        return;
      case 'search':
        this.#write(action.term);
        return;
      case 'retry':
        this.#search.retry();
        return;
      case 'signIn':
        void this.#signIn(action.host);
    }
  }

  #button(item: SearchItem, button: vscode.QuickInputButton): void {
    const { action } = item;
    const does = buttonAction(button);
    if (action?.kind === 'pull' && does === 'look') this.#finish({ name: action.name, look: true });
    if (action?.kind === 'pull' && does === 'openPage') {
      const page = imagePage(action.name);
      if (page !== undefined) void vscode.env.openExternal(vscode.Uri.parse(page, true));
    }
    if (action?.kind === 'search' && does === 'forget') {
      void recentSearches.forget(this.#deps.memory, action.term).then(() => this.#draw());
    }
  }

  async #signIn(host: string): Promise<void> {
    this.#away = true;
    this.#pick.hide();
    try {
      if (await this.#deps.signIn(host)) this.#search.retry();
    } finally {
      this.#show();
    }
  }

  #finish(found: FoundImage): void {
    const settle = this.#settle;
    this.#away = true;
    this.#pick.hide();
    settle?.(found);
  }
}
