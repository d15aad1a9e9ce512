import * as vscode from 'vscode';
import type { PanelTab } from '../../protocol/imagePanel.ts';
import type { Services } from '../services.ts';
import { imageTarget } from './targets.ts';

/** Opens the image's panel, at its first page or where it was. */
export async function openImage(services: Services, args: readonly unknown[]): Promise<void> {
  await openPanel(services, args, vscode.l10n.t('Open Image'));
}

/** @param tab undefined: where the panel was */
export async function openPanel(
  services: Services,
  args: readonly unknown[],
  question: string,
  tab?: PanelTab,
): Promise<void> {
  const [name] = args;
  const target = typeof name === 'string' ? undefined : await imageTarget(services, args, question);
  const handle =
    typeof name === 'string' ? name : target && (target.kind === 'tag' ? target.tag : target.image.id);
  if (handle !== undefined) await services.panels.open(handle, tab);
}
