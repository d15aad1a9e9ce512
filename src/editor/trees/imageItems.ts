import * as vscode from 'vscode';
import { CommandId, FROM_TREE } from '../commandIds.ts';
import { displaySize } from '../format.ts';
import { age, dateAndTime, layerCount } from '../text.ts';
import { familiarTag, imageLabel, imagePlatform, imageShortId, layerLabel, nodeId } from './imageNodes.ts';
import type { FactNode, ImageNode, LayerNode, LayersNode, TagNode } from './imageNodes.ts';

const { None, Collapsed } = vscode.TreeItemCollapsibleState;

export function imageItem(node: ImageNode): vscode.TreeItem {
  const { image } = node;
  const label = imageLabel(image);
  const item = row(node, label, 'package', Collapsed);
  const dangling = image.tags.length === 0;
  const more = image.tags.length - 1;
  const facts = [
    dangling ? imageShortId(image) : undefined,
    more > 0 ? vscode.l10n.t('{0} tags', image.tags.length) : undefined,
    displaySize(image.size),
    age(image.created),
  ].filter((fact) => fact !== undefined);
  item.description = facts.join(' · ');
  item.contextValue = dangling ? 'image.dangling' : more > 0 ? 'image.tags' : 'image';
  item.command = {
    command: CommandId.openImage,
    title: vscode.l10n.t('Open Image'),
    arguments: [node, FROM_TREE],
  };
  item.accessibilityInformation = {
    label: dangling
      ? vscode.l10n.t('Untagged image {0}', item.description)
      : vscode.l10n.t('Image {0}, {1}', label, item.description),
  };
  return item;
}

export function tagItem(node: TagNode): vscode.TreeItem {
  const name = familiarTag(node.tag);
  const colon = name.lastIndexOf(':');
  // The tag alone: a long repository before it would push it out of a narrow side bar.
  const item = row(node, name.slice(colon + 1), 'tag', None);
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
  const item = row(node, label, icon, None);
  item.description = value;
  item.contextValue = 'fact';
  item.accessibilityInformation = { label: vscode.l10n.t('{0}: {1}', label, value) };
  return item;
}

export function layersItem(node: LayersNode): vscode.TreeItem {
  const { image } = node;
  const item = row(node, vscode.l10n.t('Layers'), 'layers', image.layers.length === 0 ? None : Collapsed);
  item.description = `${image.layers.length}`;
  item.contextValue = 'layers';
  item.accessibilityInformation = { label: layerCount(image.layers.length) };
  return item;
}

export function layerItem(node: LayerNode): vscode.TreeItem {
  const command = layerLabel(node.layer) ?? vscode.l10n.t('Layer {0}', node.index + 1);
  // The size first: commands are long, and a narrow side bar cuts off what follows them.
  const size = displaySize(node.layer.size);
  const item = row(node, size, 'file-zip', None);
  item.description = command;
  item.contextValue = 'layer';
  item.accessibilityInformation = {
    label: vscode.l10n.t('Layer {0}: {1}, {2}', node.index + 1, command, size),
  };
  return item;
}

function row(
  node: ImageNode | TagNode | FactNode | LayersNode | LayerNode,
  label: string,
  icon: string,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.id = nodeId(node);
  item.iconPath = new vscode.ThemeIcon(icon);
  return item;
}

/** Made only when a row is hovered or focused. Undefined: the row's own label will do. */
export function imageTooltip(node: ImageNode | FactNode | LayersNode): vscode.MarkdownString {
  const { image } = node;
  return lines([
    ...image.tags.map((tag): Line => [vscode.l10n.t('Name'), tag]),
    [vscode.l10n.t('Image ID'), image.id],
    ...image.repoDigests.map((digest): Line => [
      vscode.l10n.t('Digest'),
      digest.slice(digest.indexOf('@') + 1),
    ]),
    [vscode.l10n.t('Created'), dateAndTime(image.created)],
    [vscode.l10n.t('Platform'), imagePlatform(image)],
    [
      vscode.l10n.t('Size'),
      vscode.l10n.t('{0} ({1} compressed)', displaySize(image.size), displaySize(image.compressedSize)),
    ],
    [vscode.l10n.t('Layers'), `${image.layers.length}`],
  ]);
}

export function layerTooltip(node: LayerNode): vscode.MarkdownString {
  const { layer } = node;
  const tooltip = lines([
    [vscode.l10n.t('Digest'), layer.digest],
    [vscode.l10n.t('Diff ID'), layer.diffId],
    [
      vscode.l10n.t('Size'),
      vscode.l10n.t('{0} ({1} compressed)', displaySize(layer.size), displaySize(layer.compressedSize)),
    ],
  ]);
  if (layer.createdBy !== undefined) tooltip.appendCodeblock(layer.createdBy, 'dockerfile');
  return tooltip;
}

type Line = readonly [label: string, value: string | undefined];

/**
 * One line each, and no table: a table's cell would not wrap a digest. Values come from images, so they are shown as
 * they are, never as Markdown.
 */
function lines(facts: readonly Line[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  for (const [label, value] of facts) {
    if (value === undefined) continue;
    markdown.appendMarkdown('**').appendText(label).appendMarkdown('** ').appendText(value);
    markdown.appendMarkdown('  \n');
  }
  return markdown;
}
