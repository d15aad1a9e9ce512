import * as vscode from 'vscode';
import { displaySize } from '../format.ts';
import { byteProgress } from '../text.ts';
import { operationTotals } from './operationState.ts';
import type { OperationKind, OperationPart, OperationState, PartStatus } from './operationState.ts';

/** `Pushing localhost:5000/app:1` */
export function operationLabel({ kind, subject }: Pick<OperationState, 'kind' | 'subject'>): string {
  switch (kind) {
    case 'push':
      return vscode.l10n.t('Pushing {0}', subject);
    case 'save':
      return vscode.l10n.t('Saving {0}', subject);
    case 'load':
      return vscode.l10n.t('Loading {0}', subject);
    case 'import':
      return vscode.l10n.t('Importing {0}', subject);
    case 'copy':
      return vscode.l10n.t('Copying {0}', subject);
  }
}

/** What comes before the sentence that says why. */
export function operationFailure(kind: OperationKind, subject: string): string {
  switch (kind) {
    case 'push':
      return vscode.l10n.t('Pushing {0} failed.', subject);
    case 'save':
      return vscode.l10n.t('Saving {0} failed.', subject);
    case 'load':
      return vscode.l10n.t('Loading {0} failed.', subject);
    case 'import':
      return vscode.l10n.t('Importing {0} failed.', subject);
    case 'copy':
      return vscode.l10n.t('Copying {0} failed.', subject);
  }
}

/** How far it is; empty while nothing can be said. */
export function operationProgress(operations: readonly OperationState[]): string {
  const { current, total } = operationTotals(operations);
  if (total > 0) return byteProgress(current, total);
  return current > 0 ? displaySize(current) : '';
}

export function partDescription(part: OperationPart): string {
  const status = partStatus(part.status);
  const moves = part.status === 'Pushing' || part.status === 'Copying' || part.status === 'Loading';
  if (!moves) return status;
  // The percentage first: a narrow side bar cuts off the rest.
  const bytes = part.total > 0 ? byteProgress(part.current, part.total) : displaySize(part.current);
  return `${status} ${bytes}`;
}

/** Docker's words for what happens to a layer, and ours where it has none. */
function partStatus(status: PartStatus): string {
  switch (status) {
    case 'Preparing':
      return vscode.l10n.t('Preparing');
    case 'Waiting':
      return vscode.l10n.t('Waiting');
    case 'Pushing':
      return vscode.l10n.t('Pushing');
    case 'Pushed':
      return vscode.l10n.t('Pushed');
    case 'Layer already exists':
      return vscode.l10n.t('Layer already exists');
    case 'Mounted':
      return vscode.l10n.t('Mounted');
    case 'Skipped foreign layer':
      return vscode.l10n.t('Skipped foreign layer');
    case 'Copying':
      return vscode.l10n.t('Copying');
    case 'Copied':
      return vscode.l10n.t('Copied');
    case 'Already exists':
      return vscode.l10n.t('Already exists');
    case 'Loading':
      return vscode.l10n.t('Loading');
  }
}

export function partIcon(status: PartStatus): string {
  switch (status) {
    case 'Preparing':
    case 'Waiting':
      return 'circle-outline';
    case 'Pushing':
    case 'Copying':
      return 'cloud-upload';
    case 'Loading':
      return 'desktop-download';
    case 'Pushed':
    case 'Copied':
      return 'pass';
    case 'Layer already exists':
    case 'Already exists':
    case 'Mounted':
    case 'Skipped foreign layer':
      return 'pass-filled';
  }
}
