import { crc32 } from 'node:zlib';
import { StrataError } from '../base/errors.ts';
import { MAX_LAYER_ENTRIES, MAX_LAYER_INDEX_BYTES } from '../base/limits.ts';
import { isDigest } from '../oci/digest.ts';
import type { TarEntryType } from '../archive/index.ts';
import type { LayerStats } from './stats.ts';

/**
 * The file: a header of HEADER_BYTES, then the columns of COLUMNS one after the other, each at a multiple of eight.
 * Everything is little-endian. Header: magic (8 bytes), version, CRC-32 of the header with that field as zero,
 * CRC-32 of the rest, length of the diff ID (u32 each), then the NUMBERS (f64 each), then the diff ID and the blob's digest
 * as text, filled up with zeros.
 */
export const LAYER_INDEX_VERSION = 2;
export const HEADER_BYTES = 416;

const MAGIC = Buffer.from('STRATALX');
const VERSION_AT = 8;
const HEADER_CRC_AT = 12;
const BODY_CRC_AT = 16;
const DIFF_ID_LENGTH_AT = 20;
const NUMBERS_AT = 24;
const DIFF_ID_AT = 128;
const BLOB_AT = 272;

/** How many of each thing the columns hold. Links, devices, xattrs and sparse files are few, so they name their row. */
const COUNTS = [
  'entries',
  'links',
  'devices',
  'xattrs',
  'sparseFiles',
  'pieces',
  'pathBytes',
  'linkBytes',
  'xattrBytes',
] as const;
const NUMBERS = ['bodyBytes', 'tarBytes', 'size', 'unresolvedHardlinks', ...COUNTS] as const;

export type Counts = Readonly<Record<(typeof COUNTS)[number], number>>;

/** By name: element type and the count that gives the length. `…End` is where an item ends in its pool. */
export const COLUMNS = {
  mtimeNs: [BigInt64Array, 'entries'],
  size: [Float64Array, 'entries'],
  headerOffset: [Float64Array, 'entries'],
  storedSize: [Float64Array, 'sparseFiles'],
  pieceOffset: [Float64Array, 'pieces'],
  pieceLength: [Float64Array, 'pieces'],
  /** From headerOffset. */
  dataDistance: [Uint32Array, 'entries'],
  uid: [Uint32Array, 'entries'],
  gid: [Uint32Array, 'entries'],
  pathEnd: [Uint32Array, 'entries'],
  linkRow: [Uint32Array, 'links'],
  linkEnd: [Uint32Array, 'links'],
  deviceRow: [Uint32Array, 'devices'],
  deviceMajor: [Uint32Array, 'devices'],
  deviceMinor: [Uint32Array, 'devices'],
  /** One row for each attribute: its name, then its value in the pool. */
  xattrRow: [Uint32Array, 'xattrs'],
  xattrNameEnd: [Uint32Array, 'xattrs'],
  xattrValueEnd: [Uint32Array, 'xattrs'],
  sparseRow: [Uint32Array, 'sparseFiles'],
  pieceEnd: [Uint32Array, 'sparseFiles'],
  mode: [Uint16Array, 'entries'],
  /** Place in TYPES. */
  type: [Uint8Array, 'entries'],
  paths: [Uint8Array, 'pathBytes'],
  links: [Uint8Array, 'linkBytes'],
  xattrs: [Uint8Array, 'xattrBytes'],
} as const satisfies Record<string, readonly [unknown, keyof Counts]>;

export type ColumnName = keyof typeof COLUMNS;
export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** The order is part of the format. */
export const TYPES = [
  'file',
  'directory',
  'symlink',
  'hardlink',
  'characterDevice',
  'blockDevice',
  'fifo',
] as const satisfies TarEntryType[];

export interface IndexHeader {
  readonly stats: LayerStats;
  readonly counts: Counts;
  readonly bodyBytes: number;
  readonly bodyCrc: number;
}

/** Where each column begins within the body, and the bytes of the body. */
export function layOut(counts: Counts): { offsets: Record<ColumnName, number>; bytes: number } {
  const offsets = {} as Record<ColumnName, number>;
  let bytes = 0;
  for (const name of COLUMN_NAMES) {
    const [type, count] = COLUMNS[name];
    offsets[name] = bytes;
    bytes += Math.ceil((counts[count] * type.BYTES_PER_ELEMENT) / 8) * 8;
  }
  return { offsets, bytes };
}

