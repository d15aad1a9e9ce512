import { StrataError } from '../base/errors.ts';
import { MAX_LAYER_ENTRIES, MAX_PAX_BYTES } from '../base/limits.ts';
import { parsePax, type PaxFields } from './pax.ts';
import { checkSparse, OldSparseReader, paxSparseFormat, paxSparsePieces, SparseMapReader } from './sparse.ts';
import type { SparsePiece, TarEntry } from './tarEntry.ts';
import {
  BLOCK_BYTES,
  isZeroBlock,
  readNumber,
  readText,
  isGnuHeader,
  TarFault,
  verifyChecksum,
} from './tarFields.ts';
import { checkPathLengths, OLD_SPARSE, readEntry, type Extensions, type MutableEntry } from './tarHeader.ts';

/** What the next structure is: a header, the body of an extension header, or a piece of a sparse map. */
type Expected =
  | { readonly kind: 'header' | 'secondZero' | 'end' }
  | { readonly kind: 'pax' | 'longName' | 'longLink'; readonly padding: number }
  | { readonly kind: 'oldSparse'; readonly entry: MutableEntry; readonly map: OldSparseReader }
  | { readonly kind: 'sparseMap'; readonly entry: MutableEntry; readonly map: SparseMapReader };

const HEADER: Expected = { kind: 'header' };
const SECOND_ZERO: Expected = { kind: 'secondZero' };
const END: Expected = { kind: 'end' };

/**
 * Reads the headers of an unpacked layer as it streams by: V7, ustar, PAX and GNU.
 *
 * Synchronous, and content is stepped over without a copy; only what straddles two chunks is held back.
 * Where formats leave room it reads as Go's archive/tar does, since Docker unpacks with that.
 * After an error the reader is spent.
 */
export class TarReader {
  readonly #onEntry: (entry: TarEntry) => void;
  readonly #what: string;
  readonly #maxEntries: number;
  #expected: Expected = HEADER;
  /** Bytes of the next structure. */
  #wanted = BLOCK_BYTES;
  /** Bytes to step over before it, and how many of these are the padding of a block. */
  #skip = 0;
  #padding = 0;
  #held = Buffer.allocUnsafe(BLOCK_BYTES);
  #heldBytes = 0;
  #bytes = 0;
  /** Where the structure in hand begins, for errors. */
  #offset = 0;
  #extensions: Extensions | undefined;
  #entries = 0;

  /**
   * @param onEntry called from within push(), in the order of the tar; what it throws passes through push()
   * @param options.what names the tar in errors
   */
  constructor(
    onEntry: (entry: TarEntry) => void,
    options: { readonly what?: string; readonly maxEntries?: number } = {},
  ) {
    this.#onEntry = onEntry;
    this.#what = options.what ?? 'tar archive';
    this.#maxEntries = options.maxEntries ?? MAX_LAYER_ENTRIES;
  }

  /** Bytes that have been pushed, those after the end marker included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of content and padding before the next header: whoever needs none of them may `skip` them. */
  get ahead(): number {
    return this.#skip;
  }

  /** True once the end marker has been read; what follows it is nobody's. */
  get isOver(): boolean {
    return this.#expected === END;
  }

