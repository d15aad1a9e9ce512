import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { copyLines } from './copy.ts';
import { imageTargets } from './targets.ts';

/** The whole image ID; of a layer its diff ID. */
export async function copyId(services: Services, args: readonly unknown[]): Promise<void> {
  const targets = await imageTargets(services, args, vscode.l10n.t('Copy ID'));
  await copyLines(targets, (target) => (target.kind === 'layer' ? target.layer.diffId : target.image.id));
}
