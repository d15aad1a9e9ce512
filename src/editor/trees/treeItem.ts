import * as vscode from 'vscode';
import { nodeId } from './imageNodes.ts';
import type { ImagesNode } from './imageNodes.ts';

/** A row with what every row has: the id by which it stays folded and selected, a label and an icon. */
export function treeItem(
  node: ImagesNode,
  label: string,
  icon: string,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.id = nodeId(node);
  item.iconPath = new vscode.ThemeIcon(icon);
  return item;
}
