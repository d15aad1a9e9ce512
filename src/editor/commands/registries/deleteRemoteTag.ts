import * as vscode from 'vscode';
import { familiarTag } from '../../trees/imageNodes.ts';
import { tagName } from '../../registries/registryNodes.ts';
import type { Services } from '../../services.ts';
import { registriesRow } from './targets.ts';

/** Deletes a tag in its registry, after asking: there is no way back but a push. */
export async function deleteRemoteTag(services: Services, args: readonly unknown[]): Promise<void> {
  const row = registriesRow(args);
  if (row?.kind !== 'remoteTag') return;
  const name = familiarTag(tagName(row));
  const remove = vscode.l10n.t('Delete Tag');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Delete {0} in its registry?', name),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Nobody can pull this tag any more. Images here stay, and other tags of the repository too.',
      ),
    },
    remove,
  );
  if (chosen !== remove) return;
  await vscode.window.withProgress({ location: { viewId: 'strata.registries' } }, async () => {
    await services.app.deleteRemoteTag(tagName(row));
  });
  services.registries.refresh(row.repository);
}
