import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import { describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { familiarTag } from '../trees/imageNodes.ts';
import { showStep } from './step.ts';
import type { StepResult } from './step.ts';
import { orderTags } from './tagOrder.ts';
import { readTypedName } from './typedName.ts';

interface TagItem extends vscode.QuickPickItem {
  /** The whole name; undefined for an item that only says something. */
  readonly name?: string;
}

const DEFAULT_TAG = 'latest';
/** A quick pick with more items than these gets slow; what is typed finds the others. */
const MAX_SHOWN = 1000;

interface TagStepOptions {
  readonly app: Pick<App, 'remoteTags'>;
  readonly logger: Logger;
  /** `docker.io/library/alpine` */
  readonly repository: string;
  readonly step: number;
  readonly totalSteps: number;
}

/** Offers the tags that the registry lists. One that lists none, or fails to, skips the step: the pull tells why. */
export async function askTag(
  options: TagStepOptions,
): Promise<StepResult<TagItem> | { readonly kind: 'skipped' }> {
  const { app, logger, repository } = options;
  let tags: readonly string[] = [DEFAULT_TAG];
  const item = (tag: string): TagItem => ({
    label: tag,
    iconPath: new vscode.ThemeIcon('tag'),
    name: `${repository}:${tag}`,
    ...(tag === DEFAULT_TAG ? { description: vscode.l10n.t('the default') } : {}),
  });
  return await showStep<TagItem>({
    title: vscode.l10n.t('Pull {0}: Tag', familiarTag(repository)),
    placeholder: vscode.l10n.t('Choose a tag, or type one'),
    step: options.step,
    totalSteps: options.totalSteps,
    canGoBack: true,
    items: [item(DEFAULT_TAG)],
    load: async (signal) => {
      try {
        tags = orderTags(await app.remoteTags(repository, signal));
        return tags.length === 0 ? undefined : tags.slice(0, MAX_SHOWN).map(item);
      } catch (error) {
        logger.info(`No tags of ${repository}: ${describeError(error)}`);
        return undefined;
      }
    },
    itemsFor: (typed, shown) => {
      const tag = typed.trim();
      if (tag === '') return shown;
      const found =
        tags.length > MAX_SHOWN
          ? tags
              .filter((other) => other.includes(tag))
              .slice(0, MAX_SHOWN)
              .map(item)
          : shown;
      return tags.includes(tag) ? found : [...found, ...typedTag(repository, tag, item)];
    },
    accepts: ({ name }) => name !== undefined,
  });
}

/** What is typed and no listed tag: another tag, if it can be one. */
function typedTag(repository: string, tag: string, item: (tag: string) => TagItem): readonly TagItem[] {
  return readTypedName(`${repository}:${tag}`).kind === 'valid' ? [{ ...item(tag), alwaysShow: true }] : [];
}
