import { MAX_PATH_BYTES } from '../base/limits.ts';
import { secondsToNs, type PaxFields } from './pax.ts';
import type { TarEntry, TarEntryType } from './tarEntry.ts';
import { BLOCK_BYTES, readHeaderPath, readNumber, readText, TarFault } from './tarFields.ts';

const SLASH = 0x2f;
/** GNU's type for a file whose map of pieces stands in the header. */
export const OLD_SPARSE = 0x53;

/** POSIX.1-2017 "typeflag", NUL of V7, and GNU's `S`. What is not here Docker refuses as well. */
const TYPES = new Map<number, TarEntryType>([
  [0, 'file'],
  [0x30, 'file'],
  [0x31, 'hardlink'],
  [0x32, 'symlink'],
  [0x33, 'characterDevice'],
  [0x34, 'blockDevice'],
  [0x35, 'directory'],
  [0x36, 'fifo'],
  [0x37, 'file'],
  [OLD_SPARSE, 'file'],
]);

export type MutableEntry = { -readonly [K in keyof TarEntry]: TarEntry[K] };

/** Extension headers that have been read and wait for their entry. */
export interface Extensions {
  readonly start: number;
  pax?: PaxFields;
  longName?: Buffer;
  longLink?: Buffer;
}

/**
 * The entry of a header, PAX fields and GNU long names applied; sparse maps are still to come.
 * @throws TarFault
 */
export function readEntry(
  data: Buffer,
  at: number,
  header: { flag: number; size: number; offset: number; extensions: Extensions },
): MutableEntry {
  const { flag, extensions } = header;
  const { pax, longName, longLink } = extensions;
  const path = longName ?? pax?.path ?? readHeaderPath(data, at);
  let type = TYPES.get(flag);
  if (type === undefined) throw new TarFault(`an entry has the unknown type 0x${flag.toString(16)}`);
  // V7 knew no folders; Go takes this hint for its type alone.
  if (flag === 0 && path.at(-1) === SLASH) type = 'directory';
  const storedSize = type === 'file' ? (pax?.size ?? header.size) : 0;
  const isLink = type === 'symlink' || type === 'hardlink';
  const isDevice = type === 'characterDevice' || type === 'blockDevice';
  return {
    path,
    type,
    mode: readNumber(data, at + 100, 8, 'mode') & 0o7777,
    uid: idOf(pax?.uid ?? readNumber(data, at + 108, 8, 'uid'), 'uid'),
    gid: idOf(pax?.gid ?? readNumber(data, at + 116, 8, 'gid'), 'gid'),
    size: storedSize,
    mtimeNs: pax?.mtimeNs ?? secondsToNs(readNumber(data, at + 136, 12, 'mtime')),
    link: isLink ? (longLink ?? pax?.linkpath ?? readText(data, at + 157, 100)) : undefined,
    deviceMajor: isDevice ? idOf(readNumber(data, at + 329, 8, 'device number'), 'device number') : 0,
    deviceMinor: isDevice ? idOf(readNumber(data, at + 337, 8, 'device number'), 'device number') : 0,
    xattrs: pax === undefined ? [] : [...pax.xattrs.values()],
    sparse: undefined,
    headerOffset: extensions.start,
    dataOffset: header.offset + BLOCK_BYTES,
    storedSize,
  };
}

/** @throws TarFault beyond MAX_PATH_BYTES */
export function checkPathLengths(entry: TarEntry): void {
  if (entry.path.length > MAX_PATH_BYTES) throw new TarFault('the path is too long');
  if (entry.link !== undefined && entry.link.length > MAX_PATH_BYTES)
    throw new TarFault('the link target is too long');
}

/** As the kernel takes it: GNU tar writes nobody's -2 in base-256. */
function idOf(value: number, field: string): number {
  if (value > 0xffff_ffff || value < -0x8000_0000) throw new TarFault(`the ${field} is too large a number`);
  return value >>> 0;
}
