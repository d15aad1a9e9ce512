import * as vscode from 'vscode';
import { FROM_TREE } from '../commandIds.ts';
import type { OpenOptions } from '../panels/imagePanel.ts';
import type { Services } from '../services.ts';
import { imageTarget } from './targets.ts';

/** Opens the image's panel, at its first page or where it was. */
export async function openImage(services: Services, args: readonly unknown[]): Promise<void> {
  const preserveFocus = args[1] === FROM_TREE;
  await openPanel(services, args, vscode.l10n.t('Open Image'), { preserveFocus });
}

export async function openPanel(
  services: Services,
  args: readonly unknown[],
  question: string,
  options?: OpenOptions,
): Promise<void> {
  const [name] = args;
  const target = typeof name === 'string' ? undefined : await imageTarget(services, args, question);
  const handle =
    typeof name === 'string' ? name : target && (target.kind === 'tag' ? target.tag : target.image.id);
  if (handle !== undefined) await services.panels.open(handle, options);
}
