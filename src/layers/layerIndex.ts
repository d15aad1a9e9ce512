import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { StrataError } from '../base/errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { SparsePiece, TarEntry, TarXattr } from '../archive/index.ts';
import {
  COLUMNS,
  HEADER_BYTES,
  layOut,
  parseHeader,
  swapForHost,
  TYPES,
  type ColumnName,
  type IndexHeader,
} from './indexFormat.ts';
import type { LayerStats } from './stats.ts';

/** The entries of one layer, in the order of its tar. An entry is decoded when it is asked for; its Buffers are views. */
interface LayerIndex extends LayerStats {
  /** @throws RangeError outside 0 to entries - 1; StrataError `content-invalid` for an index that contradicts itself */
  entry(row: number): TarEntry;
}

/**
 * The layer's numbers, from the header alone.
 * @throws StrataError `content-invalid` for a damaged index, and system errors such as ENOENT
 */
export async function readLayerStats(path: string): Promise<LayerStats> {
  const handle = await open(path, 'r');
  try {
    return (await readHeader(handle, path)).stats;
  } finally {
    await handle.close();
  }
}

/**
 * Reads and checks an index.
 * @throws StrataError `content-invalid` for a damaged one, and system errors such as ENOENT
 */
export async function openLayerIndex(path: string): Promise<LayerIndex> {
  const handle = await open(path, 'r');
  try {
    const header = await readHeader(handle, path);
    // An ArrayBuffer of its own: the columns need their alignment.
    const body = Buffer.from(new ArrayBuffer(header.bodyBytes));
    const got = await readFully(handle, body, HEADER_BYTES);
    if (got < body.length) throw damaged(path, 'it is truncated');
    if (crc32(body) !== header.bodyCrc) throw damaged(path, 'it has another checksum');
    swapForHost(body, header.counts);
    return new ColumnIndex(path, header, body.buffer);
  } finally {
    await handle.close();
  }
}

async function readHeader(handle: FileHandle, path: string): Promise<IndexHeader> {
  const header = Buffer.alloc(HEADER_BYTES);
  const got = await readFully(handle, header, 0);
  const { size } = await handle.stat();
  return parseHeader(header.subarray(0, got), size, nameOf(path));
}

