import * as vscode from 'vscode';
import type { ContainerUse } from '../../images/types.ts';
import { CommandId, FROM_TREE } from '../commandIds.ts';
import { displaySize } from '../format.ts';
import type { AgeKey } from '../imagesView/arrange.ts';
import { nameParts, NONE, rowLabel, rowNames } from '../imagesView/names.ts';
import type { Detail, ViewOptions } from '../imagesView/options.ts';
import { age, imageCount } from '../text.ts';
import { imagePlatform, imageShortId, rowName } from './imageNodes.ts';
import type { GroupNode, ImageNode } from './imageNodes.ts';
import { userNames } from './tooltips.ts';
import { treeItem } from './treeItem.ts';

const { Collapsed } = vscode.TreeItemCollapsibleState;

export function groupItem(node: GroupNode): vscode.TreeItem {
  const name = groupName(node);
  const item = treeItem(node, name, GROUP_ICONS[node.by], Collapsed);
  const count = imageCount(node.rows.length);
  item.description = `${node.rows.length}`;
  item.contextValue = 'group';
  item.tooltip = vscode.l10n.t('{0}: {1}', name, count);
  item.accessibilityInformation = { label: vscode.l10n.t('Group {0}, {1}', name, count) };
  return item;
}

const GROUP_ICONS = {
  repository: 'repo',
  registry: 'server',
  tag: 'tag',
  age: 'calendar',
} as const satisfies Record<GroupNode['by'], string>;

function groupName({ by, key }: GroupNode): string {
  if (by !== 'age') return key === '' ? NONE : key;
  return ageName(key);
}

function ageName(key: string): string {
  switch (key) {
    case 'day' satisfies AgeKey:
      return vscode.l10n.t('Last 24 hours');
    case 'week' satisfies AgeKey:
      return vscode.l10n.t('Last 7 days');
    case 'month' satisfies AgeKey:
      return vscode.l10n.t('Last 30 days');
    case 'year' satisfies AgeKey:
      return vscode.l10n.t('Last 12 months');
    case 'older' satisfies AgeKey:
      return vscode.l10n.t('Older');
    default:
      return vscode.l10n.t('Age unknown');
  }
}

/** @param users the containers that use the image */
export function imageItem(
  node: ImageNode,
  options: ViewOptions,
  users: readonly ContainerUse[],
): vscode.TreeItem {
  const { image } = node;
  const name = rowName(node);
  const item = treeItem(node, rowLabel(node, options.label), 'package', Collapsed);
  const dangling = image.tags.length === 0;
  const facts = rowDetails(node, options);
  item.description = facts.join(' · ');
  item.contextValue = dangling ? 'image.dangling' : image.tags.length > 1 ? 'image.tags' : 'image';
  item.command = {
    command: CommandId.openImage,
    title: vscode.l10n.t('Open Image'),
    arguments: [node, FROM_TREE],
  };
  const label = dangling
    ? vscode.l10n.t('Untagged image {0}', facts.join(' · '))
    : vscode.l10n.t('Image {0}', [name, facts.join(' · ')].filter((part) => part !== '').join(', '));
  if (users.length > 0) {
    item.iconPath = new vscode.ThemeIcon('pinned', new vscode.ThemeColor('charts.green'));
  }
  item.accessibilityInformation = {
    label: users.length > 0 ? vscode.l10n.t('{0}, in use by {1}', label, userNames(users)) : label,
  };
  return item;
}

/** An untagged image is told from others by its ID, whatever was chosen. */
function rowDetails(node: ImageNode, { label, description }: ViewOptions): readonly string[] {
  const { image } = node;
  const needsId = image.tags.length === 0 && label !== 'id' && !description.includes('id');
  const chosen = description.map((detail) => rowDetail(node, detail));
  return [needsId ? imageShortId(image) : undefined, ...chosen].filter((fact) => fact !== undefined);
}

function rowDetail(node: ImageNode, detail: Detail): string | undefined {
  const { image } = node;
  const [name] = rowNames(node);
  switch (detail) {
    case 'tags':
      return image.tags.length > 1 ? vscode.l10n.t('{0} tags', image.tags.length) : undefined;
    case 'size':
      return displaySize(image.size);
    case 'age':
      return age(image.created);
    case 'compressedSize':
      return vscode.l10n.t('{0} compressed', displaySize(image.compressedSize));
    case 'platform':
      return imagePlatform(image);
    case 'id':
      return imageShortId(image);
    case 'repository':
      return name && nameParts(name).repository;
    case 'registry':
      return name && nameParts(name).registry;
  }
}
