import type { TarXattr } from './tarEntry.ts';
import { copyOf, TarFault } from './tarFields.ts';

const XATTR_PREFIX = 'SCHILY.xattr.';
const NEWLINE = 0x0a;
const SPACE = 0x20;
const EQUALS = 0x3d;
/** The shortest record is `5 a=\n`. */
const MIN_RECORD_BYTES = 5;
const NANOSECONDS = 1_000_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;

/** What an extended header says of the entry after it; what it does not say, or says with an empty value, is undefined. */
export interface PaxFields {
  path?: Buffer | undefined;
  linkpath?: Buffer | undefined;
  size?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  mtimeNs?: bigint | undefined;
  /** By name as latin1 text: a repeat keeps its first place and its last value. */
  readonly xattrs: Map<string, TarXattr>;
  readonly sparse: PaxSparse;
}

/** GNU tar manual, "PAX Format, Version 0.0", "0.1" and "1.0". */
export interface PaxSparse {
  major?: string;
  minor?: string;
  name?: Buffer | undefined;
  /** `size` of 0.x comes before `realsize` of 1.0. */
  size?: number | undefined;
  realSize?: number | undefined;
  pieceCount?: number | undefined;
  map?: string;
  /** Version 0.0: offset and numbytes records by turns. */
  readonly numbers: number[];
}

/**
 * Reads the body of an extended header (POSIX.1-2017 pax, "pax Extended Header").
 * Values are bytes: hdrcharset is of no interest, since nothing is decoded.
 * @throws TarFault where Go's archive/tar, and so Docker, would refuse
 */
export function parsePax(body: Buffer): PaxFields {
  const fields: PaxFields = { xattrs: new Map(), sparse: { numbers: [] } };
  let at = 0;
  while (at < body.length) {
    const end = at + recordLength(body, at);
    const key = body.indexOf(SPACE, at) + 1;
    const equals = body.indexOf(EQUALS, key);
    if (body[end - 1] !== NEWLINE || equals <= key || equals >= end) {
      throw new TarFault('a PAX record is malformed');
    }
    applyRecord(fields, body.subarray(key, equals), body.subarray(equals + 1, end - 1));
    at = end;
  }
  return fields;
}

function recordLength(body: Buffer, at: number): number {
  let length = 0;
  let i = at;
  for (; i < body.length && body[i] !== SPACE; i++) {
    const digit = (body[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) throw new TarFault('the length of a PAX record is no number');
    length = length * 10 + digit;
    if (length > body.length) break;
  }
  if (length < MIN_RECORD_BYTES || length > body.length - at || i >= at + length) {
    throw new TarFault('the length of a PAX record is wrong');
  }
  return length;
}

function applyRecord(fields: PaxFields, rawKey: Buffer, value: Buffer): void {
  const key = rawKey.toString('latin1');
  const { sparse } = fields;
  switch (key) {
    case 'path':
      fields.path = textOf(key, value);
      break;
    case 'linkpath':
      fields.linkpath = textOf(key, value);
      break;
    case 'size':
      fields.size = integerOf(key, value);
      break;
    case 'uid':
      fields.uid = integerOf(key, value);
      break;
    case 'gid':
      fields.gid = integerOf(key, value);
      break;
    case 'mtime':
      fields.mtimeNs = value.length === 0 ? undefined : timeOf(value);
      break;
    case 'GNU.sparse.major':
      sparse.major = value.toString('latin1');
      break;
    case 'GNU.sparse.minor':
      sparse.minor = value.toString('latin1');
      break;
    case 'GNU.sparse.name':
      sparse.name = textOf(key, value);
      break;
    case 'GNU.sparse.size':
      sparse.size = integerOf(key, value);
      break;
    case 'GNU.sparse.realsize':
      sparse.realSize = integerOf(key, value);
      break;
    case 'GNU.sparse.numblocks':
      sparse.pieceCount = integerOf(key, value);
      break;
    case 'GNU.sparse.map':
      sparse.map = value.toString('latin1');
      break;
    case 'GNU.sparse.offset':
    case 'GNU.sparse.numbytes':
      addSparseNumber(sparse.numbers, key, value);
      break;
    default:
      if (key.startsWith(XATTR_PREFIX)) addXattr(fields.xattrs, rawKey, value);
  }
}

function textOf(key: string, value: Buffer): Buffer | undefined {
  if (value.includes(0)) throw new TarFault(`the PAX ${key} has a NUL`);
  return value.length === 0 ? undefined : copyOf(value, 0, value.length);
}

function integerOf(key: string, value: Buffer): number | undefined {
  if (value.length === 0) return undefined;
  const number = parseDecimal(value.toString('latin1'));
  if (number === undefined) throw new TarFault(`the PAX ${key} is no number`);
  return number;
}

/** Decimal digits, perhaps signed, within JavaScript's safe integers; undefined for anything else. */
export function parseDecimal(text: string): number | undefined {
  if (!/^[+-]?[0-9]{1,19}$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Seconds with an optional fraction; digits beyond nanoseconds are cut, as Go does. */
function timeOf(value: Buffer): bigint {
  const match = /^(-?)([0-9]{1,19})(?:\.([0-9]*))?$/.exec(value.toString('latin1'));
  if (match === null) throw new TarFault('the PAX mtime is no time');
  const [, sign, seconds = '0', fraction = ''] = match;
  const nanoseconds = BigInt(seconds) * NANOSECONDS + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return clampTime(sign === '-' ? -nanoseconds : nanoseconds);
}

/** Whole seconds of a header as TarEntry.mtimeNs has them. */
export function secondsToNs(seconds: number): bigint {
  return clampTime(BigInt(seconds) * NANOSECONDS);
}

function clampTime(nanoseconds: bigint): bigint {
  if (nanoseconds > MAX_INT64) return MAX_INT64;
  return nanoseconds < -MAX_INT64 - 1n ? -MAX_INT64 - 1n : nanoseconds;
}

function addSparseNumber(numbers: number[], key: string, value: Buffer): void {
  const expected = numbers.length % 2 === 0 ? 'GNU.sparse.offset' : 'GNU.sparse.numbytes';
  const number = integerOf(key, value);
  if (key !== expected || number === undefined) throw new TarFault('the PAX sparse map is out of order');
  numbers.push(number);
}

/** An empty value is kept: Linux has empty attributes, though POSIX would have the record delete one. */
function addXattr(xattrs: Map<string, TarXattr>, rawKey: Buffer, value: Buffer): void {
  const name = copyOf(rawKey, XATTR_PREFIX.length, rawKey.length);
  if (name.length === 0 || name.includes(0)) throw new TarFault('an attribute has no proper name');
  xattrs.set(name.toString('latin1'), { name, value: copyOf(value, 0, value.length) });
}
