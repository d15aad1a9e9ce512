import * as vscode from 'vscode';
import type { Services } from '../services.ts';

/** Forgets the credentials that were given to Strata; Docker's own configuration is left alone. */
export async function signOut(services: Services): Promise<void> {
  const hosts = await services.secrets.hosts();
  if (hosts.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('You are not signed in to any registry.'));
    return;
  }
  const chosen = await vscode.window.showQuickPick([...hosts], {
    title: vscode.l10n.t('Sign Out of a Registry'),
    canPickMany: true,
  });
  for (const host of chosen ?? []) await services.secrets.delete(host);
}
