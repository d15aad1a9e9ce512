import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { pullTargets } from './pullTargets.ts';

/** Starts failed pulls again, from where they stopped. */
export async function retryPull(services: Services, args: readonly unknown[]): Promise<void> {
  const { pulls } = services;
  const targets = await pullTargets(services, args, pulls.failed, vscode.l10n.t('Retry Pull'));
  for (const pull of targets) pulls.retry(pull.id);
}
