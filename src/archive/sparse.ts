import { MAX_PAX_BYTES } from '../base/limits.ts';
import { parseDecimal, type PaxSparse } from './pax.ts';
import type { SparsePiece } from './tarEntry.ts';
import { BLOCK_BYTES, readNumber, TarFault } from './tarFields.ts';

const NEWLINE = 0x0a;
/** An old GNU map entry is an offset and a length of twelve bytes each: four in the header, 21 in a continuation. */
const OLD_PIECE_BYTES = 24;
const OLD_HEADER_PIECES = { at: 386, count: 4, moreAt: 482 };
const OLD_BLOCK_PIECES = { at: 0, count: 21, moreAt: 504 };
const OLD_REAL_SIZE_AT = 483;

/** Which PAX sparse format is meant: version 0.x has the map among the records, 1.0 in front of the content. */
export function paxSparseFormat(sparse: PaxSparse): 'records' | 'content' | undefined {
  const { major = '', minor = '' } = sparse;
  if (major === '1' && minor === '0') return 'content';
  if (major === '0' && (minor === '0' || minor === '1')) return 'records';
  if (major !== '' || minor !== '') return undefined;
  return sparse.numbers.length > 0 || (sparse.map ?? '') !== '' ? 'records' : undefined;
}

/** The pieces of versions 0.0 and 0.1. @throws TarFault */
export function paxSparsePieces(sparse: PaxSparse): SparsePiece[] {
  const { map = '', numbers: listed } = sparse;
  const numbers = listed.length > 0 || map === '' ? listed : map.split(',').map(sparseNumber);
  if (sparse.pieceCount === undefined || sparse.pieceCount * 2 !== numbers.length) {
    throw new TarFault('the PAX sparse map has another length than stated');
  }
  return pairUp(numbers);
}

/** Version 1.0: lines of decimal numbers, the count of pieces first, padded to whole blocks in front of the content. */
export class SparseMapReader {
  readonly #blocks: Buffer[] = [];
  #lines = 0;
  #expectedLines: number | undefined;

  get bytes(): number {
    return this.#blocks.length * BLOCK_BYTES;
  }

  /** Takes the next block; returns the pieces once the map is whole. @throws TarFault */
  add(data: Buffer, at: number): SparsePiece[] | undefined {
    const block = Buffer.from(data.subarray(at, at + BLOCK_BYTES));
    this.#blocks.push(block);
    if (this.bytes > MAX_PAX_BYTES) throw new TarFault(`the sparse map exceeds ${MAX_PAX_BYTES} bytes`);
    for (const byte of block) if (byte === NEWLINE) this.#lines++;
    if (this.#expectedLines === undefined && this.#lines > 0) {
      const text = Buffer.concat(this.#blocks).toString('latin1');
      this.#expectedLines = 1 + 2 * sparseNumber(text.slice(0, text.indexOf('\n')));
    }
    if (this.#expectedLines === undefined || this.#lines < this.#expectedLines) return undefined;
    const lines = Buffer.concat(this.#blocks).toString('latin1').split('\n');
    return pairUp(lines.slice(1, this.#expectedLines).map(sparseNumber));
  }
}

/** The old GNU map (type `S`), from a header and its continuation blocks. */
export class OldSparseReader {
  readonly pieces: SparsePiece[] = [];
  readonly realSize: number;
  #more: boolean;

  /** @throws TarFault */
  constructor(data: Buffer, at: number) {
    this.realSize = readNumber(data, at + OLD_REAL_SIZE_AT, 12, 'real size');
    this.#more = this.#read(data, at, OLD_HEADER_PIECES);
  }

  /** Whether a continuation block follows. */
  get more(): boolean {
    return this.#more;
  }

  /** @throws TarFault */
  add(data: Buffer, at: number): void {
    this.#more = this.#read(data, at, OLD_BLOCK_PIECES);
    if (this.pieces.length * OLD_PIECE_BYTES > MAX_PAX_BYTES)
      throw new TarFault('the sparse map is too long');
  }

  #read(data: Buffer, at: number, part: typeof OLD_HEADER_PIECES): boolean {
    for (let i = 0; i < part.count; i++) {
      const pieceAt = at + part.at + i * OLD_PIECE_BYTES;
      if (data[pieceAt] === 0) break;
      this.pieces.push({
        offset: readNumber(data, pieceAt, 12, 'sparse offset'),
        length: readNumber(data, pieceAt + 12, 12, 'sparse length'),
      });
    }
    return data[at + part.moreAt] !== 0;
  }
}

/**
 * A map that later readers can trust: in order, apart, inside the file, and exactly as much as is stored.
 * @throws TarFault
 */
export function checkSparse(pieces: readonly SparsePiece[], size: number, stored: number): void {
  let end = 0;
  let sum = 0;
  for (const { offset, length } of pieces) {
    if (length < 0 || offset < end || offset + length > size)
      throw new TarFault('the sparse map is impossible');
    end = offset + length;
    sum += length;
  }
  if (sum !== stored) throw new TarFault('the sparse map does not cover what is stored');
}

function sparseNumber(text: string): number {
  const number = parseDecimal(text);
  if (number === undefined || number < 0) throw new TarFault('the sparse map holds what is no number');
  return number;
}

/** Offset and length by turns. */
function pairUp(numbers: readonly number[]): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    pieces.push({ offset: numbers[i] ?? 0, length: numbers[i + 1] ?? 0 });
  }
  return pieces;
}
