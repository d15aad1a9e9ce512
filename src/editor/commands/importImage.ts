import * as vscode from 'vscode';
import type { ImportRequest } from '../../images/types.ts';
import { shortDigest } from '../../oci/digest.ts';
import { CommandId } from '../commandIds.ts';
import { referenceSentence } from '../messages.ts';
import { loadSources, uriSource } from '../operations/loadSource.ts';
import type { LoadSource } from '../operations/loadSource.ts';
import { runOperation, tell } from '../operations/runOperation.ts';
import { readTypedName } from '../pullPicker/typedName.ts';
import type { Services } from '../services.ts';
import { familiarTag } from '../trees/imageNodes.ts';

const TOTAL_STEPS = 2;
const { Error: ErrorSeverity, Info, Warning } = vscode.InputBoxValidationSeverity;

/** Makes an image of the tar of a root file system: file, name, message. */
export async function importImage(services: Services, args: readonly unknown[]): Promise<void> {
  const source = loadSources(args)[0] ?? (await askFile());
  if (source === undefined) return;
  const request = await askRequest(services, source.name);
  if (request === undefined) return;
  await runOperation<string>(
    services,
    { kind: 'import', subject: source.name },
    {
      work: async (control) => await services.app.import(await source.open(), request, control),
      onDone: (id) =>
        tell(
          request.name === undefined
            ? vscode.l10n.t(
                '{0} was imported as an image without a name ({1}).',
                source.name,
                shortDigest(id),
              )
            : vscode.l10n.t('{0} was imported as {1}.', source.name, familiarTag(request.name)),
          vscode.l10n.t('Open Image'),
          () => vscode.commands.executeCommand(CommandId.openImage, id),
        ),
      retries: source.repeats,
    },
  );
}

async function askFile(): Promise<LoadSource | undefined> {
  const uris = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Import the Root File System of a Tar'),
    openLabel: vscode.l10n.t('Import'),
    filters: {
      [vscode.l10n.t('Root file systems')]: ['tar', 'gz', 'tgz', 'zst', 'xz', 'bz2'],
      [vscode.l10n.t('All files')]: ['*'],
    },
  });
  const [uri] = uris ?? [];
  return uri && uriSource(uri);
}

async function askRequest(services: Services, file: string): Promise<ImportRequest | undefined> {
  const images = await services.app.list({ all: true });
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Import {0} ({1}/{2})', file, 1, TOTAL_STEPS),
    prompt: vscode.l10n.t('Name of the new image, such as debian:mine. Without one it stays nameless.'),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const typed = readTypedName(text);
      if (typed.kind === 'empty') return undefined;
      if (typed.kind === 'invalid')
        return { message: referenceSentence(typed.error.params), severity: ErrorSeverity };
      if (typed.canonical.includes('@'))
        return { message: vscode.l10n.t('A tag is needed, not a digest.'), severity: ErrorSeverity };
      return images.some(({ tags }) => tags.includes(typed.canonical))
        ? {
            message: vscode.l10n.t(
              '{0} is the name of another image: it will move to the new one.',
              typed.familiar,
            ),
            severity: Warning,
          }
        : { message: vscode.l10n.t('In full: {0}', typed.canonical), severity: Info };
    },
  });
  if (name === undefined) return undefined;
  const message = await vscode.window.showInputBox({
    title: vscode.l10n.t('Import {0} ({1}/{2})', file, 2, TOTAL_STEPS),
    prompt: vscode.l10n.t('Message for the history of the image, if you like'),
    value: vscode.l10n.t('Imported from {0}', file),
    ignoreFocusOut: true,
  });
  if (message === undefined) return undefined;
  const typed = readTypedName(name);
  return {
    ...(typed.kind === 'valid' ? { name: typed.canonical } : {}),
    ...(message.trim() === '' ? {} : { message: message.trim() }),
  };
}
