import * as vscode from 'vscode';
import type { ImageSummary } from '../../images/types.ts';
import { CommandId } from '../commandIds.ts';
import { displaySize } from '../format.ts';
import type { Services } from '../services.ts';
import { age } from '../text.ts';
import { imageLabel, imagePlatform, imageShortId } from '../trees/imageNodes.ts';
import type { ImageNode, ImagesNode, LayerNode, TagNode } from '../trees/imageNodes.ts';
import { nodesOf } from '../trees/imagesView.ts';

/** A keybinding in the view calls its command so: there is no click to say which row is meant. */
const FROM_SELECTION = 'selection';

/** Rows that stand for an image, one of its tags, or one of its layers. */
export type ImageTarget = ImageNode | TagNode | LayerNode;

/**
 * What a command is to act on: the clicked rows, the selected ones for a key, else what a quick pick is told.
 * Empty when the person backs out, or when nothing is selected that the command accepts.
 */
export async function imageTargets(
  services: Services,
  args: readonly unknown[],
  question: string,
  accepts: (node: ImagesNode) => boolean = () => true,
): Promise<readonly ImageTarget[]> {
  const rows = args[0] === FROM_SELECTION ? services.images.selection : nodesOf(args);
  if (rows.length > 0 || args[0] === FROM_SELECTION) {
    // A group stands for the images in it.
    const each = rows.flatMap((row): readonly ImagesNode[] => (row.kind === 'group' ? row.rows : [row]));
    return each.filter(accepts).map(targetOf).filter(isPresent);
  }
  const image = await askForImage(services, question);
  return image === undefined ? [] : [{ kind: 'image', image }];
}

/** As imageTargets, for a command that acts on one. */
export async function imageTarget(
  services: Services,
  args: readonly unknown[],
  question: string,
): Promise<ImageTarget | undefined> {
  return (await imageTargets(services, args.slice(0, 1), question))[0];
}

function targetOf(node: ImagesNode): ImageTarget | undefined {
  switch (node.kind) {
    case 'image':
    case 'tag':
    case 'layer':
      return node;
    case 'fact':
    case 'layers':
      return node.row;
    case 'group':
    case 'operation':
    case 'operationPart':
    case 'pull':
    case 'pullLayer':
      return undefined;
  }
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

async function askForImage(services: Services, question: string): Promise<ImageSummary | undefined> {
  const images = await services.app.list();
  if (images.length === 0) {
    await offerPull();
    return undefined;
  }
  const items = images.map((image) => ({
    label: imageLabel(image),
    description: [imagePlatform(image), displaySize(image.size), age(image.created)]
      .filter(isPresent)
      .join(' · '),
    detail: image.tags.length > 1 ? image.tags.slice(1).join(', ') : imageShortId(image),
    iconPath: new vscode.ThemeIcon('package'),
    image,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: question,
    placeHolder: vscode.l10n.t('Choose an image'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen?.image;
}

async function offerPull(): Promise<void> {
  const pull = vscode.l10n.t('Pull Image…');
  const chosen = await vscode.window.showInformationMessage(vscode.l10n.t('There are no images yet.'), pull);
  if (chosen === pull) await vscode.commands.executeCommand(CommandId.pullImage);
}
