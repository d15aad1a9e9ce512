import * as vscode from 'vscode';
import type { ImageSummary, PrunePlan } from '../../images/types.ts';
import { displaySize } from '../format.ts';
import type { Services } from '../services.ts';
import { age } from '../text.ts';
import { familiarTag, imageLabel, imageShortId } from '../trees/imageNodes.ts';

interface PruneItem extends vscode.QuickPickItem {
  /** What accepting this row prunes; a row without it only shows what would go. */
  readonly choice?: PruneChoice;
}

interface PruneChoice {
  readonly all: boolean;
  readonly plan: PrunePlan;
}

/** Names that the question lists before it says how many more there are. */
const MAX_NAMED = 10;

/** Deletes images that nothing needs: shows which, and what that frees, asks, and tells what was freed. */
export async function pruneImages(services: Services): Promise<void> {
  const { app } = services;
  const [dangling, unused] = await Promise.all([app.planPrune(), app.planPrune({ all: true })]);
  if (unused.images.length === 0 && dangling.images.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is nothing to prune.'));
    return;
  }
  let choice = await askChoice(dangling, unused);
  while (choice !== undefined) {
    if (!(await askSure(choice))) return;
    // Images may have come or lost their names while the question stood: nothing goes that was not shown.
    const plan = await app.planPrune({ all: choice.all });
    if (sameImages(plan, choice.plan)) {
      const done = await app.prune({ all: choice.all });
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          '{0} pruned, {1} freed on the disk.',
          imageCount(done),
          displaySize(done.reclaimedBytes),
        ),
      );
      return;
    }
    choice = { ...choice, plan };
  }
}

function sameImages(one: PrunePlan, other: PrunePlan): boolean {
  const key = ({ images }: PrunePlan): string =>
    images
      .map(({ id, tags }) => [id, ...tags].join(' '))
      .toSorted()
      .join('\n');
  return key(one) === key(other);
}

function imageCount({ images }: PrunePlan): string {
  return images.length === 1 ? vscode.l10n.t('1 image') : vscode.l10n.t('{0} images', images.length);
}

/** Two ways to prune, and below them every image that would go. */
async function askChoice(dangling: PrunePlan, unused: PrunePlan): Promise<PruneChoice | undefined> {
  const pick = vscode.window.createQuickPick<PruneItem>();
  const items = pruneItems(dangling, unused);
  Object.assign(pick, {
    title: vscode.l10n.t('Prune Images'),
    placeholder: vscode.l10n.t('Choose what to delete; you are asked before anything goes'),
    matchOnDescription: true,
    ignoreFocusOut: true,
    items,
  });
  try {
    return await new Promise((resolve) => {
      pick.onDidHide(() => resolve(undefined));
      pick.onDidAccept(() => {
        const choice = pick.selectedItems[0]?.choice;
        if (choice !== undefined && choice.plan.images.length > 0) resolve(choice);
      });
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

function pruneItems(dangling: PrunePlan, unused: PrunePlan): readonly PruneItem[] {
  const danglingIds = new Set(dangling.images.map(({ id }) => id));
  const others = unused.images.filter(({ id }) => !danglingIds.has(id));
  return [
    choiceItem(vscode.l10n.t('Dangling Images'), 'trash', {
      all: false,
      plan: dangling,
    }),
    choiceItem(vscode.l10n.t('All Unused Images'), 'clear-all', { all: true, plan: unused }),
    ...imageItems(vscode.l10n.t('Dangling'), dangling.images),
    ...imageItems(vscode.l10n.t('Unused'), others),
  ];
}

function choiceItem(label: string, icon: string, choice: PruneChoice): PruneItem {
  const { plan } = choice;
  const description =
    plan.images.length === 0
      ? vscode.l10n.t('none')
      : vscode.l10n.t('{0} · frees {1}', imageCount(plan), displaySize(plan.reclaimedBytes));
  return { label, description, iconPath: new vscode.ThemeIcon(icon), choice };
}

function imageItems(title: string, images: readonly ImageSummary[]): readonly PruneItem[] {
  if (images.length === 0) return [];
  return [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...images.map((image) => ({
      label: imageLabel(image),
      description: [displaySize(image.size), age(image.created), imageShortId(image)]
        .filter((fact) => fact !== undefined)
        .join(' · '),
      iconPath: new vscode.ThemeIcon('package'),
    })),
  ];
}

async function askSure({ all, plan }: PruneChoice): Promise<boolean> {
  const prune = vscode.l10n.t('Prune');
  const named = plan.images.slice(0, MAX_NAMED).map((image) => {
    const names = image.tags.length === 0 ? imageLabel(image) : image.tags.map(familiarTag).join(', ');
    return `• ${vscode.l10n.t('{0} (ID {1})', names, imageShortId(image))}`;
  });
  const more = plan.images.length - named.length;
  const detail = [
    vscode.l10n.t('This will be deleted for good:'),
    ...named,
    ...(more > 0 ? [vscode.l10n.t('…and {0} more', more)] : []),
    vscode.l10n.t('This frees {0} on the disk.', displaySize(plan.reclaimedBytes)),
  ].join('\n');
  const question = all
    ? vscode.l10n.t('Delete all unused images ({0})?', plan.images.length)
    : vscode.l10n.t('Delete all dangling images ({0})?', plan.images.length);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, prune)) === prune;
}