  /** Passes over so many bytes that are not pushed: at most `ahead`. */
  skip(bytes: number): void {
    if (bytes > this.#skip) throw new RangeError('a header cannot be skipped');
    this.#skip -= bytes;
    this.#bytes += bytes;
  }

  /** Takes the next bytes; the chunk may be reused afterwards. @throws StrataError `content-invalid` */
  push(chunk: Uint8Array): void {
    const data = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    try {
      this.#read(data);
    } catch (error) {
      throw error instanceof TarFault ? this.#invalid(error.message, error) : error;
    }
  }

  /**
   * The tar is over. A missing end marker, or missing padding of the last file, is no fault: Go takes both.
   * @throws StrataError `content-invalid` when it ends amid a header or a file
   */
  end(): void {
    const { kind } = this.#expected;
    if (kind === 'end') return;
    const atBorder = this.#heldBytes === 0 && this.#skip <= this.#padding;
    if (atBorder && (kind === 'header' || kind === 'secondZero')) return;
    this.#offset = this.#bytes;
    throw this.#invalid('it is truncated');
  }

  #read(data: Buffer): void {
    let at = 0;
    while (at < data.length && this.#expected !== END) {
      const available = data.length - at;
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, available);
        this.#skip -= step;
        at += step;
      } else if (this.#heldBytes === 0 && available >= this.#wanted) {
        const size = this.#wanted;
        this.#offset = this.#bytes + at;
        this.#take(data, at, size);
        at += size;
      } else {
        at += this.#hold(data, at);
      }
    }
    this.#bytes += data.length;
  }

  /** Keeps what of a structure this chunk has; takes it once it is whole. Returns the bytes used. */
  #hold(data: Buffer, at: number): number {
    const size = this.#wanted;
    if (this.#held.length < size) this.#held = Buffer.allocUnsafe(size);
    if (this.#heldBytes === 0) this.#offset = this.#bytes + at;
    const step = data.copy(this.#held, this.#heldBytes, at, at + size - this.#heldBytes);
    this.#heldBytes += step;
    if (this.#heldBytes === size) {
      this.#heldBytes = 0;
      this.#take(this.#held, 0, size);
    }
    return step;
  }

  #take(data: Buffer, at: number, size: number): void {
    const expected = this.#expected;
    switch (expected.kind) {
      case 'header':
        this.#header(data, at);
        break;
      case 'secondZero':
        if (!isZeroBlock(data, at)) throw new TarFault('a single zero block stands amid the entries');
        this.#expected = END;
        break;
      case 'pax':
      case 'longName':
      case 'longLink':
        this.#extend(expected.kind, data, at, size);
        this.#expectHeader(0, expected.padding);
        break;
      case 'oldSparse':
        expected.map.add(data, at);
        if (!expected.map.more) this.#emitSparse(expected.entry, expected.map.pieces, size);
        break;
      case 'sparseMap':
        this.#sparseMap(expected.entry, expected.map, data, at);
        break;
      case 'end':
    }
  }

  #header(data: Buffer, at: number): void {
    if (data[at] === 0 && isZeroBlock(data, at)) {
      this.#expected = SECOND_ZERO;
      return;
    }
    verifyChecksum(data, at);
    const size = readNumber(data, at + 124, 12, 'size');
    const flag = data[at + 156] ?? 0;
    switch (flag) {
      case 0x78: // x
      case 0x58: // X, of Solaris
        this.#expectBody('pax', size);
        break;
      case 0x4c: // L
        this.#expectBody('longName', size);
        break;
      case 0x4b: // K
        this.#expectBody('longLink', size);
        break;
      case 0x67: // g: image-spec and Docker ignore it
        this.#extensions = undefined;
        this.#expectContent(size);
        break;
      default:
        this.#entry(data, at, flag, size);
    }
  }

  #expectBody(kind: 'pax' | 'longName' | 'longLink', size: number): void {
    if (size < 0 || size > MAX_PAX_BYTES) throw new TarFault(`an extension header states ${size} bytes`);
    this.#extensions ??= { start: this.#offset };
    if (size === 0) {
      this.#extend(kind, Buffer.alloc(0), 0, 0);
      return;
    }
    this.#expected = { kind, padding: paddingOf(size) };
    this.#wanted = size;
  }

  #extend(kind: 'pax' | 'longName' | 'longLink', data: Buffer, at: number, size: number): void {
    const extensions = this.#extensions;
    if (extensions === undefined) return;
    if (kind === 'pax') extensions.pax = parsePax(data.subarray(at, at + size));
    else extensions[kind] = readText(data, at, size);
  }

  #expectHeader(content: number, padding: number): void {
    this.#expected = HEADER;
    this.#wanted = BLOCK_BYTES;
    this.#padding = padding;
    this.#skip = content + padding;
  }

  #expectContent(size: number): void {
    if (size < 0) throw new TarFault('the size is negative');
    if (!Number.isSafeInteger(size + BLOCK_BYTES)) throw new TarFault('the size is too large a number');
    this.#expectHeader(size, paddingOf(size));
  }

  #entry(data: Buffer, at: number, flag: number, headerSize: number): void {
    const extensions = this.#extensions ?? { start: this.#offset };
    this.#extensions = undefined;
    const entry = readEntry(data, at, { flag, size: headerSize, offset: this.#offset, extensions });
    if (flag === OLD_SPARSE) this.#oldSparse(entry, data, at);
    else if (extensions.pax === undefined) this.#emit(entry);
    else this.#paxEntry(entry, extensions.pax);
  }

  #paxEntry(entry: MutableEntry, { sparse }: PaxFields): void {
    const format = paxSparseFormat(sparse);
    if (format === undefined) {
      this.#emit(entry);
      return;
    }
    if (entry.type !== 'file') throw new TarFault('a sparse map belongs to what is no file');
    if (sparse.name !== undefined) entry.path = sparse.name;
    entry.size = sparse.size ?? sparse.realSize ?? entry.storedSize;
    if (format === 'records') {
      this.#emitSparse(entry, paxSparsePieces(sparse), 0);
      return;
    }
    this.#expected = { kind: 'sparseMap', entry, map: new SparseMapReader() };
    this.#wanted = BLOCK_BYTES;
  }

  #oldSparse(entry: MutableEntry, data: Buffer, at: number): void {
    if (!isGnuHeader(data, at)) throw new TarFault('a sparse header is not of GNU tar');
    const map = new OldSparseReader(data, at);
    entry.size = map.realSize;
    if (map.more) this.#expected = { kind: 'oldSparse', entry, map };
    else this.#emitSparse(entry, map.pieces, 0);
  }

  #sparseMap(entry: MutableEntry, map: SparseMapReader, data: Buffer, at: number): void {
    const pieces = map.add(data, at);
    if (map.bytes > entry.storedSize) throw new TarFault('the sparse map is longer than its file');
    if (pieces === undefined) return;
    entry.storedSize -= map.bytes;
    this.#emitSparse(entry, pieces, BLOCK_BYTES);
  }

  /** @param blockBytes bytes of the structure in hand where that is no header */
  #emitSparse(entry: MutableEntry, pieces: SparsePiece[], blockBytes: number): void {
    checkSparse(pieces, entry.size, entry.storedSize);
    entry.sparse = pieces;
    if (blockBytes > 0) entry.dataOffset = this.#offset + blockBytes;
    this.#emit(entry);
  }

  #emit(entry: TarEntry): void {
    if (++this.#entries > this.#maxEntries)
      throw new TarFault(`it has more than ${this.#maxEntries} entries`);
    checkPathLengths(entry);
    this.#expectContent(entry.storedSize);
    this.#onEntry(entry);
  }

  #invalid(detail: string, cause?: unknown): StrataError {
    const params = { what: this.#what, detail: `${detail} (at byte ${this.#offset})` };
    return new StrataError('content-invalid', params, { cause });
  }
}

function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}
