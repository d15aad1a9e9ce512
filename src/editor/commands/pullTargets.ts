import * as vscode from 'vscode';
import type { PullState } from '../pulls/pullState.ts';
import { isImagesNode } from '../trees/imageNodes.ts';
import { nodesOf } from '../trees/imagesView.ts';
import type { Services } from '../services.ts';

/** The pulls that a command is to act on: the clicked rows, the only one there is, or those that the person picks. */
export async function pullTargets(
  services: Services,
  args: readonly unknown[],
  among: readonly PullState[],
  question: string,
): Promise<readonly PullState[]> {
  if (isImagesNode(args[0])) {
    const ids = new Set(
      nodesOf(args).map((node) =>
        node.kind === 'pull' ? node.pullId : node.kind === 'pullLayer' ? node.pull.pullId : '',
      ),
    );
    return among.filter(({ id }) => ids.has(id));
  }
  if (among.length <= 1) return among;
  const chosen = await vscode.window.showQuickPick(
    among.map((pull) => ({ label: pull.name, picked: true, pull })),
    { title: question, canPickMany: true },
  );
  return chosen?.map(({ pull }) => pull) ?? [];
}
