import * as vscode from 'vscode';
import { parseFilterText } from '../imagesView/filterText.ts';
import { filterProblem } from '../imagesView/words.ts';
import type { Services } from '../services.ts';
import { imageCount } from '../text.ts';

/** Docker's own filters, checked by the list of images itself while they are typed. */
export async function filterImagesByDocker(services: Services): Promise<void> {
  const { state } = services.images;
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Filter Images by Docker's Filters"),
    placeHolder: 'label=stage=test reference=alpine:3.*',
    prompt: vscode.l10n.t(
      'label=KEY, label=KEY=VALUE, reference=PATTERN, before=IMAGE, since=IMAGE, dangling=true; spaces within "…"',
    ),
    value: state.filter.docker,
    ignoreFocusOut: true,
    validateInput: async (typed) => await judge(services, typed),
  });
  if (text !== undefined) await state.setFilter({ docker: text.trim() });
}

/** What is wrong with the filters; while nothing is, how many images they leave. */
async function judge(
  { app, images, failures }: Services,
  typed: string,
): Promise<string | vscode.InputBoxValidationMessage | undefined> {
  if (typed.trim() === '') return undefined;
  const parsed = parseFilterText(typed);
  if ('problem' in parsed) return filterProblem(parsed.problem);
  try {
    const left = await app.list({ all: images.state.filter.intermediate, filters: parsed.filters });
    const message = vscode.l10n.t('Leaves {0}.', imageCount(left.length));
    return { message, severity: vscode.InputBoxValidationSeverity.Info };
  } catch (error) {
    return failures.describe(error);
  }
}
