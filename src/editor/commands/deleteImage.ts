import * as vscode from 'vscode';
import { isStrataError } from '../../base/errors.ts';
import type { ImageSummary } from '../../images/types.ts';
import { displaySize } from '../format.ts';
import { freedBy } from '../removal.ts';
import type { Freed } from '../removal.ts';
import type { Services } from '../services.ts';
import { familiarTag, imageLabel, imageShortId } from '../trees/imageNodes.ts';
import type { ImagesNode, TagNode } from '../trees/imageNodes.ts';
import { imageTargets } from './targets.ts';

/** Names that a question lists before it says how many more there are. */
const MAX_NAMED = 10;

/** Deletes images and takes tags away, after asking; in-use conflicts are shown with what can be done. */
export async function deleteImage(services: Services, args: readonly unknown[]): Promise<void> {
  // A key pressed on a layer's row must not delete the whole image.
  const accepts = ({ kind }: ImagesNode): boolean => kind === 'image' || kind === 'tag';
  const targets = await imageTargets(services, args, vscode.l10n.t('Delete Image'), accepts);
  if (targets.length === 0) {
    // A key acts on what is selected, which the arrow keys alone do not change.
    if (args.length > 0)
      vscode.window.setStatusBarMessage(vscode.l10n.t('Select an image or a tag first.'), 3000);
    return;
  }
  const images = distinct(targets.map(({ image }) => image));
  const tags = targets.filter((target): target is TagNode => target.kind === 'tag');
  const onlyTags = tags.length === targets.length;
  const plan = await askPlan(images, tags, onlyTags, await services.app.list());
  if (plan === 'untag') {
    const chosen = onlyTags ? tags.map(({ tag }) => tag) : await askTags(images);
    await forEach(services, chosen, (tag) => services.app.remove(tag), familiarTag);
  } else if (plan === 'delete') {
    await forEach(services, images, (image) => deleteOne(services, image), imageLabel);
  }
}

/** Shows what goes and asks. Untagging alone is offered where the images keep another name. */
async function askPlan(
  images: readonly ImageSummary[],
  tags: readonly TagNode[],
  onlyTags: boolean,
  all: readonly ImageSummary[],
): Promise<'delete' | 'untag' | undefined> {
  const label = images.length === 1 ? vscode.l10n.t('Delete Image') : vscode.l10n.t('Delete Images');
  const remove = { title: label, plan: 'delete' as const };
  const untag = { title: vscode.l10n.t('Untag Only'), plan: 'untag' as const };
  const canUntag = images.some(({ tags: names }) => names.length > 1);
  const keepsAName = onlyTags && images.every((image) => keptTags(image, tags).length > 0);
  const first = images[0];
  const question =
    images.length === 1 && first !== undefined
      ? vscode.l10n.t('Delete image {0}?', imageLabel(first))
      : vscode.l10n.t('Delete {0} images?', images.length);
  const detail = describeLoss(images, all, keepsAName);
  const buttons = keepsAName ? [untag, remove] : canUntag ? [remove, untag] : [remove];
  const chosen = await vscode.window.showWarningMessage(
    keepsAName ? untagQuestion(tags) : question,
    { modal: true, detail: keepsAName ? `${untagDetail(images, tags)}\n\n${detail}` : detail },
    ...buttons,
  );
  return chosen?.plan;
}

function keptTags(image: ImageSummary, removed: readonly TagNode[]): readonly string[] {
  return image.tags.filter(
    (name) => !removed.some(({ tag, image: { id } }) => tag === name && id === image.id),
  );
}

function untagQuestion(tags: readonly TagNode[]): string {
  const [only] = tags;
  return tags.length === 1 && only !== undefined
    ? vscode.l10n.t('Untag {0}, or delete its whole image?', familiarTag(only.tag))
    : vscode.l10n.t('Untag {0} names, or delete their images?', tags.length);
}

