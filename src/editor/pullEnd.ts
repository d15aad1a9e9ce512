import * as vscode from 'vscode';
import type { PullWarning } from '../images/types.ts';
import { CommandId } from './commandIds.ts';
import type { Failures } from './failures.ts';
import type { PullOutcome, Pulls } from './pulls/pulls.ts';
import { sentences } from './text.ts';
import { familiarTag } from './trees/imageNodes.ts';

function warningSentence({ message, mismatch }: PullWarning): string {
  return mismatch === undefined
    ? message
    : vscode.l10n.t('It is for {1}, not for {0} as was asked.', mismatch.wanted, mismatch.actual);
}

/** Says how a pull ended: once, at the end. Who cancelled it knows. */
export async function showPullEnd(outcome: PullOutcome, pulls: Pulls, failures: Failures): Promise<void> {
  switch (outcome.kind) {
    case 'cancelled':
      return;
    case 'failed':
      await failures.show(outcome.error, {
        lead: vscode.l10n.t('Pulling {0} failed.', familiarTag(outcome.pull.name)),
        retry: () => pulls.retry(outcome.pull.id),
      });
      return;
    case 'done': {
      const { familiar, newer, imageId } = outcome.result;
      const open = vscode.l10n.t('Open Image');
      const sentence = newer
        ? vscode.l10n.t('{0} was pulled.', familiar)
        : vscode.l10n.t('{0} is up to date.', familiar);
      const chosen =
        outcome.warnings.length === 0
          ? await vscode.window.showInformationMessage(sentence, open)
          : await vscode.window.showWarningMessage(
              outcome.warnings.map(warningSentence).reduce(sentences, sentence),
              open,
            );
      if (chosen === open) await vscode.commands.executeCommand(CommandId.openImage, imageId);
    }
  }
}
