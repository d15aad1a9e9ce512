import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { writeWhole } from '../../base/wholeFile.ts';
import type { ArchiveFormat } from '../../images/types.ts';
import { digestHex } from '../../oci/digest.ts';
import { displaySize } from '../format.ts';
import { archiveName } from '../operations/archiveFile.ts';
import { offerReveal } from '../operations/reveal.ts';
import { namesInShort, runOperation } from '../operations/runOperation.ts';
import type { Services } from '../services.ts';
import { targetName, targetTags } from './targetNames.ts';
import { imageTargets } from './targets.ts';

interface FormatItem extends vscode.QuickPickItem {
  readonly format?: ArchiveFormat;
}

/** Writes one or several images into one archive, with all their tags. */
export async function saveImages(services: Services, args: readonly unknown[]): Promise<void> {
  const targets = await imageTargets(services, args, vscode.l10n.t('Save Images'));
  if (targets.length === 0) return;
  const shown = [...new Set(targets.map(targetName))];
  // An image without a name goes by its ID, and stays nameless in the archive.
  const names = [
    ...new Set(
      targets.flatMap((target) => {
        const tags = targetTags(target);
        return tags.length === 0 ? [digestHex(target.image.id)] : tags;
      }),
    ),
  ];
  const item = await askFormat(shown);
  if (item === undefined) return;
  const file = await askFile(shown);
  if (file === undefined) return;
  await runOperation<number>(
    services,
    { kind: 'save', subject: namesInShort(shown) },
    {
      work: (control) => {
        const request = { names, ...(item.format === undefined ? {} : { format: item.format }) };
        return writeWhole(file.fsPath, (sink) => services.app.save(request, sink, control));
      },
      onDone: (size) =>
        offerReveal(
          vscode.l10n.t('{0}: saved as {1} ({2}).', namesInShort(shown), file.fsPath, displaySize(size)),
          file,
        ),
    },
  );
}

async function askFormat(shown: readonly string[]): Promise<FormatItem | undefined> {
  const items: readonly FormatItem[] = [
    {
      label: vscode.l10n.t('Docker and OCI'),
      description: vscode.l10n.t('the default'),
      detail: vscode.l10n.t(
        'For every tool: what "docker save" writes today, and an OCI layout in the same file',
      ),
    },
    {
      label: vscode.l10n.t('Docker Archive'),
      detail: vscode.l10n.t('For tools that know the older format of "docker save" only'),
      format: 'docker-archive',
    },
    {
      label: vscode.l10n.t('OCI Archive'),
      detail: vscode.l10n.t('An OCI layout only, as skopeo and podman call oci-archive'),
      format: 'oci-archive',
    },
  ];
  return await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Save {0}', namesInShort(shown)),
    placeHolder: vscode.l10n.t('Choose the format of the archive'),
  });
}

/** The dialog itself asks before a file is replaced. */
async function askFile(shown: readonly string[]): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save {0}', namesInShort(shown)),
    defaultUri: vscode.Uri.joinPath(folder ?? vscode.Uri.file(homedir()), archiveName(shown)),
    filters: { [vscode.l10n.t('Image archives')]: ['tar'] },
  });
  if (file === undefined || file.scheme === 'file') return file;
  void vscode.window.showErrorMessage(
    vscode.l10n.t('{0} is not a place on this machine.', file.toString(true)),
  );
  return undefined;
}
