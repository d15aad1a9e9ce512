import * as vscode from 'vscode';
import { familiarTag } from '../../trees/imageNodes.ts';
import { tagName } from '../../registries/registryNodes.ts';
import type { RegistriesNode } from '../../registries/registryNodes.ts';
import type { Services } from '../../services.ts';
import { registriesRow } from './targets.ts';

/** Puts the name of a repository or tag into the clipboard, as it is pulled. */
export async function copyRemoteName(_: Services, args: readonly unknown[]): Promise<void> {
  await copyText(nameOf(registriesRow(args)));
}

/** Puts the digest of a manifest or referrer into the clipboard; of a tag, the one that it leads to now. */
export async function copyRemoteDigest(services: Services, args: readonly unknown[]): Promise<void> {
  const row = registriesRow(args);
  if (row?.kind === 'manifest') await copyText(row.manifest.digest);
  else if (row?.kind === 'referrer') await copyText(row.referrer.digest);
  else if (row?.kind === 'remoteTag') {
    const { digest } = await services.app.remoteImage(tagName(row));
    await copyText(digest);
  }
}

function nameOf(row: RegistriesNode | undefined): string | undefined {
  switch (row?.kind) {
    case 'registry':
      return row.host;
    case 'repository':
      return familiarTag(row.name);
    case 'remoteTag':
      return familiarTag(tagName(row));
    default:
      return undefined;
  }
}

async function copyText(text: string | undefined): Promise<void> {
  if (text === undefined) return;
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied: {0}', text), 3000);
}
