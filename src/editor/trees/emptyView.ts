import * as vscode from 'vscode';

/** A view whose feature is yet to come: without a provider VS Code would not show its welcome text. */
export function registerEmptyView(id: string): vscode.Disposable {
  return vscode.window.registerTreeDataProvider(id, {
    getChildren: () => [],
    getTreeItem: () => new vscode.TreeItem(''),
  });
}
