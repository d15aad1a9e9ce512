import * as vscode from 'vscode';
import type { SearchResult } from '../../images/types.ts';
import { compactNumber } from '../format.ts';
import { recentSearches } from '../recentNames.ts';
import type { Memory } from '../recentNames.ts';
import { imagePage } from './imagePage.ts';
import type { SearchState } from './liveSearch.ts';

/** What accepting a row does; a row without it only says something. */
type SearchAction =
  | { readonly kind: 'pull'; readonly name: string }
  | { readonly kind: 'search'; readonly term: string }
  | { readonly kind: 'retry' }
  | { readonly kind: 'signIn'; readonly host: string };

export interface SearchItem extends vscode.QuickPickItem {
  readonly action?: SearchAction;
}

export type SearchButton = 'look' | 'openPage' | 'forget';

interface Button extends vscode.QuickInputButton {
  readonly does: SearchButton;
}

/** What a button of a row does, if it is one of ours. */
export function buttonAction(button: vscode.QuickInputButton): SearchButton | undefined {
  return 'does' in button ? (button as Button).does : undefined;
}

/** What is to be said of a failed search, and whether signing in might help. */
interface Failure {
  readonly sentence: string;
  readonly signInHost: string | undefined;
}

/** The rows for a state of the search. */
export function searchItems(
  state: SearchState,
  memory: Memory,
  describe: (error: unknown) => Failure,
): readonly SearchItem[] {
  switch (state.kind) {
    case 'empty':
      return recentItems(memory);
    case 'searching':
      return state.results.map(resultItem);
    case 'found':
      return state.results.length === 0 ? [nothingItem(state.term)] : state.results.map(resultItem);
    case 'failed':
      return failureItems(describe(state.error));
  }
}

function resultItem(result: SearchResult): SearchItem {
  const { name, description, stars, pulls } = result;
  const language = vscode.env.language;
  const facts = [
    badge(result),
    stars > 0 ? `$(star-full) ${compactNumber(stars, language)}` : undefined,
    pulls === undefined || pulls === 0 ? undefined : `$(cloud-download) ${compactNumber(pulls, language)}`,
  ];
  return {
    label: name,
    description: facts.filter((fact) => fact !== undefined).join('  '),
    // One line each; a description may hold anything, icons too.
    detail: plainText(description),
    iconPath: new vscode.ThemeIcon(result.official ? 'verified-filled' : 'package'),
    alwaysShow: true,
    buttons: resultButtons(name),
    action: { kind: 'pull', name },
  };
}

function badge({ official, publisher }: SearchResult): string | undefined {
  if (official) return vscode.l10n.t('Official');
  if (publisher === 'verified') return `$(verified) ${vscode.l10n.t('Verified Publisher')}`;
  if (publisher === 'sponsored') return `$(heart) ${vscode.l10n.t('Sponsored')}`;
  return undefined;
}

/** A description is a stranger's: what would be read as an icon is broken up, and line ends go. */
function plainText(text: string): string {
  return text.replaceAll('$(', '$ (').replaceAll(/\s+/g, ' ').trim();
}

function resultButtons(name: string): readonly Button[] {
  const look: Button = {
    iconPath: new vscode.ThemeIcon('open-preview'),
    tooltip: vscode.l10n.t('Pull and Look Inside'),
    does: 'look',
  };
  const page: Button = {
    iconPath: new vscode.ThemeIcon('link-external'),
    tooltip: vscode.l10n.t('Open Page on Docker Hub'),
    does: 'openPage',
  };
  return imagePage(name) === undefined ? [look] : [look, page];
}

function nothingItem(term: string): SearchItem {
  return {
    label: vscode.l10n.t('Nothing was found for "{0}"', term),
    detail: vscode.l10n.t('Try other words, or another registry by HOST/words, such as quay.io/redis.'),
    iconPath: new vscode.ThemeIcon('info'),
    alwaysShow: true,
  };
}

function failureItems({ sentence, signInHost }: Failure): readonly SearchItem[] {
  const failed: SearchItem = {
    label: sentence,
    iconPath: new vscode.ThemeIcon('error'),
    alwaysShow: true,
    // Enter on what is said first does what can be done about it.
    action: { kind: 'retry' },
  };
  const retry: SearchItem = {
    label: vscode.l10n.t('Search Again'),
    iconPath: new vscode.ThemeIcon('refresh'),
    alwaysShow: true,
    action: { kind: 'retry' },
  };
  if (signInHost === undefined) return [failed, retry];
  const signIn: SearchItem = {
    label: vscode.l10n.t('Sign In to {0}', signInHost),
    iconPath: new vscode.ThemeIcon('sign-in'),
    alwaysShow: true,
    action: { kind: 'signIn', host: signInHost },
  };
  return [failed, signIn, retry];
}

function recentItems(memory: Memory): readonly SearchItem[] {
  const terms = recentSearches.list(memory);
  if (terms.length === 0) return [];
  const forget: Button = {
    iconPath: new vscode.ThemeIcon('close'),
    tooltip: vscode.l10n.t('Forget This Search'),
    does: 'forget',
  };
  return [
    { label: vscode.l10n.t('Recent searches'), kind: vscode.QuickPickItemKind.Separator },
    ...terms.map((term): SearchItem => ({
      label: term,
      iconPath: new vscode.ThemeIcon('history'),
      buttons: [forget],
      action: { kind: 'search', term },
    })),
  ];
}
