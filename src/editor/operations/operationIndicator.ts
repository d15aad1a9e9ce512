import * as vscode from 'vscode';
import { CommandId } from '../commandIds.ts';
import type { Operations } from './operations.ts';
import { operationLabel, operationProgress } from './operationText.ts';

/** The total of this window's operations in the status bar; a click leads to the rows, the hover can cancel. */
export function registerOperationIndicator(operations: Operations): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('strata.operations', vscode.StatusBarAlignment.Left, 49);
  item.name = vscode.l10n.t('Strata Transfers');
  item.command = 'strata.images.focus';
  const draw = (): void => {
    const running = operations.all;
    const [first] = running;
    void vscode.commands.executeCommand('setContext', 'strata.isTransferring', first !== undefined);
    if (first === undefined) {
      item.hide();
      return;
    }
    const what =
      running.length === 1 ? operationLabel(first) : vscode.l10n.t('{0} transfers', running.length);
    const text = [what, operationProgress(running)].join(' ').trim();
    item.text = `$(sync~spin) ${text}`;
    // Not the role `status`: a screen reader would read out every step.
    item.accessibilityInformation = { label: text };
    item.tooltip = tooltip(running.map(operationLabel));
    item.show();
  };
  return vscode.Disposable.from(item, operations.onDidChange(draw));
}

function tooltip(labels: readonly string[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString('', true);
  markdown.isTrusted = { enabledCommands: [CommandId.cancelOperation] };
  for (const label of labels) markdown.appendText(label).appendMarkdown('\n\n');
  return markdown.appendMarkdown(`[${vscode.l10n.t('Cancel')}](command:${CommandId.cancelOperation})`);
}
