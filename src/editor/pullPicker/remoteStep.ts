import type * as vscode from 'vscode';
import { describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { showStep } from './step.ts';
import type { StepOptions, StepResult } from './step.ts';

export interface RemoteStepOptions {
  readonly logger: Logger;
  readonly step: number;
  readonly totalSteps: number;
}

interface RemoteList<T extends vscode.QuickPickItem> extends Pick<
  StepOptions<T>,
  'title' | 'placeholder' | 'items' | 'itemsFor' | 'accepts'
> {
  /** For the log, should the list not come: `tags of alpine`. */
  readonly what: string;
  /** Undefined: there is nothing to choose. */
  readonly list: (signal: AbortSignal) => Promise<readonly T[] | undefined>;
}

/** A step whose items a registry lists. It is skipped when there is nothing to choose, or when the registry fails: the pull tells why. */
export async function showRemoteStep<T extends vscode.QuickPickItem>(
  options: RemoteStepOptions,
  { what, list, ...step }: RemoteList<T>,
): Promise<StepResult<T> | { readonly kind: 'skipped' }> {
  return await showStep<T>({
    ...step,
    step: options.step,
    totalSteps: options.totalSteps,
    canGoBack: true,
    load: async (signal) => {
      try {
        return await list(signal);
      } catch (error) {
        options.logger.info(`No ${what}: ${describeError(error)}`);
        return undefined;
      }
    },
  });
}
