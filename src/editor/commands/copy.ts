import * as vscode from 'vscode';
import type { ImageTarget } from './targets.ts';

/** Puts one line for each row into the clipboard and says so in the status bar, for a moment. */
export async function copyLines(
  targets: readonly ImageTarget[],
  line: (target: ImageTarget) => string,
): Promise<void> {
  if (targets.length === 0) return;
  const text = [...new Set(targets.map(line))].join('\n');
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied: {0}', text.split('\n').join(', ')), 3000);
}
