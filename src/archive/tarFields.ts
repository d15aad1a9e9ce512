/** POSIX.1-2017 pax, "ustar Interchange Format": everything comes in blocks of this size. */
export const BLOCK_BYTES = 512;

const CHECKSUM_AT = 148;
const CHECKSUM_WIDTH = 8;
const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
const SLASH = 0x2f;

/** What is wrong with a tar; the reader adds where. */
export class TarFault extends Error {}

export function isZeroBlock(data: Buffer, at: number): boolean {
  for (let i = at; i < at + BLOCK_BYTES; i++) if (data[i] !== 0) return false;
  return true;
}

/**
 * The sum of a header's bytes with the checksum itself as spaces. Some old writers summed signed bytes.
 * @throws TarFault
 */
export function verifyChecksum(data: Buffer, at: number): void {
  let sum = CHECKSUM_WIDTH * SPACE;
  let high = 0;
  for (let i = at; i < at + BLOCK_BYTES; i++) {
    const byte = data[i] ?? 0;
    sum += byte;
    high += byte >> 7;
  }
  for (let i = at + CHECKSUM_AT; i < at + CHECKSUM_AT + CHECKSUM_WIDTH; i++) {
    const byte = data[i] ?? 0;
    sum -= byte;
    high -= byte >> 7;
  }
  const stated = readNumber(data, at + CHECKSUM_AT, CHECKSUM_WIDTH, 'checksum');
  if (stated !== sum && stated !== sum - 256 * high) throw new TarFault('the header has a wrong checksum');
}

/**
 * A numeric field: octal digits with spaces or NULs around, or GNU's base-256 where the first bit is set. Empty is 0.
 * @throws TarFault for other text, and for what JavaScript's numbers do not hold
 */
export function readNumber(data: Buffer, at: number, width: number, field: string): number {
  if (((data[at] ?? 0) & 0x80) !== 0) return readBase256(data, at, width, field);
  const end = at + width;
  let i = at;
  while (i < end && (data[i] === SPACE || data[i] === 0)) i++;
  let value = 0;
  for (; i < end; i++) {
    const byte = data[i] ?? 0;
    if (byte === SPACE || byte === 0) break;
    if (byte < ZERO || byte > SEVEN) throw new TarFault(`the ${field} is no octal number`);
    value = value * 8 + (byte - ZERO);
  }
  return value;
}

/** Two's complement, big-endian; the first bit is the marker and no part of the number. */
function readBase256(data: Buffer, at: number, width: number, field: string): number {
  const first = data[at] ?? 0;
  let value = (first & 0x7f) - ((first & 0x40) << 1);
  for (let i = at + 1; i < at + width; i++) value = value * 256 + (data[i] ?? 0);
  if (!Number.isSafeInteger(value)) throw new TarFault(`the ${field} is too large a number`);
  return value;
}

/** A text field up to its NUL, copied. */
export function readText(data: Buffer, at: number, width: number): Buffer {
  let end = at;
  while (end < at + width && data[end] !== 0) end++;
  return copyOf(data, at, end);
}

/** A copy, so that nobody holds on to a whole chunk for the sake of a name. */
export function copyOf(data: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  data.copy(copy, 0, start, end);
  return copy;
}

/** The entry's path from the header alone: name, and the prefix where this kind of header has one. */
export function readHeaderPath(data: Buffer, at: number): Buffer {
  const name = readText(data, at, 100);
  const width = prefixWidth(data, at);
  if (width === 0 || data[at + 345] === 0) return name;
  return Buffer.concat([readText(data, at + 345, width), Buffer.of(SLASH), name]);
}

export function isGnuHeader(data: Buffer, at: number): boolean {
  return data.toString('latin1', at + 257, at + 265) === 'ustar  \0';
}

function prefixWidth(data: Buffer, at: number): number {
  if (data[at + 257] !== 0x75) return 0;
  if (isGnuHeader(data, at)) return hasMistakenPrefix(data, at) ? 155 : 0;
  if (data.toString('latin1', at + 257, at + 263) !== 'ustar\0') return 0;
  return data.toString('latin1', at + 508, at + 512) === 'tar\0' ? 131 : 155;
}

/**
 * GNU headers keep times where ustar has the prefix. Go before 1.8, and so the Docker of that time, wrote a prefix
 * there all the same (golang/go#12594, #21005): text that is no number and pure ASCII is one.
 */
function hasMistakenPrefix(data: Buffer, at: number): boolean {
  for (let i = at + 345; i < at + 500 && data[i] !== 0; i++) if ((data[i] ?? 0) > 0x7f) return false;
  try {
    readNumber(data, at + 345, 12, 'atime');
    readNumber(data, at + 357, 12, 'ctime');
    return false;
  } catch {
    return true;
  }
}
