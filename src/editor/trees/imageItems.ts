import * as vscode from 'vscode';
import { displaySize } from '../format.ts';
import { age, layerCount } from '../text.ts';
import { familiarTag, imagePlatform, layerLabel } from './imageNodes.ts';
import type { FactNode, LayerNode, LayersNode, TagNode } from './imageNodes.ts';
import { treeItem } from './treeItem.ts';

const { None, Collapsed } = vscode.TreeItemCollapsibleState;

/** What stands under an image. */

export function tagItem(node: TagNode): vscode.TreeItem {
  const name = familiarTag(node.tag);
  const colon = name.lastIndexOf(':');
  // The tag alone: a long repository before it would push it out of a narrow side bar.
  const item = treeItem(node, name.slice(colon + 1), 'tag', None);
  item.description = name.slice(0, Math.max(0, colon));
  item.contextValue = 'tag';
  item.tooltip = node.tag;
  item.accessibilityInformation = { label: vscode.l10n.t('Tag {0}', name) };
  return item;
}

export function factItem(node: FactNode): vscode.TreeItem {
  const { image, fact } = node;
  switch (fact) {
    case 'platform':
      return factRow(node, vscode.l10n.t('Platform'), imagePlatform(image), 'chip');
    case 'size':
      return factRow(node, vscode.l10n.t('Size'), displaySize(image.size), 'database');
    case 'created':
      return factRow(
        node,
        vscode.l10n.t('Created'),
        age(image.created) ?? vscode.l10n.t('unknown'),
        'calendar',
      );
  }
}

function factRow(node: FactNode, label: string, value: string, icon: string): vscode.TreeItem {
  const item = treeItem(node, label, icon, None);
  item.description = value;
  item.contextValue = 'fact';
  item.accessibilityInformation = { label: vscode.l10n.t('{0}: {1}', label, value) };
  return item;
}

export function layersItem(node: LayersNode): vscode.TreeItem {
  const { image } = node;
  const item = treeItem(
    node,
    vscode.l10n.t('Layers'),
    'layers',
    image.layers.length === 0 ? None : Collapsed,
  );
  item.description = `${image.layers.length}`;
  item.contextValue = 'layers';
  item.accessibilityInformation = { label: layerCount(image.layers.length) };
  return item;
}

export function layerItem(node: LayerNode): vscode.TreeItem {
  const command = layerLabel(node.layer) ?? vscode.l10n.t('Layer {0}', node.index + 1);
  // The size first: commands are long, and a narrow side bar cuts off what follows them.
  const size = displaySize(node.layer.size);
  const item = treeItem(node, size, 'file-zip', None);
  item.description = command;
  item.contextValue = 'layer';
  item.accessibilityInformation = {
    label: vscode.l10n.t('Layer {0}: {1}, {2}', node.index + 1, command, size),
  };
  return item;
}
