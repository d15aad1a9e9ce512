import * as vscode from 'vscode';
import type { ImageSummary } from '../../images/types.ts';
import { referenceSentence } from '../messages.ts';
import { readTypedName } from '../pullPicker/typedName.ts';
import type { Services } from '../services.ts';
import { familiarTag, imageLabel } from '../trees/imageNodes.ts';
import { imageTarget } from './targets.ts';

const { Error: ErrorSeverity, Warning, Info } = vscode.InputBoxValidationSeverity;

/** Gives an image another name. One that another image has is taken from it only after asking. */
export async function tagImage(services: Services, args: readonly unknown[]): Promise<void> {
  const { app } = services;
  const target = await imageTarget(services, args, vscode.l10n.t('Tag Image'));
  if (target === undefined) return;
  const { image } = target;
  const shown = target.kind === 'tag' ? familiarTag(target.tag) : imageLabel(image);
  const images = await app.list({ all: true });
  const name = await askNewName(image, shown, images);
  if (name === undefined) return;
  const owner = ownerOf(name, images);
  if (owner !== undefined && owner.id !== image.id && !(await askMove(name, owner, shown))) return;
  await app.tag(image.id, name);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Tagged {0} as {1}', shown, familiarTag(name)), 3000);
}

/** @returns the canonical name with tag */
async function askNewName(
  image: ImageSummary,
  shown: string,
  images: readonly ImageSummary[],
): Promise<string | undefined> {
  const value = image.tags.length > 0 ? shown : '';
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Tag {0}', shown),
    prompt: vscode.l10n.t('Another name for the image: NAME:TAG, or HOST/NAME:TAG for another registry'),
    value,
    // The tag is what changes most often.
    valueSelection: [value.lastIndexOf(':') + 1, value.length],
    ignoreFocusOut: true,
    validateInput: (text) => judgeName(text, image, images),
  });
  const name = typed === undefined ? undefined : readTypedName(typed);
  return name?.kind === 'valid' ? name.canonical : undefined;
}

/** What is to be said of the name so far: what is wrong with it, whom it belongs to, or what it means in full. */
function judgeName(
  text: string,
  image: ImageSummary,
  images: readonly ImageSummary[],
): vscode.InputBoxValidationMessage {
  const name = readTypedName(text);
  if (name.kind === 'empty') return { message: vscode.l10n.t('A name is needed.'), severity: ErrorSeverity };
  if (name.kind === 'invalid')
    return { message: referenceSentence(name.error.params), severity: ErrorSeverity };
  if (name.canonical.includes('@'))
    return { message: vscode.l10n.t('A tag is needed, not a digest.'), severity: ErrorSeverity };
  const owner = ownerOf(name.canonical, images);
  if (owner?.id === image.id)
    return { message: vscode.l10n.t('The image has this name already.'), severity: Info };
  return owner === undefined
    ? { message: vscode.l10n.t('In full: {0}', name.canonical), severity: Info }
    : { message: movesSentence(name.canonical, owner), severity: Warning };
}

function ownerOf(name: string, images: readonly ImageSummary[]): ImageSummary | undefined {
  return images.find(({ tags }) => tags.includes(name));
}

function movesSentence(name: string, owner: ImageSummary): string {
  const others = owner.tags.filter((tag) => tag !== name).map(familiarTag);
  return others.length === 0
    ? vscode.l10n.t(
        '{0} is the only name of another image, which would be left without one.',
        familiarTag(name),
      )
    : vscode.l10n.t(
        '{0} is a name of another image, which stays as {1}.',
        familiarTag(name),
        others.join(', '),
      );
}

async function askMove(name: string, owner: ImageSummary, shown: string): Promise<boolean> {
  const move = vscode.l10n.t('Move Tag');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Move the tag {0} to {1}?', familiarTag(name), shown),
    { modal: true, detail: movesSentence(name, owner) },
    move,
  );
  return chosen === move;
}
