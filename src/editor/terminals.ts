import { delimiter } from 'node:path';
import * as vscode from 'vscode';
import type { Failures } from './failures.ts';
import { settingsEnvironment } from './settings.ts';

/** Puts `strata` on the PATH of VS Code's terminals, with VS Code's own Node and this window's settings. */
export function registerTerminals(context: vscode.ExtensionContext, failures: Failures): vscode.Disposable {
  const variables = context.environmentVariableCollection;
  variables.description = vscode.l10n.t('Adds the `strata` command and its settings.');
  const update = async (): Promise<void> => {
    try {
      const settings = await settingsEnvironment();
      variables.clear();
      variables.prepend('PATH', context.asAbsolutePath('dist/bin') + delimiter);
      variables.replace('STRATA_NODE', process.execPath);
      for (const [name, value] of Object.entries(settings)) variables.replace(name, value);
    } catch (error) {
      // Whoever pulls is told what is wrong with the settings; a terminal goes without them.
      failures.log(error, vscode.l10n.t("Terminals do not get Strata's settings."));
    }
  };
  void update();
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration('strata') || change.affectsConfiguration('http')) void update();
  });
}
