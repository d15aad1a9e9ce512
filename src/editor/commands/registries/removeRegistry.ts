import * as vscode from 'vscode';
import type { Services } from '../../services.ts';
import { registryHost } from './targets.ts';

/** Takes a registry out of the view; its images here stay. Its credentials go only if the person says so. */
export async function removeRegistry(services: Services, args: readonly unknown[]): Promise<void> {
  const host = await registryHost(services, args, vscode.l10n.t('Remove Registry'));
  if (host === undefined) return;
  const remove = vscode.l10n.t('Remove');
  const forget = vscode.l10n.t('Remove and Sign Out');
  const hasCredentials = (await services.secrets.get(host)) !== undefined;
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove {0} from the list of registries?', host),
    { modal: true, detail: vscode.l10n.t('Nothing is deleted in the registry or among the images here.') },
    remove,
    ...(hasCredentials ? [forget] : []),
  );
  if (chosen === undefined) return;
  if (chosen === forget) await services.secrets.delete(host);
  const { registries } = services;
  await registries.setHosts(registries.hosts.filter((other) => other !== host));
}
