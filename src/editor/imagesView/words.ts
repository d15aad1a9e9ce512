import * as vscode from 'vscode';
import { displaySize } from '../format.ts';
import { imageCount } from '../text.ts';
import type { ImageFilter } from './filter.ts';
import { FILTER_KEYS } from './filterText.ts';
import type { FilterTextProblem } from './filterText.ts';
import type { Totals } from './totals.ts';

/** `"web" · label=a · only dangling`; '' where everything is shown. */
export function filterWords({ text, docker, dangling, intermediate }: ImageFilter): string {
  return [
    text === '' ? undefined : vscode.l10n.t('"{0}"', text),
    docker === '' ? undefined : docker,
    dangling === 'only' ? vscode.l10n.t('only dangling') : undefined,
    dangling === 'hidden' ? vscode.l10n.t('dangling hidden') : undefined,
    intermediate ? vscode.l10n.t('with intermediate') : undefined,
  ]
    .filter((word) => word !== undefined)
    .join(' · ');
}

export function filterSentence(filter: ImageFilter): string {
  const words = filterWords(filter);
  return words === '' ? '' : vscode.l10n.t('Filter: {0}.', words);
}

/** Beside the view's title: how many there are, and how many of them are shown. */
export function countWords(shown: number, all: number): string {
  return shown === all ? `${all}` : vscode.l10n.t('{0} of {1}', shown, all);
}

/**
 * As long with a selection as without, and while the store is being counted: a line more would move the rows away from under the
 * mouse.
 * @param bytesOnDisk of the whole store, undefined while it is not known
 */
export function totalsSentence(totals: Totals, selected: boolean, bytesOnDisk: number | undefined): string {
  const { count, size, ownSize } = totals;
  return [
    imageCount(count),
    selected
      ? vscode.l10n.t('{0} unpacked, {1} only theirs', displaySize(size), displaySize(ownSize))
      : vscode.l10n.t('{0} unpacked', displaySize(size)),
    vscode.l10n.t('store {0} on disk', bytesOnDisk === undefined ? '…' : displaySize(bytesOnDisk)),
  ].join(' · ');
}

export function filterProblem(problem: FilterTextProblem): string {
  switch (problem.kind) {
    case 'open-quote':
      return vscode.l10n.t('A quotation mark is not closed.');
    case 'no-value':
      return vscode.l10n.t('{0} needs a value: {0}=…', problem.key);
    case 'unknown-key':
      return vscode.l10n.t('There is no filter "{0}", only {1}.', problem.key, FILTER_KEYS.join(', '));
  }
}