async function readFully(handle: FileHandle, target: Buffer, position: number): Promise<number> {
  let got = 0;
  while (got < target.length) {
    const { bytesRead } = await handle.read(target, got, target.length - got, position + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return got;
}

function nameOf(path: string): string {
  return `layer index ${path}`;
}

function damaged(path: string, detail: string): StrataError {
  return new StrataError('content-invalid', { what: nameOf(path), detail });
}

class ColumnIndex implements LayerIndex {
  readonly diffId: Digest;
  readonly blob: Digest;
  readonly entries: number;
  readonly tarBytes: number;
  readonly size: number;
  readonly unresolvedHardlinks: number;
  readonly #path: string;
  readonly #columns: ReturnType<typeof viewColumns>;

  constructor(path: string, header: IndexHeader, body: ArrayBuffer) {
    this.diffId = header.stats.diffId;
    this.blob = header.stats.blob;
    this.entries = header.stats.entries;
    this.tarBytes = header.stats.tarBytes;
    this.size = header.stats.size;
    this.unresolvedHardlinks = header.stats.unresolvedHardlinks;
    this.#path = path;
    this.#columns = viewColumns(header, body);
  }

  entry(row: number): TarEntry {
    if (!Number.isInteger(row) || row < 0 || row >= this.entries) {
      throw new RangeError(`the layer has no entry ${row}`);
    }
    const columns = this.#columns;
    const type = TYPES[columns.type[row] ?? TYPES.length];
    if (type === undefined) throw damaged(this.#path, `entry ${row} has no type`);
    const device = firstOf(columns.deviceRow, row);
    const link = firstOf(columns.linkRow, row);
    const sparse = firstOf(columns.sparseRow, row);
    const size = columns.size[row] ?? 0;
    const headerOffset = columns.headerOffset[row] ?? 0;
    return {
      path: this.#item(columns.paths, columns.pathEnd, row),
      type,
      mode: columns.mode[row] ?? 0,
      uid: columns.uid[row] ?? 0,
      gid: columns.gid[row] ?? 0,
      size,
      mtimeNs: columns.mtimeNs[row] ?? 0n,
      link: link === -1 ? undefined : this.#item(columns.links, columns.linkEnd, link),
      deviceMajor: columns.deviceMajor[device] ?? 0,
      deviceMinor: columns.deviceMinor[device] ?? 0,
      xattrs: this.#xattrs(row),
      sparse: sparse === -1 ? undefined : this.#pieces(sparse),
      headerOffset,
      dataOffset: headerOffset + (columns.dataDistance[row] ?? 0),
      storedSize: columns.storedSize[sparse] ?? size,
    };
  }

  #xattrs(row: number): TarXattr[] {
    const { xattrRow, xattrNameEnd, xattrValueEnd, xattrs } = this.#columns;
    const found: TarXattr[] = [];
    for (let i = firstOf(xattrRow, row); i !== -1 && xattrRow[i] === row; i++) {
      const nameEnd = xattrNameEnd[i] ?? 0;
      const name = this.#slice(xattrs, i === 0 ? 0 : (xattrValueEnd[i - 1] ?? 0), nameEnd);
      found.push({ name, value: this.#slice(xattrs, nameEnd, xattrValueEnd[i] ?? 0) });
    }
    return found;
  }

  #pieces(at: number): SparsePiece[] {
    const { pieceEnd, pieceOffset, pieceLength } = this.#columns;
    const found: SparsePiece[] = [];
    const end = Math.min(pieceEnd[at] ?? 0, pieceOffset.length);
    for (let i = at === 0 ? 0 : (pieceEnd[at - 1] ?? 0); i < end; i++) {
      found.push({ offset: pieceOffset[i] ?? 0, length: pieceLength[i] ?? 0 });
    }
    return found;
  }

  /** Item `i` of a pool whose items end at `ends`. */
  #item(pool: Uint8Array<ArrayBuffer>, ends: Uint32Array, i: number): Buffer {
    return this.#slice(pool, i === 0 ? 0 : (ends[i - 1] ?? 0), ends[i] ?? 0);
  }

  #slice(pool: Uint8Array<ArrayBuffer>, start: number, end: number): Buffer {
    if (start > end || end > pool.length) throw damaged(this.#path, 'its columns contradict each other');
    return Buffer.from(pool.buffer, pool.byteOffset + start, end - start);
  }
}

/** The columns as views of the body. */
function viewColumns(header: IndexHeader, body: ArrayBuffer) {
  const { counts } = header;
  const { offsets } = layOut(counts);
  const view = <T>(name: ColumnName, type: new (buffer: ArrayBuffer, at: number, length: number) => T): T =>
    new type(body, offsets[name], counts[COLUMNS[name][1]]);
  return {
    mtimeNs: view('mtimeNs', BigInt64Array),
    size: view('size', Float64Array),
    headerOffset: view('headerOffset', Float64Array),
    storedSize: view('storedSize', Float64Array),
    pieceOffset: view('pieceOffset', Float64Array),
    pieceLength: view('pieceLength', Float64Array),
    dataDistance: view('dataDistance', Uint32Array),
    uid: view('uid', Uint32Array),
    gid: view('gid', Uint32Array),
    pathEnd: view('pathEnd', Uint32Array),
    linkRow: view('linkRow', Uint32Array),
    linkEnd: view('linkEnd', Uint32Array),
    deviceRow: view('deviceRow', Uint32Array),
    deviceMajor: view('deviceMajor', Uint32Array),
    deviceMinor: view('deviceMinor', Uint32Array),
    xattrRow: view('xattrRow', Uint32Array),
    xattrNameEnd: view('xattrNameEnd', Uint32Array),
    xattrValueEnd: view('xattrValueEnd', Uint32Array),
    sparseRow: view('sparseRow', Uint32Array),
    pieceEnd: view('pieceEnd', Uint32Array),
    mode: view('mode', Uint16Array),
    type: view('type', Uint8Array),
    paths: view('paths', Uint8Array),
    links: view('links', Uint8Array),
    xattrs: view('xattrs', Uint8Array),
  };
}

/** The first place of a row in a sorted column of rows, or -1. */
function firstOf(rows: Uint32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row ? low : -1;
}
