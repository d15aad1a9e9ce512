import * as vscode from 'vscode';
import { NO_FILTER, readFilter } from './filter.ts';
import type { ImageFilter } from './filter.ts';
import { readOptions } from './options.ts';
import type { OptionName, ViewOptions } from './options.ts';

const SECTION = 'strata.images';
const FILTER_KEY = 'strata.images.filter';

/**
 * How the Images view is arranged and what it leaves out. The arrangement is a habit, so it stands in the settings; the filter
 * belongs to the work at hand, so the workspace remembers it, as VS Code's own views do.
 */
export class ImagesViewState implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscription: vscode.Disposable;
  #filter: ImageFilter;

  readonly onDidChange = this.#changed.event;

  /** @param memory of the workspace */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    this.#filter = readFilter(memory.get(FILTER_KEY));
    this.#subscription = vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(SECTION)) this.#changed.fire(undefined);
    });
  }

  get options(): ViewOptions {
    const settings = vscode.workspace.getConfiguration(SECTION);
    return readOptions((name) => settings.get(name));
  }

  /** Where the workspace has a word of its own it is changed there, else for all windows. */
  async setOption<N extends OptionName>(name: N, value: ViewOptions[N]): Promise<void> {
    const settings = vscode.workspace.getConfiguration(SECTION);
    const target =
      settings.inspect(name)?.workspaceValue === undefined
        ? vscode.ConfigurationTarget.Global
        : vscode.ConfigurationTarget.Workspace;
    await settings.update(name, value, target);
  }

  get filter(): ImageFilter {
    return this.#filter;
  }

  async setFilter(change: Partial<ImageFilter>): Promise<void> {
    this.#filter = { ...this.#filter, ...change };
    this.#changed.fire(undefined);
    await this.#memory.update(FILTER_KEY, this.#filter);
  }

  async clearFilter(): Promise<void> {
    await this.setFilter(NO_FILTER);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