function untagDetail(images: readonly ImageSummary[], tags: readonly TagNode[]): string {
  const kept = images.flatMap((image) => keptTags(image, tags)).map(familiarTag);
  return vscode.l10n.t('Untag Only keeps the image as {0}.', kept.slice(0, MAX_NAMED).join(', '));
}

function describeLoss(
  images: readonly ImageSummary[],
  all: readonly ImageSummary[],
  isOneChoice: boolean,
): string {
  const named = images.slice(0, MAX_NAMED).map((image) => {
    const id = imageShortId(image);
    return image.tags.length === 0
      ? vscode.l10n.t('{0} (ID {1})', imageLabel(image), id)
      : vscode.l10n.t('{0} (ID {1})', image.tags.map(familiarTag).join(', '), id);
  });
  const more = images.length - named.length;
  const freed = freedBy(images, all);
  return [
    isOneChoice
      ? vscode.l10n.t('Delete Image would delete for good:')
      : vscode.l10n.t('This will be deleted for good:'),
    ...named.map((name) => `• ${name}`),
    ...(more > 0 ? [vscode.l10n.t('…and {0} more', more)] : []),
    freedSentence(freed),
  ].join('\n');
}

function freedSentence({ layers, bytes }: Freed): string {
  const size = displaySize(bytes);
  if (layers === 0) return vscode.l10n.t('All its layers are kept, because other images use them.');
  return layers === 1
    ? vscode.l10n.t('1 layer is deleted, which frees {0} on the disk.', size)
    : vscode.l10n.t('{0} layers are deleted, which frees {1} on the disk.', layers, size);
}

/** Which names to take away, when whole images were chosen. An image keeps one at least, or it would go itself. */
async function askTags(images: readonly ImageSummary[]): Promise<readonly string[]> {
  const several = images.filter(({ tags }) => tags.length > 1);
  const items = several.flatMap(({ tags }) => tags).map((tag) => ({ label: familiarTag(tag), tag }));
  let hint = vscode.l10n.t('Choose the tags to remove');
  for (;;) {
    const chosen = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Untag Only'),
      placeHolder: hint,
      canPickMany: true,
    });
    const names = chosen?.map(({ tag }) => tag) ?? [];
    if (several.every(({ tags }) => tags.some((tag) => !names.includes(tag)))) return names;
    hint = vscode.l10n.t('Leave each image at least one tag: without any it would be deleted');
  }
}

/**
 * The rules are Docker's: by ID without force, so that what uses the image is found first. Several names are a conflict too;
 * they were named in the question, so they are taken away one by one, and the image with the last.
 */
async function deleteOne(services: Services, image: ImageSummary): Promise<void> {
  const { app } = services;
  try {
    await app.remove(image.id);
  } catch (error) {
    if (!isStrataError(error, 'image-conflict') || !error.params.forceable) throw error;
    if (image.tags.length > 1) {
      for (const tag of image.tags.slice(1)) await app.remove(tag);
      await deleteOne(services, { ...image, tags: image.tags.slice(0, 1) });
    } else if (await askForce(image, services.failures.describe(error))) {
      await app.remove(image.id, { force: true });
    }
  }
}

async function askForce(image: ImageSummary, why: string): Promise<boolean> {
  const force = vscode.l10n.t('Delete Anyway');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Delete {0} although it is in use?', imageLabel(image)),
    { modal: true, detail: why },
    force,
  );
  return chosen === force;
}

/** Does the same with each; one failure does not keep the others from their turn. */
async function forEach<T>(
  services: Services,
  items: readonly T[],
  action: (item: T) => Promise<unknown>,
  name: (item: T) => string,
): Promise<void> {
  for (const item of items) {
    try {
      await action(item);
    } catch (error) {
      void services.failures.show(error, { lead: vscode.l10n.t('{0} was not deleted.', name(item)) });
    }
  }
}

function distinct(images: readonly ImageSummary[]): readonly ImageSummary[] {
  return [...new Map(images.map((image) => [image.id, image])).values()];
}
