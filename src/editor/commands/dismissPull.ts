import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { pullTargets } from './pullTargets.ts';

/** Takes failed pulls out of the view. */
export async function dismissPull(services: Services, args: readonly unknown[]): Promise<void> {
  const { pulls } = services;
  const targets = await pullTargets(services, args, pulls.failed, vscode.l10n.t('Dismiss Failed Pull'));
  for (const pull of targets) pulls.dismiss(pull.id);
}
