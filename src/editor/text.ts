import * as vscode from 'vscode';
import type { LayerStatus } from '../images/types.ts';
import { displayAge, displayPercent, displaySize, plausibleDate } from './format.ts';

/** Words that several parts of the editor share. */

export function layerCount(count: number): string {
  return count === 1 ? vscode.l10n.t('1 layer') : vscode.l10n.t('{0} layers', count);
}

export function imageCount(count: number): string {
  return count === 1 ? vscode.l10n.t('1 image') : vscode.l10n.t('{0} images', count);
}

/** `3 weeks ago`, or undefined where the image has no time that can be meant. */
export function age(created: string | undefined): string | undefined {
  const date = plausibleDate(created);
  return date && displayAge(date, new Date(), vscode.env.language);
}

export function dateAndTime(created: string | undefined): string | undefined {
  return plausibleDate(created)?.toLocaleString(vscode.env.language, {
    dateStyle: 'long',
    timeStyle: 'short',
  });
}

/** `43 % · 12.3 MB of 28 MB` */
export function byteProgress(current: number, total: number): string {
  return vscode.l10n.t(
    '{0} % · {1} of {2}',
    displayPercent(current, total),
    displaySize(current),
    displaySize(total),
  );
}

/** Docker's words for what happens to a layer. */
export function layerStatus(status: LayerStatus): string {
  switch (status) {
    case 'Pulling fs layer':
      return vscode.l10n.t('Pulling fs layer');
    case 'Waiting':
      return vscode.l10n.t('Waiting');
    case 'Downloading':
      return vscode.l10n.t('Downloading');
    case 'Indexing':
      return vscode.l10n.t('Indexing');
    case 'Verifying Checksum':
      return vscode.l10n.t('Verifying Checksum');
    case 'Download complete':
      return vscode.l10n.t('Download complete');
    case 'Pull complete':
      return vscode.l10n.t('Pull complete');
    case 'Already exists':
      return vscode.l10n.t('Already exists');
  }
}

/** Two sentences, one after the other as the language writes them. */
export function sentences(first: string, second: string): string {
  return vscode.l10n.t('{0} {1}', first, second);
}
