/**
 * A raw tar writer for tests: plain archives in one line, and every odd or broken thing that a reader may meet.
 *
 *     tarOf([
 *       { path: 'etc/' },
 *       { path: 'etc/motd', content: 'hello', mode: 0o600, mtime: 1.5 },
 *       { path: 'etc/link', type: 'symlink', link: 'motd' },
 *       { path: 'bin/ping', content: elf, xattrs: { 'security.capability': capabilityBytes } },
 *     ])
 *
 * What does not fit a ustar header goes into PAX records (`format: 'pax'`, the default) or GNU's extensions (`'gnu'`).
 */

const BLOCK = 512;

export type TarSpecType =
  'file' | 'directory' | 'symlink' | 'hardlink' | 'characterDevice' | 'blockDevice' | 'fifo' | 'contiguous';

export interface SparseSpec {
  /** GNU tar's three PAX formats, or its old header type `S`. */
  readonly format: '0.0' | '0.1' | '1.0' | 'old';
  /** The stored pieces of `content`; what lies between is a hole and is not written. */
  readonly map: readonly { readonly offset: number; readonly length: number }[];
}

export interface TarSpec {
  /** A trailing slash makes a folder. A Buffer holds bytes that are no UTF-8. */
  readonly path: string | Buffer;
  readonly type?: TarSpecType;
  /** A file's logical content, holes of a sparse file included. */
  readonly content?: string | Uint8Array;
  /** Permission bits; 0o755 for folders, 0o777 for symlinks, 0o644 else. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970; a fraction or a negative time needs pax (or gnu for the negative). */
  readonly mtime?: number;
  /** Target of a symlink or hard link. */
  readonly link?: string | Buffer;
  /** Written as PAX `SCHILY.xattr.NAME` records with raw bytes. */
  readonly xattrs?: Readonly<Record<string, string | Uint8Array>>;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly sparse?: SparseSpec;

  readonly format?: 'pax' | 'gnu' | 'ustar' | 'v7';
  /** More PAX records, after those the writer makes: raw and in order, so repeats and nonsense are possible. */
  readonly pax?: readonly (readonly [key: string, value: string | Uint8Array])[];
  /** A type flag other than the one of `type`: '\0', '7', 'S', 'x', … */
  readonly typeflag?: string;
  /** Numbers in base-256 even where octal would do. */
  readonly base256?: boolean;
  /** Size that the header states, where it shall differ from the content's. */
  readonly statedSize?: number;
  readonly checksum?: 'unsigned' | 'signed' | 'wrong';
  /** Edits the header block just before its checksum is made. */
  readonly edit?: (header: Buffer) => void;
}

/** A PAX global header (type `g`) or anything else that is to stand in the archive as it is. */
export interface RawBlocks {
  readonly raw: Uint8Array;
}

export interface TarOptions {
  /** How it ends: two zero blocks (default), one, or none at all. */
  readonly end?: 'two' | 'one' | 'none';
  /** Bytes after the end marker. */
  readonly trailing?: Uint8Array;
}

/** A whole archive. */
export function tarOf(entries: readonly (TarSpec | RawBlocks)[], options: TarOptions = {}): Buffer {
  const blocks = entries.map((entry) => ('raw' in entry ? Buffer.from(entry.raw) : tarEntry(entry)));
  const zeroBlocks = { two: 2, one: 1, none: 0 }[options.end ?? 'two'];
  return Buffer.concat([...blocks, Buffer.alloc(zeroBlocks * BLOCK), options.trailing ?? Buffer.alloc(0)]);
}

