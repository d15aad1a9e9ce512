import * as vscode from 'vscode';
import { sentences } from '../text.ts';
import type { Services } from '../services.ts';
import type { OperationControl, OperationRequest } from './operations.ts';
import { operationFailure } from './operationText.ts';

interface OperationWork<T> {
  readonly work: (control: OperationControl) => Promise<T>;
  /** Says that it is done, once, at the end. */
  readonly onDone: (result: T) => unknown;
  /** False for what can be done once only, such as reading a stream. */
  readonly retries?: boolean;
}

/** Does the work with its row in sight; tells how it ended, and offers to do it again where it failed. Never rejects. */
export async function runOperation<T>(
  services: Services,
  request: OperationRequest,
  { work, onDone, retries = true }: OperationWork<T>,
): Promise<void> {
  const { operations, failures } = services;
  // The rows should be seen, but the keyboard stays where the person has it.
  await vscode.commands.executeCommand('strata.images.open', { preserveFocus: true });
  const outcome = await operations.run(request, work);
  switch (outcome.kind) {
    case 'cancelled':
      return;
    case 'failed': {
      const again = (): unknown => runOperation(services, request, { work, onDone });
      void failures.show(outcome.error, {
        lead: operationFailure(request.kind, request.subject),
        ...(retries ? { retry: again } : {}),
      });
      return;
    }
    case 'done':
      if (outcome.warnings.length > 0) void vscode.window.showWarningMessage(outcome.warnings.join(' '));
      void onDone(outcome.result);
  }
}

/** A sentence with a button that does something. */
export async function tell(sentence: string, label: string, action: () => unknown): Promise<void> {
  if ((await vscode.window.showInformationMessage(sentence, label)) === label) await action();
}

/** Names for a sentence: a few, then how many more. */
export function namesInShort(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).join(', ');
  const more = names.length - MAX_NAMED;
  return more > 0 ? sentences(shown, vscode.l10n.t('…and {0} more', more)) : shown;
}

const MAX_NAMED = 5;
