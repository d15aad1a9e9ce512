import * as vscode from 'vscode';
import type { Disposable } from '../base/events.ts';
import { moveStore } from '../store/index.ts';
import type { Failures } from './failures.ts';
import { displayPercent } from './format.ts';
import { readConfiguration } from './settings.ts';
import { isFree, isStore } from './storeFolders.ts';
import type { SwitchingApp } from './switchingApp.ts';
import { byteProgress } from './text.ts';

/** Where the store was when it was last open, so that a change of the setting tells from where to move it. */
const ROOT_KEY = 'strata.storeRoot';

interface StoreSwitchDeps {
  readonly app: SwitchingApp;
  readonly failures: Failures;
  readonly memory: vscode.Memento;
}

/** Follows `strata.storePath`: offers to move the store, then goes on with the new one. */
export class StoreSwitch implements Disposable {
  readonly #deps: StoreSwitchDeps;
  readonly #subscriptions: readonly { dispose(): void }[];
  #busy = false;
  #pending = false;

  constructor(deps: StoreSwitchDeps) {
    this.#deps = deps;
    this.#subscriptions = [
      deps.app.onDidOpen(() => void this.#rememberRoot()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('strata.storePath')) this.#changed();
      }),
      // Every window hears of the change; the one in use asks, the others follow when they are used again.
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused && this.#pending) this.#changed();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #changed(): void {
    this.#pending = !vscode.window.state.focused || this.#busy;
    if (this.#pending) return;
    this.#busy = true;
    this.#switch()
      .catch((error: unknown) => void this.#deps.failures.show(error, { retry: () => this.#changed() }))
      .finally(() => {
        this.#busy = false;
        if (this.#pending) this.#changed();
      });
  }

  async #switch(): Promise<void> {
    const { app, memory } = this.#deps;
    const from = app.isUsed ? (await app.store()).root : memory.get<string>(ROOT_KEY);
    const { storePath: to } = await readConfiguration();
    if (from === to) return;
    if (from === undefined || !(await isStore(from)) || !(await isFree(to))) {
      await app.reopen();
    } else if (await this.#wantsMove(from, to)) {
      await this.#move(from, to);
    } else {
      await app.reopen();
    }
  }

  async #wantsMove(from: string, to: string): Promise<boolean> {
    const move = vscode.l10n.t('Move the Images');
    const leave = vscode.l10n.t('Leave Them');
    const chosen = await vscode.window.showInformationMessage(
      vscode.l10n.t('The storage location of Strata has changed. Move the images there?'),
      {
        modal: true,
        detail: vscode.l10n.t(
          'From {0}\nto {1}\n\nImages that are left behind are no longer shown.',
          from,
          to,
        ),
      },
      move,
      leave,
    );
    return chosen === move;
  }

  async #move(from: string, to: string): Promise<void> {
    const { app, failures } = this.#deps;
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Moving the images…'),
      cancellable: true,
    };
    await app.reopen(async () => {
      try {
        await vscode.window.withProgress(options, (progress, token) =>
          moveReporting(from, to, progress, token),
        );
      } catch (error) {
        // Before the app opens again: what could not be moved shall not be lost from view.
        await setStorePath(from);
        void failures.show(error, {
          lead: vscode.l10n.t('The images were not moved.'),
          retry: () => setStorePath(to),
        });
      }
    });
  }

  async #rememberRoot(): Promise<void> {
    const { app, memory } = this.#deps;
    if (!app.isUsed) return;
    const { root } = await app.store();
    if (memory.get(ROOT_KEY) !== root) await memory.update(ROOT_KEY, root);
  }
}

async function setStorePath(path: string): Promise<void> {
  await vscode.workspace
    .getConfiguration('strata')
    .update('storePath', path, vscode.ConfigurationTarget.Global);
}

async function moveReporting(
  from: string,
  to: string,
  progress: vscode.Progress<{ message: string; increment: number }>,
  token: vscode.CancellationToken,
): Promise<void> {
  const cancel = new AbortController();
  token.onCancellationRequested(() => cancel.abort());
  let percent = 0;
  await moveStore(from, to, {
    signal: cancel.signal,
    onProgress: ({ copied, total }) => {
      const now = displayPercent(copied, total);
      if (now === percent) return;
      progress.report({ message: byteProgress(copied, total), increment: now - percent });
      percent = now;
    },
  });
}
