import * as vscode from 'vscode';
import { DETAILS, GROUPINGS, LABELS, ORDERS } from './options.ts';
import type { Detail, Grouping, LabelKind, OptionName, Order, ViewOptions } from './options.ts';

/** The quick picks by which the Images view is arranged. */

export function optionTitle(name: OptionName): string {
  switch (name) {
    case 'groupBy':
      return vscode.l10n.t('Group Images By');
    case 'label':
      return vscode.l10n.t('Label of Images');
    case 'description':
      return vscode.l10n.t('Description of Images');
    case 'sortBy':
      return vscode.l10n.t('Sort Images By');
  }
}

/** What is chosen now, in words. */
export function optionValue(name: OptionName, options: ViewOptions): string {
  switch (name) {
    case 'groupBy':
      return groupingName(options.groupBy);
    case 'label':
      return labelName(options.label);
    case 'description':
      return options.description.map(detailName).join(', ');
    case 'sortBy':
      return orderName(options.sortBy);
  }
}

/** @returns undefined when the person backs out */
export async function chooseOption<N extends OptionName>(
  name: N,
  options: ViewOptions,
): Promise<ViewOptions[N] | undefined>;
export async function chooseOption(
  name: OptionName,
  options: ViewOptions,
): Promise<ViewOptions[OptionName] | undefined> {
  switch (name) {
    case 'groupBy':
      return await chooseOne(name, GROUPINGS, options.groupBy, groupingName);
    case 'label':
      return await chooseOne(name, LABELS, options.label, labelName);
    case 'sortBy':
      return await chooseOne(name, ORDERS, options.sortBy, orderName);
    case 'description':
      return await chooseDetails(options.description);
  }
}

async function chooseOne<T extends string>(
  name: OptionName,
  values: readonly T[],
  current: T,
  label: (value: T) => string,
): Promise<T | undefined> {
  const items = values.map((value) => ({
    label: label(value),
    value,
    iconPath: new vscode.ThemeIcon(value === current ? 'check' : 'blank'),
    ...(value === current ? { description: vscode.l10n.t('current') } : {}),
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: optionTitle(name) });
  return chosen?.value;
}

async function chooseDetails(current: readonly Detail[]): Promise<readonly Detail[] | undefined> {
  const items = DETAILS.map((detail) => ({
    label: detailName(detail),
    picked: current.includes(detail),
    value: detail,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: optionTitle('description'),
    placeHolder: vscode.l10n.t('What stands behind the name of each image'),
    canPickMany: true,
  });
  return chosen?.map(({ value }) => value);
}

function groupingName(value: Grouping): string {
  switch (value) {
    case 'none':
      return vscode.l10n.t('Nothing');
    case 'repository':
      return vscode.l10n.t('Repository');
    case 'registry':
      return vscode.l10n.t('Registry');
    case 'tag':
      return vscode.l10n.t('Tag');
    case 'age':
      return vscode.l10n.t('Age');
  }
}

function labelName(value: LabelKind): string {
  switch (value) {
    case 'automatic':
      return vscode.l10n.t('What the group does not say');
    case 'name':
      return vscode.l10n.t('Full name');
    case 'shortName':
      return vscode.l10n.t('Last part of the name, and tag');
    case 'repository':
      return vscode.l10n.t('Repository');
    case 'tag':
      return vscode.l10n.t('Tag');
    case 'id':
      return vscode.l10n.t('Image ID');
  }
}

function detailName(value: Detail): string {
  switch (value) {
    case 'tags':
      return vscode.l10n.t('Number of tags');
    case 'size':
      return vscode.l10n.t('Size');
    case 'age':
      return vscode.l10n.t('Age');
    case 'compressedSize':
      return vscode.l10n.t('Compressed size');
    case 'platform':
      return vscode.l10n.t('Platform');
    case 'id':
      return vscode.l10n.t('Image ID');
    case 'repository':
      return vscode.l10n.t('Repository');
    case 'registry':
      return vscode.l10n.t('Registry');
  }
}

function orderName(value: Order): string {
  switch (value) {
    case 'created':
      return vscode.l10n.t('Created, newest first');
    case 'tagged':
      return vscode.l10n.t('Pulled or tagged, newest first');
    case 'name':
      return vscode.l10n.t('Name');
    case 'size':
      return vscode.l10n.t('Size, largest first');
  }
}
