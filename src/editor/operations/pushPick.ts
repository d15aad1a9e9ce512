import * as vscode from 'vscode';
import { canonicalName, parseReference } from '../../reference/index.ts';
import { familiarTag } from '../trees/imageNodes.ts';

interface PushChoice {
  /** Canonical tags of the images that are to be pushed. */
  readonly own: readonly string[];
  readonly picked: readonly string[];
  /** Other tags of the same repositories. */
  readonly others: readonly string[];
}

interface TagItem extends vscode.QuickPickItem {
  readonly tag?: string;
}

const DOCKER_HUB = 'docker.io';
const OFFICIAL = 'library/';

/** Asks which tags to push. `copy`: under another name instead. Undefined when the person gives up. */
export async function pickTagsToPush(choice: PushChoice): Promise<readonly string[] | 'copy' | undefined> {
  const pick = vscode.window.createQuickPick<TagItem>();
  const rename: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('edit'),
    tooltip: vscode.l10n.t('Push Under Another Name…'),
  };
  const items = tagItems(choice);
  Object.assign(pick, {
    title: vscode.l10n.t('Push Image'),
    placeholder: vscode.l10n.t('Choose the tags to push'),
    canSelectMany: true,
    matchOnDescription: true,
    ignoreFocusOut: true,
    buttons: [rename],
    items,
    selectedItems: items.filter(({ tag }) => tag !== undefined && choice.picked.includes(tag)),
  });
  try {
    return await new Promise((resolve) => {
      pick.onDidTriggerButton(() => resolve('copy'));
      pick.onDidHide(() => resolve(undefined));
      pick.onDidAccept(() => {
        const tags = pick.selectedItems.flatMap(({ tag }) => tag ?? []);
        if (tags.length > 0) resolve(tags);
        else pick.placeholder = vscode.l10n.t('Choose at least one tag, with the space bar or a click');
      });
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

function tagItems({ own, others }: PushChoice): readonly TagItem[] {
  const separator = {
    label: vscode.l10n.t('Other tags of the repository'),
    kind: vscode.QuickPickItemKind.Separator,
  };
  return [...own.map(tagItem), ...(others.length === 0 ? [] : [separator, ...others.map(tagItem)])];
}

/** With where it would go, for a name without a host says nothing of it. */
function tagItem(tag: string): TagItem {
  const reference = parseReference(tag);
  const onHub = reference.domain === DOCKER_HUB;
  const official = onHub && reference.path.startsWith(OFFICIAL);
  return {
    label: familiarTag(tag),
    description: onHub
      ? vscode.l10n.t('to Docker Hub, as {0}', canonicalName(reference))
      : vscode.l10n.t('to {0}', reference.domain),
    ...(official
      ? {
          detail: vscode.l10n.t(
            'For official images only: tag it as ACCOUNT/NAME, or HOST/NAME for another registry.',
          ),
        }
      : {}),
    tag,
  };
}
