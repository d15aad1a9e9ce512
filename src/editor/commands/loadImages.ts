import * as vscode from 'vscode';
import type { LoadedImage } from '../../images/types.ts';
import { shortDigest } from '../../oci/digest.ts';
import { CommandId } from '../commandIds.ts';
import { loadSources, uriSource } from '../operations/loadSource.ts';
import type { LoadSource } from '../operations/loadSource.ts';
import { namesInShort, runOperation, tell } from '../operations/runOperation.ts';
import type { Services } from '../services.ts';
import { sentences } from '../text.ts';

/**
 * Loads archives and OCI layout folders into the store.
 * @param args Uris, dropped files or `{ name, data }`, alone or in arrays; asked for when there are none
 */
export async function loadImages(services: Services, args: readonly unknown[]): Promise<void> {
  const given = loadSources(args);
  const sources = given.length > 0 ? given : await askSources();
  // All at once: each has its row, and they share nothing but the store.
  await Promise.all(sources.map((source) => loadOne(services, source)));
}

async function loadOne(services: Services, source: LoadSource): Promise<void> {
  await runOperation<readonly LoadedImage[]>(
    services,
    { kind: 'load', subject: source.name },
    {
      work: async (control) => await services.app.load(await source.open(), control),
      onDone: (images) => tellLoaded(source.name, images),
      retries: source.repeats,
    },
  );
}

async function tellLoaded(source: string, images: readonly LoadedImage[]): Promise<void> {
  const [only] = images;
  if (only === undefined) {
    void vscode.window.showWarningMessage(vscode.l10n.t('{0} holds no image.', source));
    return;
  }
  const names = images.flatMap((image) => (image.names.length > 0 ? image.names : [shortDigest(image.id)]));
  const taken = images.flatMap(({ replaced }) => replaced.map(({ name }) => name));
  const loaded = vscode.l10n.t('Loaded from {0}: {1}', source, namesInShort(names));
  const sentence =
    taken.length === 0
      ? loaded
      : sentences(loaded, vscode.l10n.t('Other images had these names before: {0}.', namesInShort(taken)));
  if (images.length > 1) void vscode.window.showInformationMessage(sentence);
  else
    await tell(sentence, vscode.l10n.t('Open Image'), () =>
      vscode.commands.executeCommand(CommandId.openImage, only.id),
    );
}

/** One dialog cannot choose both files and folders on every system. */
async function askSources(): Promise<readonly LoadSource[]> {
  const files = {
    label: vscode.l10n.t('Archive Files…'),
    detail: vscode.l10n.t('What "docker save", "podman save" or skopeo wrote, compressed or not'),
    iconPath: new vscode.ThemeIcon('file-zip'),
    isFolder: false,
  };
  const folder = {
    label: vscode.l10n.t('OCI Layout Folder…'),
    detail: vscode.l10n.t('A folder with the files oci-layout and index.json'),
    iconPath: new vscode.ThemeIcon('folder'),
    isFolder: true,
  };
  const chosen = await vscode.window.showQuickPick([files, folder], {
    title: vscode.l10n.t('Load Images'),
    placeHolder: vscode.l10n.t('Choose what to load'),
  });
  if (chosen === undefined) return [];
  const uris = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Load Images'),
    openLabel: vscode.l10n.t('Load'),
    canSelectFiles: !chosen.isFolder,
    canSelectFolders: chosen.isFolder,
    canSelectMany: true,
    ...(chosen.isFolder
      ? {}
      : {
          filters: {
            [vscode.l10n.t('Image archives')]: ['tar', 'gz', 'tgz', 'zst', 'xz', 'bz2'],
            [vscode.l10n.t('All files')]: ['*'],
          },
        }),
  });
  return (uris ?? []).map(uriSource);
}
