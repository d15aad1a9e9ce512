import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { familiarTag, imageHandle } from '../trees/imageNodes.ts';
import { copyLines } from './copy.ts';
import { imageTargets } from './targets.ts';

/** `alpine:latest`; the ID of an image that has no name. */
export async function copyName(services: Services, args: readonly unknown[]): Promise<void> {
  const targets = await imageTargets(services, args, vscode.l10n.t('Copy Name'));
  await copyLines(targets, (target) =>
    familiarTag(
      target.kind === 'tag'
        ? target.tag
        : imageHandle(target.image, target.kind === 'image' ? target.names : undefined),
    ),
  );
}
