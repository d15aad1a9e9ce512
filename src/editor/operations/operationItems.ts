import * as vscode from 'vscode';
import { operationNodeId } from './operationNodes.ts';
import type { OperationNode, OperationPartNode } from './operationNodes.ts';
import type { OperationState } from './operationState.ts';
import { operationLabel, operationProgress, partDescription, partIcon } from './operationText.ts';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** The row of a push, save, load, import or copy that runs in this window. */
export function operationItem(node: OperationNode, operation: OperationState): vscode.TreeItem {
  const label = operationLabel(operation);
  const item = new vscode.TreeItem(label, foldState(operation));
  item.id = operationNodeId(node);
  item.contextValue = 'operation';
  item.iconPath = new vscode.ThemeIcon('sync~spin');
  const progress = operationProgress([operation]);
  item.description = progress === '' ? vscode.l10n.t('preparing…') : progress;
  item.tooltip = label;
  item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1}', label, item.description) };
  return item;
}

/** A push shows its layers, as a pull does; the others count bytes, and have their layers below for who wants them. */
function foldState({ kind, parts }: OperationState): vscode.TreeItemCollapsibleState {
  if (kind === 'push' || kind === 'copy') return Expanded;
  return parts.length === 0 ? None : Collapsed;
}

export function operationPartItem(node: OperationPartNode): vscode.TreeItem {
  const { part } = node;
  const item = new vscode.TreeItem(part.id, None);
  item.id = operationNodeId(node);
  item.contextValue = 'operationPart';
  item.iconPath = new vscode.ThemeIcon(partIcon(part.status));
  item.description = partDescription(part);
  item.accessibilityInformation = { label: vscode.l10n.t('Layer {0}, {1}', part.id, item.description) };
  return item;
}
