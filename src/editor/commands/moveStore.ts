import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { isFree, isStore } from '../storeFolders.ts';

/** Asks for a folder and makes it the setting; who follows the setting then offers to move the images. */
export async function moveStore(services: Services): Promise<void> {
  const { root } = await services.app.store();
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Choose a Folder for the Images (Now {0})', root),
    openLabel: vscode.l10n.t('Use This Folder'),
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(root),
  });
  const folder = chosen?.[0]?.fsPath;
  if (folder === undefined) return;
  // In a folder that has other things, the store gets one of its own.
  const path = (await isFree(folder)) || (await isStore(folder)) ? folder : join(folder, 'strata');
  await vscode.workspace
    .getConfiguration('strata')
    .update('storePath', path, vscode.ConfigurationTarget.Global);
}
