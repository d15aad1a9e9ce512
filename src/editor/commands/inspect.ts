import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { openPanel } from './openImage.ts';

/** The image as JSON, in its panel. */
export async function inspect(services: Services, args: readonly unknown[]): Promise<void> {
  await openPanel(services, args, vscode.l10n.t('Inspect Image'), { tab: 'inspect' });
}
