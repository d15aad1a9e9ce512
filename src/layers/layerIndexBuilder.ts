import { StrataError } from '../base/errors.ts';
import { MAX_LAYER_INDEX_BYTES } from '../base/limits.ts';
import type { Digest } from '../oci/digest.ts';
import type { TarEntry } from '../archive/index.ts';
import { BytePool, Column } from './growable.ts';
import { COLUMN_NAMES, HEADER_BYTES, layOut, swapForHost, TYPES, writeHeader } from './indexFormat.ts';
import { LayerSizer } from './layerSizer.ts';
import type { LayerStats } from './stats.ts';

/** Bytes of the columns that every entry has, and of one piece of a sparse map. */
const ROW_BYTES = 43;
const PIECE_BYTES = 16;

/** Gathers the entries of a layer, in the order of its tar, into the columns of an index file. Same entries, same bytes. */
export class LayerIndexBuilder {
  readonly #sizer = new LayerSizer();
  readonly #paths = new BytePool();
  readonly #links = new BytePool();
  readonly #xattrs = new BytePool();
  readonly #columns = {
    mtimeNs: new Column(BigInt64Array),
    size: new Column(Float64Array),
    headerOffset: new Column(Float64Array),
    storedSize: new Column(Float64Array),
    pieceOffset: new Column(Float64Array),
    pieceLength: new Column(Float64Array),
    dataDistance: new Column(Uint32Array),
    uid: new Column(Uint32Array),
    gid: new Column(Uint32Array),
    pathEnd: new Column(Uint32Array),
    linkRow: new Column(Uint32Array),
    linkEnd: new Column(Uint32Array),
    deviceRow: new Column(Uint32Array),
    deviceMajor: new Column(Uint32Array),
    deviceMinor: new Column(Uint32Array),
    xattrRow: new Column(Uint32Array),
    xattrNameEnd: new Column(Uint32Array),
    xattrValueEnd: new Column(Uint32Array),
    sparseRow: new Column(Uint32Array),
    pieceEnd: new Column(Uint32Array),
    mode: new Column(Uint16Array),
    type: new Column(Uint8Array),
  };

  /** @throws StrataError `content-invalid` or `too-large` for a layer beyond the caps of base/limits.ts */
  add(entry: TarEntry): void {
    const columns = this.#columns;
    const row = columns.type.length;
    const dataDistance = entry.dataOffset - entry.headerOffset;
    if (dataDistance > 0xffff_ffff) {
      throw new StrataError('content-invalid', { what: 'layer', detail: 'an entry has endless headers' });
    }
    this.#sizer.add(entry);
    columns.type.push(TYPES.indexOf(entry.type));
    columns.mode.push(entry.mode);
    columns.uid.push(entry.uid);
    columns.gid.push(entry.gid);
    columns.size.push(entry.size);
    columns.mtimeNs.push(entry.mtimeNs);
    columns.headerOffset.push(entry.headerOffset);
    columns.dataDistance.push(dataDistance);
    this.#paths.append(entry.path);
    columns.pathEnd.push(this.#paths.length);
    if (entry.link !== undefined) {
      this.#links.append(entry.link);
      columns.linkRow.push(row);
      columns.linkEnd.push(this.#links.length);
    }
    if (entry.type === 'characterDevice' || entry.type === 'blockDevice') {
      columns.deviceRow.push(row);
      columns.deviceMajor.push(entry.deviceMajor);
      columns.deviceMinor.push(entry.deviceMinor);
    }
    this.#addXattrs(row, entry);
    this.#addSparse(row, entry);
    this.#checkSize();
  }

  /**
   * The file's bytes. The builder is spent afterwards.
   * @param blob what the tar was unpacked from; the tar itself unless given
   */
  finish(diffId: Digest, tarBytes: number, blob = diffId): { bytes: Uint8Array; stats: LayerStats } {
    const columns = this.#columns;
    const values = {
      ...columns,
      paths: { values: this.#paths.bytes },
      links: { values: this.#links.bytes },
      xattrs: { values: this.#xattrs.bytes },
    };
    const counts = {
      entries: columns.type.length,
      links: columns.linkRow.length,
      devices: columns.deviceRow.length,
      xattrs: columns.xattrRow.length,
      sparseFiles: columns.sparseRow.length,
      pieces: columns.pieceOffset.length,
      pathBytes: this.#paths.length,
      linkBytes: this.#links.length,
      xattrBytes: this.#xattrs.length,
    };
    const stats: LayerStats = {
      diffId,
      blob,
      entries: counts.entries,
      tarBytes,
      size: this.#sizer.size(),
      unresolvedHardlinks: this.#sizer.unresolvedHardlinks,
    };
    const { offsets, bytes } = layOut(counts);
    const file = Buffer.from(new ArrayBuffer(HEADER_BYTES + bytes));
    const body = file.subarray(HEADER_BYTES);
    for (const name of COLUMN_NAMES) {
      const column = values[name].values;
      body.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offsets[name]);
    }
    swapForHost(body, counts);
    writeHeader(file, stats, counts);
    return { bytes: file, stats };
  }

  #addXattrs(row: number, entry: TarEntry): void {
    for (const { name, value } of entry.xattrs) {
      this.#columns.xattrRow.push(row);
      this.#xattrs.append(name);
      this.#columns.xattrNameEnd.push(this.#xattrs.length);
      this.#xattrs.append(value);
      this.#columns.xattrValueEnd.push(this.#xattrs.length);
    }
  }

  #addSparse(row: number, entry: TarEntry): void {
    if (entry.sparse === undefined) return;
    for (const { offset, length } of entry.sparse) {
      this.#columns.pieceOffset.push(offset);
      this.#columns.pieceLength.push(length);
    }
    this.#columns.sparseRow.push(row);
    this.#columns.pieceEnd.push(this.#columns.pieceOffset.length);
    this.#columns.storedSize.push(entry.storedSize);
  }

  #checkSize(): void {
    const pools = this.#paths.length + this.#links.length + this.#xattrs.length;
    const rows = this.#columns.type.length * ROW_BYTES + this.#columns.pieceOffset.length * PIECE_BYTES;
    if (pools + rows > MAX_LAYER_INDEX_BYTES) {
      throw new StrataError('too-large', { what: 'layer index', limit: MAX_LAYER_INDEX_BYTES });
    }
  }
}