/** Writes the header in front of a body that is already in place. */
export function writeHeader(file: Buffer, stats: LayerStats, counts: Counts): void {
  const values = { ...stats, ...counts, bodyBytes: file.length - HEADER_BYTES };
  MAGIC.copy(file);
  file.writeUInt32LE(LAYER_INDEX_VERSION, VERSION_AT);
  file.writeUInt32LE(crc32(file.subarray(HEADER_BYTES)), BODY_CRC_AT);
  file.writeUInt32LE(file.write(stats.diffId, DIFF_ID_AT, 'latin1'), DIFF_ID_LENGTH_AT);
  file.write(stats.blob, BLOB_AT, 'latin1');
  NUMBERS.forEach((name, i) => file.writeDoubleLE(values[name], NUMBERS_AT + i * 8));
  file.writeUInt32LE(headerCrc(file.subarray(0, HEADER_BYTES)), HEADER_CRC_AT);
}

/**
 * Checks the header by itself, and its counts against the length of the file, so that nothing is allocated on its word.
 * @throws StrataError `content-invalid`
 */
export function parseHeader(header: Buffer, fileBytes: number, what: string): IndexHeader {
  const fail = (detail: string): never => {
    throw new StrataError('content-invalid', { what, detail });
  };
  if (header.length < HEADER_BYTES) return fail('it is truncated');
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) return fail('it has another magic number');
  const version = header.readUInt32LE(VERSION_AT);
  if (version !== LAYER_INDEX_VERSION) return fail(`it has version ${version}, not ${LAYER_INDEX_VERSION}`);
  if (header.readUInt32LE(HEADER_CRC_AT) !== headerCrc(header))
    return fail('its header has another checksum');
  const values = {} as Record<(typeof NUMBERS)[number], number>;
  NUMBERS.forEach((name, i) => {
    const value = header.readDoubleLE(NUMBERS_AT + i * 8);
    if (!Number.isSafeInteger(value) || value < 0) fail(`its ${name} is no count`);
    values[name] = value;
  });
  const diffId = header.toString('latin1', DIFF_ID_AT, DIFF_ID_AT + header.readUInt32LE(DIFF_ID_LENGTH_AT));
  if (!isDigest(diffId)) return fail('it names no diff ID');
  const blob = header.toString('latin1', BLOB_AT, HEADER_BYTES).replace(/\0+$/, '');
  if (!isDigest(blob)) return fail('it names no blob');
  const { bodyBytes, tarBytes, size, entries, unresolvedHardlinks } = values;
  if (
    entries > MAX_LAYER_ENTRIES ||
    bodyBytes > MAX_LAYER_INDEX_BYTES ||
    layOut(values).bytes !== bodyBytes
  ) {
    return fail('its counts are impossible');
  }
  if (fileBytes !== HEADER_BYTES + bodyBytes)
    return fail(`it has ${fileBytes} bytes, not as many as it states`);
  const stats = { diffId, blob, entries, tarBytes, size, unresolvedHardlinks };
  return { stats, counts: values, bodyBytes, bodyCrc: header.readUInt32LE(BODY_CRC_AT) };
}

function headerCrc(header: Buffer): number {
  const before = crc32(header.subarray(0, HEADER_CRC_AT));
  const field = crc32(Buffer.alloc(4), before);
  return crc32(header.subarray(HEADER_CRC_AT + 4, HEADER_BYTES), field);
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Turns the columns from the host's byte order to the file's or back; most hosts have nothing to do. */
export function swapForHost(body: Buffer, counts: Counts, littleEndian = hostIsLittleEndian): void {
  if (littleEndian) return;
  const { offsets } = layOut(counts);
  for (const name of COLUMN_NAMES) {
    const [type, count] = COLUMNS[name];
    const column = body.subarray(offsets[name], offsets[name] + counts[count] * type.BYTES_PER_ELEMENT);
    if (type.BYTES_PER_ELEMENT === 8) column.swap64();
    else if (type.BYTES_PER_ELEMENT === 4) column.swap32();
    else if (type.BYTES_PER_ELEMENT === 2) column.swap16();
  }
}
