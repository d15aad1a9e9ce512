import * as vscode from 'vscode';
import { nodeId } from './imageNodes.ts';
import type { ImagesNode } from './imageNodes.ts';

/** A row of the Images view. */
export function treeItem(
  node: ImagesNode,
  label: string,
  icon: string,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  return rowItem(nodeId(node), label, icon, state);
}

/** A row with what every row of any view has: the id by which it stays folded and selected, a label and an icon. */
export function rowItem(
  id: string,
  label: string,
  icon: string,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon(icon);
  return item;
}
