import * as vscode from 'vscode';
import { CommandId } from '../commandIds.ts';
import { familiarTag, imageHandle } from './imageNodes.ts';
import type { ImagesNode } from './imageNodes.ts';

const TEXT = 'text/plain';
const URIS = 'text/uri-list';
const FILES = 'files';

/** An archive dropped on the view is loaded; a row dropped in an editor or a terminal leaves its name there. */
export class ImagesDragAndDrop implements vscode.TreeDragAndDropController<ImagesNode> {
  readonly dragMimeTypes = [TEXT];
  readonly dropMimeTypes = [URIS, FILES];

  handleDrag(rows: readonly ImagesNode[], transfer: vscode.DataTransfer): void {
    const names = [...new Set(rows.flatMap(namesIn))];
    if (names.length > 0) transfer.set(TEXT, new vscode.DataTransferItem(names.join('\n')));
  }

  async handleDrop(_target: ImagesNode | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const uris = parseUris((await transfer.get(URIS)?.asString()) ?? '');
    const files = filesIn(transfer);
    // A file of this machine comes both ways; one that a browser holds has no address.
    const sources = uris.length > 0 ? uris : files;
    if (sources.length > 0) await vscode.commands.executeCommand(CommandId.loadImages, sources);
  }
}

function namesIn(node: ImagesNode): readonly string[] {
  switch (node.kind) {
    case 'tag':
      return [familiarTag(node.tag)];
    case 'image':
      return [familiarTag(imageHandle(node.image, node.names))];
    case 'layer':
      return [node.layer.digest];
    case 'group':
      return node.rows.flatMap(namesIn);
    default:
      return [];
  }
}

/** RFC 2483: one a line, `#` begins a comment. */
function parseUris(list: string): readonly vscode.Uri[] {
  return list
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => vscode.Uri.parse(line.trim(), true));
}

function filesIn(transfer: vscode.DataTransfer): readonly (vscode.Uri | vscode.DataTransferFile)[] {
  return Array.from(transfer, ([, item]) => item.asFile())
    .filter((file) => file !== undefined)
    .map((file) => file.uri ?? file);
}
