import * as vscode from 'vscode';
import { canonicalName, parseReference } from '../../../reference/index.ts';
import { failureMessage } from '../../messages.ts';
import { DOCKER_HUB, pinRepository } from '../../registries/knownRegistries.ts';
import { readTypedName } from '../../pullPicker/typedName.ts';
import type { Services } from '../../services.ts';
import { registryHost } from './targets.ts';

/** Keeps a repository in the view that its registry does not list. */
export async function addRepository(services: Services, args: readonly unknown[]): Promise<void> {
  const title = vscode.l10n.t('Add Repository');
  const host = await registryHost(services, args, title);
  if (host === undefined) return;
  const text = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Repository in {0}', host),
    placeHolder: host === DOCKER_HUB ? 'bitnami/redis' : 'owner/name',
    ignoreFocusOut: true,
    validateInput: (typed) => complaint(host, typed),
  });
  if (text === undefined) return;
  await pinRepository(services.memory, canonicalName(parseReference(nameIn(host, text))));
  services.registries.refresh(host);
}

/** What a person types may begin with the host. */
function nameIn(host: string, text: string): string {
  const name = text.trim();
  return name.startsWith(`${host}/`) ? name : `${host}/${name}`;
}

function complaint(host: string, text: string): string | undefined {
  if (text.trim() === '') return vscode.l10n.t('Write the name of a repository.');
  const typed = readTypedName(nameIn(host, text));
  return typed.kind === 'invalid' ? failureMessage(typed.error).sentence : undefined;
}
