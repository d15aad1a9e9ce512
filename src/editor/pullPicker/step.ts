import * as vscode from 'vscode';

/** How a step ended: with what was chosen, by going back, or by giving up. */
export type StepResult<T> =
  | { readonly kind: 'chosen'; readonly item: T; readonly value: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'cancelled' };

export interface StepOptions<T extends vscode.QuickPickItem> {
  readonly title: string;
  readonly placeholder: string;
  readonly step: number;
  readonly totalSteps: number;
  readonly canGoBack: boolean;
  readonly value?: string;
  readonly items: readonly T[];
  /** More items, when they come; their failure ends the step with `fallback`. */
  readonly load?: (signal: AbortSignal) => Promise<readonly T[] | undefined>;
  /**
   * The items for what is typed; without it VS Code filters `items` alone. What is new for the text comes last, labelled
   * as the text: VS Code names items by their place, which must not shift under an Enter that is on its way, and it sorts
   * what begins with the text first, the shortest before the others.
   */
  readonly itemsFor?: (value: string, loaded: readonly T[]) => readonly T[];
  /** False: accepting this item does nothing, as for one that says what is wrong. */
  readonly accepts?: (item: T) => boolean;
  readonly onButton?: (item: T) => readonly T[];
}

/** Shows one step as a quick pick with a number and a way back. `load` giving undefined skips the step. */
export async function showStep<T extends vscode.QuickPickItem>(
  options: StepOptions<T>,
): Promise<StepResult<T> | { readonly kind: 'skipped' }> {
  const pick = vscode.window.createQuickPick<T>();
  const closed = new AbortController();
  let loaded = options.items;
  const draw = (): void => {
    pick.items = options.itemsFor?.(pick.value, loaded) ?? loaded;
  };
  Object.assign(pick, {
    title: options.title,
    placeholder: options.placeholder,
    step: options.step,
    totalSteps: options.totalSteps,
    value: options.value ?? '',
    ignoreFocusOut: true,
    matchOnDescription: true,
    buttons: options.canGoBack ? [vscode.QuickInputButtons.Back] : [],
  });
  draw();
  try {
    return await new Promise((resolve) => {
      pick.onDidChangeValue(draw);
      pick.onDidTriggerButton(() => resolve({ kind: 'back' }));
      pick.onDidTriggerItemButton(({ item }) => {
        loaded = options.onButton?.(item) ?? loaded;
        draw();
      });
      pick.onDidHide(() => resolve({ kind: 'cancelled' }));
      pick.onDidAccept(() => {
        const [selected] = pick.selectedItems;
        // Enter right after typing or pasting comes before the window has drawn the item for the text.
        const item = selected ?? pick.items.find(({ label }) => label === pick.value.trim());
        if (item === undefined || options.accepts?.(item) === false) return;
        resolve({ kind: 'chosen', item, value: pick.value });
      });
      pick.show();
      if (options.load === undefined) return;
      pick.busy = true;
      void options.load(closed.signal).then((items) => {
        pick.busy = false;
        if (items === undefined) {
          resolve({ kind: 'skipped' });
          return;
        }
        loaded = items;
        draw();
      });
    });
  } finally {
    closed.abort();
    pick.dispose();
  }
}