/** One entry with all its extension headers, content and padding; no end marker. */
export function tarEntry(spec: TarSpec): Buffer {
  const type = spec.type ?? (toBuffer(spec.path).at(-1) === 0x2f ? 'directory' : 'file');
  const format = spec.format ?? 'pax';
  const logical = toBuffer(spec.content ?? '');
  const stored = spec.sparse === undefined ? { data: logical, maps: [] } : storeSparse(spec.sparse, logical);
  const size = spec.statedSize ?? stored.data.length;
  const header = new HeaderWriter(format, spec.base256 ?? false);
  const path = sparsePlaceholder(spec) ?? toBuffer(spec.path);
  header.text('path', path);
  header.number(
    'mode',
    100,
    8,
    spec.mode ?? { directory: 0o755, symlink: 0o777, other: 0o644 }[modeKind(type)],
  );
  header.number('uid', 108, 8, spec.uid ?? 0);
  header.number('gid', 116, 8, spec.gid ?? 0);
  header.number('size', 124, 12, size);
  header.number('mtime', 136, 12, spec.mtime ?? 0);
  if (spec.link !== undefined) header.text('linkpath', toBuffer(spec.link));
  if (spec.device !== undefined) {
    header.number('SCHILY.devmajor', 329, 8, spec.device.major);
    header.number('SCHILY.devminor', 337, 8, spec.device.minor);
  }
  const oldSparse = spec.sparse?.format === 'old';
  header.block.write(spec.typeflag ?? (oldSparse ? 'S' : flagOf(type, format)), 156, 1, 'latin1');
  const records: [string, string | Uint8Array][] = [
    ...header.records,
    ...Object.entries(spec.xattrs ?? {}).map(([name, value]): [string, string | Uint8Array] => [
      `SCHILY.xattr.${name}`,
      value,
    ]),
    ...sparseRecords(spec, logical.length),
    ...(spec.pax ?? []).map(([key, value]): [string, string | Uint8Array] => [key, value]),
  ];
  if (oldSparse) header.oldSparse(stored.maps, logical.length);
  spec.edit?.(header.block);
  sealHeader(header.block, spec.checksum);
  return Buffer.concat([
    ...header.before,
    ...(records.length === 0 ? [] : [paxHeader('x', records)]),
    header.block,
    ...(oldSparse ? sparseContinuations(stored.maps.slice(4)) : []),
    padded(stored.data),
  ]);
}

/** Extension header `x` (next entry) or `g` (global) with these records. */
export function paxHeader(
  flag: 'x' | 'g',
  records: readonly (readonly [string, string | Uint8Array])[],
): Buffer {
  return rawEntry(flag, flag === 'x' ? 'PaxHeaders.0/entry' : 'pax_global_header', paxBody(records));
}

/** PAX records as bytes: `LENGTH KEY=VALUE\n` each. */
function paxBody(records: readonly (readonly [string, string | Uint8Array])[]): Buffer {
  return Buffer.concat(
    records.map(([key, value]) => {
      const body = Buffer.concat([Buffer.from(` ${key}=`), toBuffer(value), Buffer.from('\n')]);
      let length = body.length + 1;
      while (length !== body.length + String(length).length) length = body.length + String(length).length;
      return Buffer.concat([Buffer.from(String(length)), body]);
    }),
  );
}

