import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { openPanel } from './openImage.ts';

/** What made the image, step by step, in its panel. */
export async function history(services: Services, args: readonly unknown[]): Promise<void> {
  await openPanel(services, args, vscode.l10n.t('Show History'), { tab: 'history' });
}
