import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { pullTargets } from './pullTargets.ts';

/** Stops pulls. What has arrived stays, and the next pull goes on from there. */
export async function cancelPull(services: Services, args: readonly unknown[]): Promise<void> {
  const { pulls } = services;
  const targets = await pullTargets(services, args, pulls.running, vscode.l10n.t('Cancel Pull'));
  for (const pull of targets) pulls.cancel(pull.id);
}
