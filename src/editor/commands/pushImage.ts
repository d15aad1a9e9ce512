import * as vscode from 'vscode';
import type { PushResult } from '../../images/types.ts';
import { canonicalName, parseReference } from '../../reference/index.ts';
import { CommandId } from '../commandIds.ts';
import { namesInShort, runOperation, tell } from '../operations/runOperation.ts';
import { pickTagsToPush } from '../operations/pushPick.ts';
import { withPushFailures } from '../operations/pushFailure.ts';
import type { Services } from '../services.ts';
import { familiarTag } from '../trees/imageNodes.ts';
import { targetTags } from './targetNames.ts';
import { imageTargets } from './targets.ts';
import type { ImageTarget } from './targets.ts';

/** Pushes tags to the registries that they name, after asking which. */
export async function pushImage(services: Services, args: readonly unknown[]): Promise<void> {
  const targets = await imageTargets(services, args, vscode.l10n.t('Push Image'));
  if (targets.length === 0) return;
  const own = [...new Set(targets.flatMap((target) => [...targetTags(target), ...target.image.tags]))];
  if (own.length === 0) {
    await offerName(targets);
    return;
  }
  const chosen = await pickTagsToPush({
    own,
    picked: targets.flatMap((target) => targetTags(target).slice(0, 1)),
    others: await siblings(services, own),
  });
  if (chosen === 'copy') await vscode.commands.executeCommand(CommandId.copyToRegistry, ...args);
  else if (chosen !== undefined) await pushTags(services, chosen);
}

/** The other tags of the same repositories, whatever their images. */
async function siblings({ app }: Services, tags: readonly string[]): Promise<readonly string[]> {
  const repository = (tag: string): string => canonicalName(parseReference(tag));
  const repositories = new Set(tags.map(repository));
  const all = (await app.list()).flatMap((image) => image.tags);
  return all.filter((tag) => !tags.includes(tag) && repositories.has(repository(tag))).toSorted();
}

async function offerName(targets: readonly ImageTarget[]): Promise<void> {
  const [target] = targets;
  const copy = vscode.l10n.t('Copy to Registry…');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('The image has no name, and a push goes where the name says.'),
    copy,
  );
  if (chosen === copy) await vscode.commands.executeCommand(CommandId.copyToRegistry, target, targets);
}

async function pushTags(services: Services, names: readonly string[]): Promise<void> {
  const { app } = services;
  const shown = names.map(familiarTag);
  await runOperation<readonly PushResult[]>(
    services,
    { kind: 'push', subject: inShort(names) },
    {
      work: async (control) => {
        const results: PushResult[] = [];
        for (const name of names)
          results.push(...(await withPushFailures(name, () => app.push({ name }, control))));
        return results;
      },
      onDone: (results) => tellPushed(shown, results),
    },
  );
}

/** For a narrow row. */
function inShort(names: readonly string[]): string {
  const [first = ''] = names;
  const repositories = new Set(names.map((name) => name.slice(0, name.lastIndexOf(':'))));
  return names.length > 1 && repositories.size === 1
    ? vscode.l10n.t('{0} tags of {1}', names.length, familiarTag(first).replace(/:[^:/]*$/, ''))
    : namesInShort(names.map(familiarTag));
}

async function tellPushed(names: readonly string[], results: readonly PushResult[]): Promise<void> {
  const digests = [...new Set(results.map(({ digest }) => digest))].join('\n');
  const sentence =
    names.length === 1
      ? vscode.l10n.t('{0} was pushed.', namesInShort(names))
      : vscode.l10n.t('{0} tags were pushed: {1}', names.length, namesInShort(names));
  await tell(sentence, vscode.l10n.t('Copy Digest'), () => vscode.env.clipboard.writeText(digests));
}
