import * as vscode from 'vscode';
import { isRegistriesNode, registryOf } from '../../registries/registryNodes.ts';
import type { RegistriesNode } from '../../registries/registryNodes.ts';
import type { Services } from '../../services.ts';

/** The row of the Registries view that a command was called on. */
export function registriesRow(args: readonly unknown[]): RegistriesNode | undefined {
  const [clicked] = args;
  return isRegistriesNode(clicked) ? clicked : undefined;
}

/** The registry that a command is about: the row's, else what the person picks. */
export async function registryHost(
  services: Services,
  args: readonly unknown[],
  title: string,
): Promise<string | undefined> {
  const row = registriesRow(args);
  if (row !== undefined) return registryOf(row).host;
  return await vscode.window.showQuickPick([...services.registries.hosts], {
    title,
    placeHolder: vscode.l10n.t('Choose a registry'),
  });
}
