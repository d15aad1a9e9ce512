import * as vscode from 'vscode';
import { digestHex } from '../../oci/digest.ts';
import { namesInShort, runOperation, tell } from '../operations/runOperation.ts';
import { askTargets } from '../operations/targetInput.ts';
import type { OperationControl } from '../operations/operations.ts';
import { withPushFailures } from '../operations/pushFailure.ts';
import type { Services } from '../services.ts';
import { familiarTag } from '../trees/imageNodes.ts';
import { targetTags } from './targetNames.ts';
import { imageTargets } from './targets.ts';

/** What is copied: an image of the store by its handle, or what a registry has by its name. */
interface CopySource {
  /** Familiar; '' for an image without a name. */
  readonly name: string;
  /** @returns the digest that the target has then */
  readonly copy: (target: string, control: OperationControl) => Promise<string>;
}

/**
 * Copies images to another registry, under a name that is asked for. Nothing is tagged in the store.
 * @param args rows of the Images view, or names of images in a registry, which do not pass through the store
 */
export async function copyToRegistry(services: Services, args: readonly unknown[]): Promise<void> {
  const remote = remoteNames(args);
  const sources =
    remote.length > 0 ? remote.map((name) => remoteSource(services, name)) : await stored(services, args);
  if (sources.length === 0) return;
  const targets = await askTargets(
    services.memory,
    sources.map(({ name }) => name),
  );
  if (targets === undefined) return;
  const shown = targets.map(familiarTag);
  await runOperation<readonly string[]>(
    services,
    { kind: 'copy', subject: vscode.l10n.t('to {0}', namesInShort(shown)) },
    {
      work: async (control) => {
        const digests: string[] = [];
        for (const [index, source] of sources.entries()) {
          const target = targets[index] ?? '';
          digests.push(await withPushFailures(target, () => source.copy(target, control)));
        }
        return digests;
      },
      onDone: (digests) =>
        tell(
          sources.length === 1
            ? vscode.l10n.t('{0} is in the registry.', namesInShort(shown))
            : vscode.l10n.t('{0} images are in the registry: {1}', shown.length, namesInShort(shown)),
          vscode.l10n.t('Copy Digest'),
          () => vscode.env.clipboard.writeText([...new Set(digests)].join('\n')),
        ),
    },
  );
}

function remoteNames([first]: readonly unknown[]): readonly string[] {
  const names: readonly unknown[] = Array.isArray(first) ? first : [first];
  return names.filter((name) => typeof name === 'string').filter((name) => name !== 'selection');
}

function remoteSource({ app }: Services, name: string): CopySource {
  return {
    name,
    copy: async (target, control) =>
      (await app.copy({ source: `docker://${name}`, target: `docker://${target}` }, control)).digest,
  };
}

async function stored(services: Services, args: readonly unknown[]): Promise<readonly CopySource[]> {
  const targets = await imageTargets(services, args, vscode.l10n.t('Copy to Registry'));
  return targets.map((target) => {
    const [tag] = targetTags(target);
    const handle = tag ?? digestHex(target.image.id);
    return {
      name: tag === undefined ? '' : familiarTag(tag),
      copy: async (name, control) => {
        const [pushed] = await services.app.push({ name: handle, target: name }, control);
        return pushed?.digest ?? '';
      },
    };
  });
}
