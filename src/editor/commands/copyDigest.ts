import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { copyLines } from './copy.ts';
import { imageTargets } from './targets.ts';
import type { ImageTarget } from './targets.ts';

/** The digest by which a registry knows the image, or the layer. */
export async function copyDigest(services: Services, args: readonly unknown[]): Promise<void> {
  const targets = await imageTargets(services, args, vscode.l10n.t('Copy Digest'));
  await copyLines(targets, digestOf);
}

function digestOf(target: ImageTarget): string {
  if (target.kind === 'layer') return target.layer.digest;
  const { image } = target;
  const repository = target.kind === 'tag' ? target.tag.slice(0, target.tag.lastIndexOf(':')) : undefined;
  const known = image.repoDigests.find(
    (digest) => repository === undefined || digest.startsWith(`${repository}@`),
  );
  return known === undefined ? image.manifestDigest : known.slice(known.indexOf('@') + 1);
}
