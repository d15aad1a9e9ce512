import { Readable } from 'node:stream';
import * as vscode from 'vscode';

/** What can be loaded: a file or folder of this machine, or bytes that somebody hands over. */
export interface LoadSource {
  /** What a person reads. */
  readonly name: string;
  /** A path, or the bytes; asked again for a retry. */
  readonly open: () => Promise<string | Readable>;
  /** False when the bytes come once only. */
  readonly repeats: boolean;
}

/** The files of a layout folder by which a person may mean the folder. */
const LAYOUT_FILES: readonly string[] = ['oci-layout', 'index.json'];

/** Reads what a command was called with: Uris, dropped files, `{ name, data }`; anything else is left out. */
export function loadSources(args: readonly unknown[]): readonly LoadSource[] {
  return args.flat().flatMap((value) => {
    if (value instanceof vscode.Uri) return [uriSource(value)];
    const bytes = bytesSource(value);
    return bytes === undefined ? [] : [bytes];
  });
}

export function uriSource(uri: vscode.Uri): LoadSource {
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  if (uri.scheme === 'file') {
    const isLayout = LAYOUT_FILES.includes(name);
    const path = isLayout ? vscode.Uri.joinPath(uri, '..').fsPath : uri.fsPath;
    return {
      name: isLayout ? path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1) : name,
      open: () => Promise.resolve(path),
      repeats: true,
    };
  }
  // A file system of another extension has no streams.
  return {
    name,
    open: async () => Readable.from([Buffer.from(await vscode.workspace.fs.readFile(uri))]),
    repeats: true,
  };
}

function bytesSource(value: unknown): LoadSource | undefined {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('data' in value))
    return undefined;
  const { name, data } = value;
  if (typeof name !== 'string') return undefined;
  if (typeof data === 'function') {
    // A file dropped from outside, which only the window that it fell on can read (DataTransferFile).
    const read = (): unknown => Reflect.apply(data, value, []);
    return { name, open: async () => toStream(await read()), repeats: true };
  }
  return { name, open: () => Promise.resolve(toStream(data)), repeats: data instanceof Uint8Array };
}

function toStream(data: unknown): Readable {
  if (data instanceof Readable) return data;
  if (data instanceof Uint8Array)
    return Readable.from([Buffer.from(data.buffer, data.byteOffset, data.length)]);
  if (isIterable(data)) return Readable.from(data);
  throw new TypeError('The data of an archive must be bytes or a stream of bytes');
}

function isIterable(data: unknown): data is AsyncIterable<unknown> {
  return typeof data === 'object' && data !== null && Symbol.asyncIterator in data;
}
