import type { FileHandle } from 'node:fs/promises';
import { MAX_ARCHIVE_ENTRIES } from '../base/limits.ts';
import { StrataError } from '../base/errors.ts';
import type { TarEntry, TarEntryType } from './tarEntry.ts';
import { BLOCK_BYTES } from './tarFields.ts';
import { TarReader } from './tarReader.ts';

const WHAT = 'archive';
/** Headers lie far apart: what is read behind one is mostly content that nobody asked for. */
const SCAN_BYTES = 16 * 1024;

/** One entry of a tar that holds images and not files of a system: its names are text. */
export interface OuterEntry {
  readonly path: string;
  readonly type: TarEntryType;
  /** Target of a symlink or hard link. */
  readonly link?: string;
  /** Where its content begins in the tar, and how many bytes it has. */
  readonly offset: number;
  readonly size: number;
}

/** Takes the content of one entry; a promise is awaited before more comes. */
export interface EntrySink {
  write(chunk: Buffer): void | Promise<void>;
  end(): void | Promise<void>;
}

interface OuterTarOptions {
  readonly signal?: AbortSignal | undefined;
  readonly maxEntries?: number;
}

function outerEntry(entry: TarEntry): OuterEntry {
  const path = entry.path.toString();
  if (entry.sparse !== undefined) {
    throw new StrataError('content-invalid', { what: WHAT, detail: `${path} is a sparse file` });
  }
  return {
    path,
    type: entry.type,
    ...(entry.link === undefined ? {} : { link: entry.link.toString() }),
    offset: entry.dataOffset,
    size: entry.storedSize,
  };
}

/**
 * Lists the entries of a tar file, in its order, reading the headers alone.
 * @param size bytes of the file
 * @throws StrataError `content-invalid`, for a tar that is cut short too; the system's error; the signal's reason
 */
export async function scanTar(
  handle: FileHandle,
  size: number,
  { signal, maxEntries = MAX_ARCHIVE_ENTRIES }: OuterTarOptions = {},
): Promise<readonly OuterEntry[]> {
  const entries: OuterEntry[] = [];
  const reader = new TarReader((entry) => entries.push(outerEntry(entry)), { what: WHAT, maxEntries });
  const buffer = Buffer.allocUnsafe(SCAN_BYTES);
  for (let at = 0; at < size && !reader.isOver;) {
    signal?.throwIfAborted();
    const step = Math.min(reader.ahead, size - at);
    reader.skip(step);
    at += step;
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) break;
    reader.push(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  reader.end();
  return entries;
}

/**
 * Reads a tar as it streams by.
 * @param onEntry says who takes an entry's content; undefined: nobody
 * @returns bytes of the tar, the end marker and what follows it included
 * @throws StrataError `content-invalid`; what the source, `onEntry` or a sink throws
 */
export async function readTar(
  source: AsyncIterable<Buffer>,
  onEntry: (entry: OuterEntry) => EntrySink | undefined | Promise<EntrySink | undefined>,
  { signal, maxEntries = MAX_ARCHIVE_ENTRIES }: OuterTarOptions = {},
): Promise<number> {
  let entry: OuterEntry | undefined;
  const reader = new TarReader((found) => (entry = outerEntry(found)), { what: WHAT, maxEntries });
  let sink: EntrySink | undefined;
  let left = 0;
  let trailing = 0;
  const finish = async (): Promise<void> => {
    const done = sink;
    sink = undefined;
    await done?.end();
  };
  for await (const chunk of source) {
    signal?.throwIfAborted();
    for (let at = 0; at < chunk.length;) {
      if (reader.isOver) {
        // Read to its end all the same: whoever writes it must not break.
        trailing += chunk.length - at;
        break;
      }
      if (left > 0) {
        const step = Math.min(left, chunk.length - at);
        await sink?.write(chunk.subarray(at, at + step));
        reader.skip(step);
        left -= step;
        at += step;
        if (left === 0) await finish();
      } else if (reader.ahead > 0) {
        const step = Math.min(reader.ahead, chunk.length - at);
        reader.skip(step);
        at += step;
      } else {
        // Block by block, so that no content is pushed with a header.
        const step = Math.min(BLOCK_BYTES - (reader.bytes % BLOCK_BYTES), chunk.length - at);
        reader.push(chunk.subarray(at, at + step));
        at += step;
        if (entry !== undefined) {
          const begun: OuterEntry = entry;
          entry = undefined;
          sink = await onEntry(begun);
          left = begun.size;
          if (left === 0) await finish();
        }
      }
    }
  }
  reader.end();
  return reader.bytes + trailing;
}
