import * as vscode from 'vscode';
import { describeError, isCancelled, isStrataError } from '../base/errors.ts';
import { CommandId } from './commandIds.ts';
import { failureMessage } from './messages.ts';
import { sentences } from './text.ts';
import type { FailureAction, FailureMessage } from './failureMessage.ts';

type ButtonAction = FailureAction | 'showLog';

interface FailureContext {
  /** Comes before the sentence: `Pulling alpine:latest failed.` */
  readonly lead?: string;
  /** Does the same again; without it Retry is not offered. */
  readonly retry?: () => unknown;
}

/** The one place that shows what went wrong. Cancellation is no failure and shows nothing. */
export class Failures {
  readonly #logger: vscode.LogOutputChannel;

  constructor(logger: vscode.LogOutputChannel) {
    this.#logger = logger;
  }

  /** One sentence in the person's language. */
  describe(error: unknown): string {
    return messageOf(error).sentence;
  }

  /** Where signing in might help against it. */
  signInHost(error: unknown): string | undefined {
    const { actions, host } = messageOf(error);
    return actions.includes('signIn') ? host : undefined;
  }

  /** Writes it to the log and shows it, with buttons that do something about it. Never rejects. */
  async show(error: unknown, context: FailureContext = {}): Promise<void> {
    if (isCancellation(error)) return;
    this.log(error, context.lead);
    const { sentence, actions, host } = messageOf(error);
    const possible = actions.filter((action) => action !== 'retry' || context.retry !== undefined);
    const offered = [...possible, 'showLog' as const];
    const items = offered.map((action) => ({ title: actionLabel(action), action }));
    const text = context.lead === undefined ? sentence : sentences(context.lead, sentence);
    const chosen = await vscode.window.showErrorMessage(text, ...items);
    if (chosen !== undefined) await this.#do(chosen.action, context, host);
  }

  log(error: unknown, lead?: string): void {
    const text = lead === undefined ? describeError(error) : `${lead} ${describeError(error)}`;
    this.#logger.error(text);
    const detail = causes(error);
    if (detail !== '') this.#logger.debug(detail);
  }

  async #do(action: ButtonAction, context: FailureContext, host: string | undefined): Promise<void> {
    switch (action) {
      case 'retry':
        await context.retry?.();
        return;
      case 'showLog':
        this.#logger.show();
        return;
      case 'openSettings':
        await vscode.commands.executeCommand('workbench.action.openSettings', '@ext:strata-images.strata');
        return;
      case 'signIn': {
        const signedIn = await vscode.commands.executeCommand(CommandId.signIn, host);
        if (signedIn === true) await context.retry?.();
        return;
      }
    }
  }
}

function messageOf(error: unknown): FailureMessage {
  return isStrataError(error)
    ? failureMessage(error)
    : {
        sentence: vscode.l10n.t('An unexpected error occurred: {0}', describeError(error)),
        actions: ['retry'],
      };
}

function isCancellation(error: unknown): boolean {
  return isCancelled(error) || error instanceof vscode.CancellationError;
}

function actionLabel(action: ButtonAction): string {
  switch (action) {
    case 'retry':
      return vscode.l10n.t('Retry');
    case 'signIn':
      return vscode.l10n.t('Sign In');
    case 'openSettings':
      return vscode.l10n.t('Open Settings');
    case 'showLog':
      return vscode.l10n.t('Show Log');
  }
}

/** The stack of what is no StrataError, and of every cause below it: the cause is what a report needs. */
function causes(error: unknown): string {
  const stacks: string[] = [];
  for (let at = error; at instanceof Error && stacks.length < 5; at = at.cause) {
    if (!isStrataError(at)) stacks.push(at.stack ?? at.message);
  }
  return stacks.join('\ncaused by ');
}