/** An entry of any type flag with any body: for headers that no writer would make. */
export function rawEntry(flag: string, path: string, body: Uint8Array, statedSize = body.length): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write('0000644\0' + '0000000\0'.repeat(2), 100, 'latin1');
  block.write(`${statedSize.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1');
  block.write(flag, 156, 1, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  sealHeader(block, 'unsigned');
  return Buffer.concat([block, padded(body)]);
}

class HeaderWriter {
  readonly block = Buffer.alloc(BLOCK);
  readonly records: [string, string | Uint8Array][] = [];
  /** GNU `L` and `K` entries. */
  readonly before: Buffer[] = [];
  readonly #format: 'pax' | 'gnu' | 'ustar' | 'v7';
  readonly #base256: boolean;

  constructor(format: 'pax' | 'gnu' | 'ustar' | 'v7', base256: boolean) {
    this.#format = format;
    this.#base256 = base256;
    if (format === 'gnu') this.block.write('ustar  \0', 257, 'latin1');
    else if (format !== 'v7') this.block.write('ustar\x0000', 257, 'latin1');
  }

  text(key: 'path' | 'linkpath', value: Buffer): void {
    value.copy(this.block, key === 'path' ? 0 : 157, 0, 100);
    if (value.length <= 100) return;
    if (this.#format === 'gnu') {
      const flag = key === 'path' ? 'L' : 'K';
      this.before.push(rawEntry(flag, '././@LongLink', Buffer.concat([value, Buffer.alloc(1)])));
    } else if (this.#format === 'pax') this.records.push([key, value]);
    else if (this.#format === 'ustar' && key === 'path') this.#splitPath(value);
    else throw new Error(`${key} is too long for ${this.#format}`);
  }

  #splitPath(value: Buffer): void {
    const slash = value.indexOf(0x2f, Math.max(0, value.length - 101));
    if (slash < 1 || slash > 155) throw new Error('path is too long for ustar');
    this.block.fill(0, 0, 100);
    value.copy(this.block, 0, slash + 1);
    value.copy(this.block, 345, 0, slash);
  }

  number(key: string, at: number, width: number, value: number): void {
    const digits = width - 1;
    const fits = Number.isInteger(value) && value >= 0 && value < 8 ** digits;
    if (this.#base256 && Number.isInteger(value)) writeBase256(this.block, at, width, value);
    else if (fits) this.block.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
    else if (this.#format === 'gnu') writeBase256(this.block, at, width, Math.floor(value));
    else if (this.#format === 'pax') {
      this.records.push([key, String(value)]);
      this.block.write(`${'0'.repeat(digits)}\0`, at, 'latin1');
    } else throw new Error(`${key} ${value} does not fit ${this.#format}`);
  }

  oldSparse(maps: SparseSpec['map'], realSize: number): void {
    this.block.write('ustar  \0', 257, 'latin1');
    maps.slice(0, 4).forEach((piece, i) => {
      writeSparsePiece(this.block, 386 + i * 24, piece);
    });
    this.block[482] = maps.length > 4 ? 1 : 0;
    writeBase256OrOctal(this.block, 483, realSize);
  }
}

function storeSparse(sparse: SparseSpec, logical: Buffer): { data: Buffer; maps: SparseSpec['map'] } {
  const pieces = sparse.map.map((piece) => logical.subarray(piece.offset, piece.offset + piece.length));
  if (sparse.format !== '1.0') return { data: Buffer.concat(pieces), maps: sparse.map };
  const numbers = [sparse.map.length, ...sparse.map.flatMap((piece) => [piece.offset, piece.length])];
  const head = padded(Buffer.from(numbers.map((number) => `${number}\n`).join('')));
  return { data: Buffer.concat([head, ...pieces]), maps: sparse.map };
}

function sparseRecords(spec: TarSpec, realSize: number): [string, string | Uint8Array][] {
  const { sparse } = spec;
  if (sparse === undefined || sparse.format === 'old') return [];
  if (sparse.format === '1.0') {
    return [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', toBuffer(spec.path)],
      ['GNU.sparse.realsize', String(realSize)],
    ];
  }
  const counts: [string, string][] = [
    ['GNU.sparse.size', String(realSize)],
    ['GNU.sparse.numblocks', String(sparse.map.length)],
  ];
  if (sparse.format === '0.0') {
    const pieces = sparse.map.flatMap((piece): [string, string][] => [
      ['GNU.sparse.offset', String(piece.offset)],
      ['GNU.sparse.numbytes', String(piece.length)],
    ]);
    return [...counts, ...pieces];
  }
  const map = sparse.map.flatMap((piece) => [piece.offset, piece.length]).join(',');
  return [...counts, ['GNU.sparse.map', map], ['GNU.sparse.name', toBuffer(spec.path)]];
}

/** GNU tar hides the real name of 0.1 and 1.0 from older readers. */
function sparsePlaceholder(spec: TarSpec): Buffer | undefined {
  const format = spec.sparse?.format;
  return format === '0.1' || format === '1.0' ? Buffer.from('./GNUSparseFile.0/placeholder') : undefined;
}

function sparseContinuations(rest: SparseSpec['map']): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < rest.length; at += 21) {
    const block = Buffer.alloc(BLOCK);
    rest.slice(at, at + 21).forEach((piece, i) => {
      writeSparsePiece(block, i * 24, piece);
    });
    block[504] = rest.length > at + 21 ? 1 : 0;
    blocks.push(block);
  }
  return blocks;
}

function writeSparsePiece(block: Buffer, at: number, piece: { offset: number; length: number }): void {
  writeBase256OrOctal(block, at, piece.offset);
  writeBase256OrOctal(block, at + 12, piece.length);
}

function writeBase256OrOctal(block: Buffer, at: number, value: number): void {
  if (value < 8 ** 11) block.write(`${value.toString(8).padStart(11, '0')}\0`, at, 'latin1');
  else writeBase256(block, at, 12, value);
}

function writeBase256(block: Buffer, at: number, width: number, value: number): void {
  let rest = BigInt(value);
  for (let i = width - 1; i >= 0; i--) {
    block[at + i] = Number(BigInt.asUintN(8, rest));
    rest >>= 8n;
  }
  block[at] = (block[at] ?? 0) | 0x80;
}

/** Writes the checksum as tar programs do; `signed` sums bytes as old Suns did, unless that sum is negative. */
function sealHeader(block: Buffer, kind: TarSpec['checksum'] = 'unsigned'): void {
  block.fill(0x20, 148, 156);
  let unsigned = kind === 'wrong' ? 1 : 0;
  let signed = 0;
  for (const byte of block) {
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const sum = kind === 'signed' && signed >= 0 ? signed : unsigned;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function flagOf(type: TarSpecType, format: string): string {
  if (format === 'v7' && (type === 'file' || type === 'directory')) return '\0';
  return {
    file: '0',
    hardlink: '1',
    symlink: '2',
    characterDevice: '3',
    blockDevice: '4',
    directory: '5',
    fifo: '6',
    contiguous: '7',
  }[type];
}

function modeKind(type: TarSpecType): 'directory' | 'symlink' | 'other' {
  return type === 'directory' || type === 'symlink' ? type : 'other';
}

function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}

function toBuffer(value: string | Uint8Array): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
}
