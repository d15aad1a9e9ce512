import * as vscode from 'vscode';
import type { Services } from '../services.ts';

/** Filters the Images view by words while they are typed. Escape brings back what was there before. */
export async function filterImages({ images }: Services): Promise<void> {
  const { state } = images;
  const before = state.filter.text;
  const input = vscode.window.createInputBox();
  input.title = vscode.l10n.t('Filter Images');
  input.placeholder = vscode.l10n.t('Words of a name, a platform such as arm64, or an ID');
  input.prompt = vscode.l10n.t('The view follows as you type; nothing typed shows all.');
  input.value = before;
  input.valueSelection = [0, before.length];
  const text = await new Promise<string>((resolve) => {
    input.onDidChangeValue((value) => void state.setFilter({ text: value.trim() }));
    input.onDidAccept(() => {
      resolve(input.value.trim());
      input.hide();
    });
    input.onDidHide(() => resolve(before));
    input.show();
  });
  input.dispose();
  await state.setFilter({ text });
}
