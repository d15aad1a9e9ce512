import * as vscode from 'vscode';
import type { Services } from '../../services.ts';
import { signIn } from '../signIn.ts';
import { registryHost } from './targets.ts';

/** Signs in to the row's registry, or gives it other credentials; then asks the registry again. */
export async function editCredentials(services: Services, args: readonly unknown[]): Promise<void> {
  const host = await registryHost(services, args, vscode.l10n.t('Edit Credentials'));
  if (host !== undefined && (await signIn(services, [host]))) services.registries.refresh(host);
}

/** Forgets the credentials of the row's registry that were given to Strata, after asking. */
export async function removeCredentials(services: Services, args: readonly unknown[]): Promise<void> {
  const host = await registryHost(services, args, vscode.l10n.t('Sign Out'));
  if (host === undefined) return;
  const signOut = vscode.l10n.t('Sign Out');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Sign out of {0}?', host),
    { modal: true, detail: vscode.l10n.t('The stored user name and password are forgotten.') },
    signOut,
  );
  if (chosen !== signOut) return;
  await services.secrets.delete(host);
  services.registries.refresh(host);
}
