import * as vscode from 'vscode';
import { chooseOption, optionTitle, optionValue } from '../imagesView/choices.ts';
import type { OptionName } from '../imagesView/options.ts';
import type { Services } from '../services.ts';

const OPTIONS: readonly OptionName[] = ['groupBy', 'sortBy', 'label', 'description'];

/** The commands that arrange the Images view: one for each setting, and one that leads to all of them. */

export async function groupImages({ images }: Services): Promise<void> {
  await ask(images.state, 'groupBy');
}

export async function sortImages({ images }: Services): Promise<void> {
  await ask(images.state, 'sortBy');
}

export async function labelImages({ images }: Services): Promise<void> {
  await ask(images.state, 'label');
}

export async function describeImages({ images }: Services): Promise<void> {
  await ask(images.state, 'description');
}

export async function configureImagesView({ images }: Services): Promise<void> {
  const { options } = images.state;
  const items = OPTIONS.map((name) => ({
    label: optionTitle(name),
    description: optionValue(name, options),
    name,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Configure Images View'),
    placeHolder: vscode.l10n.t('Choose what to change'),
  });
  if (chosen !== undefined) await ask(images.state, chosen.name);
}

async function ask(state: Services['images']['state'], name: OptionName): Promise<void> {
  const value = await chooseOption(name, state.options);
  if (value !== undefined) await state.setOption(name, value);
}
