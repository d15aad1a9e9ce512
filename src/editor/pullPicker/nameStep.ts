import * as vscode from 'vscode';
import { referenceSentence } from '../messages.ts';
import { recentNames } from '../recentNames.ts';
import type { Memory } from '../recentNames.ts';
import { showStep } from './step.ts';
import type { StepResult } from './step.ts';
import { readTypedName } from './typedName.ts';

interface NameItem extends vscode.QuickPickItem {
  /** What would be pulled; undefined for an item that only says something. */
  readonly name?: string;
}

/** Asks for a name: checked as it is typed, with what would be pulled; names pulled lately below. */
export async function askName(
  memory: Memory,
  value: string,
  totalSteps: number,
): Promise<StepResult<NameItem>> {
  const result = await showStep<NameItem>({
    title: vscode.l10n.t('Pull Image'),
    placeholder: vscode.l10n.t('Name of an image, such as alpine, node:22 or ghcr.io/owner/name'),
    step: 1,
    totalSteps,
    canGoBack: false,
    value,
    items: recentItems(memory),
    itemsFor: (typed, recent) => [...recent, ...typedItems(typed)],
    accepts: (item) => item.name !== undefined,
    onButton: (item) => {
      if (item.name !== undefined) void recentNames.forget(memory, item.name);
      return recentItems(memory).filter(({ name }) => name !== item.name);
    },
  });
  // Nothing is loaded in this step, so nothing skips it.
  return result.kind === 'skipped' ? { kind: 'cancelled' } : result;
}

function typedItems(typed: string): readonly NameItem[] {
  const name = readTypedName(typed);
  switch (name.kind) {
    case 'empty':
      return [];
    case 'invalid':
      return [
        {
          label: referenceSentence(name.error.params),
          iconPath: new vscode.ThemeIcon('error'),
          alwaysShow: true,
        },
      ];
    case 'valid':
      return [
        {
          // As it was typed, so that Enter after `redis` does not take a `redis:7` that was pulled lately.
          label: typed.trim(),
          description: vscode.l10n.t('Pull {0}', name.canonical),
          iconPath: new vscode.ThemeIcon('cloud-download'),
          alwaysShow: true,
          name: typed,
        },
      ];
  }
}

function recentItems(memory: Memory): readonly NameItem[] {
  const names = recentNames.list(memory);
  if (names.length === 0) return [];
  const separator = { label: vscode.l10n.t('Recently pulled'), kind: vscode.QuickPickItemKind.Separator };
  const forget = { iconPath: new vscode.ThemeIcon('close'), tooltip: vscode.l10n.t('Forget This Name') };
  return [
    separator,
    ...names.map((name) => ({
      label: name,
      iconPath: new vscode.ThemeIcon('history'),
      buttons: [forget],
      name,
    })),
  ];
}
