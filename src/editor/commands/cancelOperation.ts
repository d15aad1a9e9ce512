import * as vscode from 'vscode';
import { nodesOf } from '../trees/imagesView.ts';
import type { Services } from '../services.ts';
import { operationLabel } from '../operations/operationText.ts';

/** Stops pushes, saves, loads, imports and copies: the clicked ones, the only one there is, or those that are picked. */
export async function cancelOperation(services: Services, args: readonly unknown[]): Promise<void> {
  const { operations } = services;
  const clicked = nodesOf(args).flatMap((node) =>
    node.kind === 'operation'
      ? [node.operationId]
      : node.kind === 'operationPart'
        ? [node.operation.operationId]
        : [],
  );
  const ids = clicked.length > 0 ? clicked : await pickOperations(services);
  for (const id of ids) operations.cancel(id);
}

async function pickOperations({ operations }: Services): Promise<readonly string[]> {
  const running = operations.all;
  if (running.length <= 1) return running.map(({ id }) => id);
  const items = running.map((operation) => ({
    label: operationLabel(operation),
    picked: true,
    id: operation.id,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Cancel Transfer'),
    canPickMany: true,
  });
  return chosen?.map(({ id }) => id) ?? [];
}
