import * as vscode from 'vscode';
import { CommandId } from './commandIds.ts';
import type { Pulls } from './pulls/pulls.ts';
import { pullTotals } from './pulls/pullState.ts';
import { byteProgress } from './text.ts';
import { familiarTag } from './trees/imageNodes.ts';
import { IMAGES_VIEW } from './trees/imagesView.ts';

/** The total of this window's pulls in the status bar; a click leads to the rows, the hover can cancel. */
export function registerPullIndicator(pulls: Pulls): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('strata.pulls', vscode.StatusBarAlignment.Left, 50);
  item.name = vscode.l10n.t('Strata Pulls');
  item.command = `${IMAGES_VIEW}.focus`;
  const draw = (): void => {
    const running = pulls.running;
    const [first] = running;
    if (first === undefined) {
      item.hide();
      return;
    }
    const what =
      running.length === 1
        ? vscode.l10n.t('Pulling {0}', familiarTag(first.name))
        : vscode.l10n.t('Pulling {0} images', running.length);
    const { current, total } = pullTotals(running);
    const text = total === 0 ? what : `${what} ${byteProgress(current, total)}`;
    item.text = `$(sync~spin) ${text}`;
    // Not the role `status`: a screen reader would read out every step.
    item.accessibilityInformation = { label: text };
    item.tooltip = tooltip(running.map(({ name }) => familiarTag(name)));
    item.show();
  };
  return vscode.Disposable.from(item, pulls.onDidChange(draw));
}

function tooltip(names: readonly string[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString('', true);
  markdown.isTrusted = { enabledCommands: [CommandId.cancelPull] };
  for (const name of names) markdown.appendText(name).appendMarkdown('\n\n');
  return markdown.appendMarkdown(`[${vscode.l10n.t('Cancel')}](command:${CommandId.cancelPull})`);
}
