import * as vscode from 'vscode';

/** Offers to show a file where it lies: in the Explorer, in the system's file manager, else by its path. */
export async function offerReveal(sentence: string, uri: vscode.Uri): Promise<void> {
  const { label, reveal } = revealAction(uri);
  if ((await vscode.window.showInformationMessage(sentence, label)) === label) await reveal();
}

function revealAction(uri: vscode.Uri): { readonly label: string; readonly reveal: () => Thenable<unknown> } {
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
    return {
      label: vscode.l10n.t('Reveal in Explorer'),
      reveal: () => vscode.commands.executeCommand('revealInExplorer', uri),
    };
  }
  // Neither a browser nor the window of a remote machine can open that machine's file manager.
  if (vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined) {
    return {
      label: vscode.l10n.t('Open Containing Folder'),
      reveal: () => vscode.commands.executeCommand('revealFileInOS', uri),
    };
  }
  return {
    label: vscode.l10n.t('Copy Path'),
    reveal: () => vscode.env.clipboard.writeText(uri.fsPath),
  };
}
