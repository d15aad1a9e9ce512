import * as vscode from 'vscode';
import type { ContainerUse } from '../../images/types.ts';
import { displaySize } from '../format.ts';
import { dateAndTime } from '../text.ts';
import { imagePlatform } from './imageNodes.ts';
import type { FactNode, ImageNode, LayerNode, LayersNode } from './imageNodes.ts';

/** Characters of a container's ID, as Docker shortens it. */
const SHORT_ID_LENGTH = 12;

/** Made only when a row is hovered or focused. Undefined: the row's own label will do. */
export function imageTooltip(
  node: ImageNode | FactNode | LayersNode,
  users: readonly ContainerUse[],
): vscode.MarkdownString {
  const { image } = node;
  return lines([
    [vscode.l10n.t('In use by'), users.length === 0 ? undefined : userNames(users)],
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

/** `web (running), build` */
export function userNames(users: readonly ContainerUse[]): string {
  return users
    .map(({ id, name = id.slice(0, SHORT_ID_LENGTH), running }) =>
      running ? vscode.l10n.t('{0} (running)', name) : name,
    )
    .join(', ');
}
