import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import { age } from '../text.ts';
import { familiarTag } from '../trees/imageNodes.ts';
import { showRemoteStep } from './remoteStep.ts';
import type { RemoteStepOptions } from './remoteStep.ts';
import type { StepResult } from './step.ts';
import { readTypedName } from './typedName.ts';

interface TagItem extends vscode.QuickPickItem {
  /** The whole name; undefined for an item that only says something. */
  readonly name?: string;
}

const DEFAULT_TAG = 'latest';
/** A quick pick with more items than these gets slow; what is typed finds the others. */
const MAX_SHOWN = 1000;

interface TagStepOptions extends RemoteStepOptions {
  readonly app: Pick<App, 'remoteTagList'>;
  /** `docker.io/library/alpine` */
  readonly repository: string;
}

/** Offers the tags that the registry lists, the default first, then as the app orders them. One that lists none skips the step. */
export async function askTag(
  options: TagStepOptions,
): Promise<StepResult<TagItem> | { readonly kind: 'skipped' }> {
  const { app, repository } = options;
  const item = (tag: string, updated?: string): TagItem => {
    const facts = [tag === DEFAULT_TAG ? vscode.l10n.t('the default') : undefined, age(updated)];
    const description = facts.filter((fact) => fact !== undefined).join(' · ');
    const name = `${repository}:${tag}`;
    return { label: tag, iconPath: new vscode.ThemeIcon('tag'), name, description };
  };
  let all: readonly TagItem[] = [item(DEFAULT_TAG)];
  return await showRemoteStep<TagItem>(options, {
    title: vscode.l10n.t('Pull {0}: Tag', familiarTag(repository)),
    placeholder: vscode.l10n.t('Choose a tag, or type one'),
    items: all,
    what: `tags of ${repository}`,
    list: async (signal) => {
      const tags = await app.remoteTagList(repository, signal);
      // Enter takes the first.
      const first = tags.toSorted((a, b) => Number(b.name === DEFAULT_TAG) - Number(a.name === DEFAULT_TAG));
      all = first.map(({ name, updated }) => item(name, updated));
      return all.length === 0 ? undefined : all.slice(0, MAX_SHOWN);
    },
    itemsFor: (typed, shown) => {
      const tag = typed.trim();
      if (tag === '') return shown;
      const found =
        all.length > MAX_SHOWN ? all.filter(({ label }) => label.includes(tag)).slice(0, MAX_SHOWN) : shown;
      return all.some(({ label }) => label === tag) ? found : [...found, ...typedTag(repository, tag, item)];
    },
    accepts: ({ name }) => name !== undefined,
  });
}

/** What is typed and no listed tag: another tag, if it can be one. */
function typedTag(repository: string, tag: string, item: (tag: string) => TagItem): readonly TagItem[] {
  return readTypedName(`${repository}:${tag}`).kind === 'valid' ? [{ ...item(tag), alwaysShow: true }] : [];
}
