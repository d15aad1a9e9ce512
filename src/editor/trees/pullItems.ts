import * as vscode from 'vscode';
import type { Failures } from '../failures.ts';
import { pullTotals } from '../pulls/pullState.ts';
import type { PullLayerState, PullState } from '../pulls/pullState.ts';
import { byteProgress, layerStatus } from '../text.ts';
import { familiarTag, nodeId } from './imageNodes.ts';
import type { PullLayerNode, PullNode } from './imageNodes.ts';

/** The row of an image that is being pulled, here or elsewhere, or whose pull failed. */
export function pullItem(node: PullNode, pull: PullState, failures: Failures): vscode.TreeItem {
  const name = familiarTag(pull.name);
  const item = new vscode.TreeItem(
    name,
    pull.phase === 'failed' ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Expanded,
  );
  item.id = nodeId(node);
  item.contextValue = `pull.${pull.phase}`;
  if (pull.phase === 'failed') {
    const sentence = failures.describe(pull.error);
    item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'));
    item.description = sentence;
    item.tooltip = sentence;
    item.accessibilityInformation = { label: vscode.l10n.t('Pulling {0} failed: {1}', name, sentence) };
    // A failed pull has no rows below; its id differs so that it does not take over the running one's folding.
    item.id = `${item.id}/failed`;
    return item;
  }
  const progress = progressText(pull);
  item.iconPath = new vscode.ThemeIcon('sync~spin');
  item.description =
    pull.phase === 'foreign' ? vscode.l10n.t('{0} · in another window or terminal', progress) : progress;
  item.tooltip =
    pull.phase === 'foreign' ? vscode.l10n.t('Another window or a terminal is pulling this image.') : name;
  item.accessibilityInformation = { label: vscode.l10n.t('Pulling {0}, {1}', name, item.description) };
  return item;
}

function progressText(pull: PullState): string {
  if (pull.layers.length === 0) return vscode.l10n.t('contacting the registry…');
  const { current, total } = pullTotals([pull]);
  return total === 0 ? vscode.l10n.t('nothing to download') : byteProgress(current, total);
}

export function pullLayerItem(node: PullLayerNode): vscode.TreeItem {
  const { layer } = node;
  const item = new vscode.TreeItem(layer.id, vscode.TreeItemCollapsibleState.None);
  item.id = nodeId(node);
  item.contextValue = 'pullLayer';
  item.iconPath = new vscode.ThemeIcon(layerIcon(layer));
  item.description = layerDescription(layer);
  item.tooltip = layer.digest;
  item.accessibilityInformation = {
    label: vscode.l10n.t('Layer {0}, {1}', layer.id, item.description),
  };
  return item;
}

function layerDescription(layer: PullLayerState): string {
  const status = layerStatus(layer.status);
  return layer.status === 'Downloading' || layer.status === 'Indexing'
    ? // The percentage first: a narrow side bar cuts off the rest.
      `${status} ${byteProgress(layer.current, layer.total)}`
    : status;
}

function layerIcon(layer: PullLayerState): string {
  switch (layer.status) {
    case 'Pulling fs layer':
    case 'Waiting':
      return 'circle-outline';
    case 'Downloading':
      return 'cloud-download';
    case 'Indexing':
      return 'list-tree';
    case 'Verifying Checksum':
      return 'shield';
    case 'Download complete':
      return 'circle-large-outline';
    case 'Pull complete':
      return 'pass';
    case 'Already exists':
      return 'pass-filled';
  }
}
