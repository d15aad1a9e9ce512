import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TarReader, type TarEntry } from '../archive/index.ts';
import { isStrataError } from '../base/errors.ts';
import { parseDigest } from '../oci/digest.ts';
import { tarOf, type TarSpec } from '../../test/support/tar.ts';
import { Random, randomSpecs, testSeed } from '../../test/support/tarGenerator.ts';
import { HEADER_BYTES, parseHeader, swapForHost } from './indexFormat.ts';
import { LAYER_INDEX_VERSION, LayerIndexBuilder, openLayerIndex, readLayerStats } from './index.ts';

const diffId = parseDigest(`sha256:${'ab'.repeat(32)}`);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-layers-'));
});
afterAll(() => rm(folder, { recursive: true }));

function build(specs: readonly TarSpec[], digest = diffId) {
  const entries: TarEntry[] = [];
  const builder = new LayerIndexBuilder();
  const reader = new TarReader((entry) => {
    entries.push(entry);
    builder.add(entry);
  });
  reader.push(tarOf(specs));
  return { entries, ...builder.finish(digest, reader.bytes) };
}

async function save(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'index');
  await writeFile(path, bytes);
  return path;
}

const everything: TarSpec[] = [
  { path: './' },
  { path: Buffer.from([0x61, 0xff]), content: 'raw', mode: 0o7777, uid: 4_294_967_295, gid: 3_000_000 },
  { path: 'dup', content: '1', mtime: 1.000000001 },
  { path: 'dup', content: '22', mtime: -1 },
  { path: 'l', type: 'symlink', link: 'dup' },
  { path: 'h', type: 'hardlink', link: '/dup' },
  { path: 'null', type: 'characterDevice', device: { major: 1, minor: 3 } },
  { path: 'disk', type: 'blockDevice', device: { major: 0, minor: 0 } },
  { path: 'p', type: 'fifo' },
  { path: 'x', xattrs: { 'security.capability': Buffer.from([0, 10, 255]), 'user.empty': '' } },
  { path: 'y', xattrs: { 'user.y': 'y' } },
  {
    path: 'sparse',
    content: Buffer.alloc(9000),
    sparse: { format: '1.0', map: [{ offset: 512, length: 9 }] },
  },
  { path: 'sparse2', content: Buffer.alloc(90), sparse: { format: 'old', map: [{ offset: 1, length: 1 }, { offset: 3, length: 1 }] } }, // prettier-ignore
  { path: 'd/.wh.gone' },
  { path: 'e', type: 'symlink', link: '' },
];

describe('an index', () => {
  it('gives back every entry as the reader saw it', async () => {
    const { entries, bytes, stats } = build(everything);
    const index = await openLayerIndex(await save(bytes));
    expect(index.entries).toBe(everything.length);
    expect(Array.from({ length: index.entries }, (_, row) => index.entry(row))).toEqual(entries);
    expect(stats).toEqual({
      diffId,
      blob: diffId,
      entries: 15,
      tarBytes: tarOf(everything).length,
      size: 3 + 2 + 3 + 9000 + 90,
      unresolvedHardlinks: 0,
    });
    expect(index).toMatchObject(stats);
  });

  it('tells the stats from the header alone', async () => {
    const { bytes, stats } = build(everything, parseDigest(`sha512:${'cd'.repeat(64)}`));
    expect(await readLayerStats(await save(bytes))).toEqual(stats);
  });

  it('may be empty', async () => {
    const { bytes } = build([]);
    const index = await openLayerIndex(await save(bytes));
    expect(index).toMatchObject({ entries: 0, size: 0, tarBytes: 1024 });
    expect(() => index.entry(0)).toThrow(RangeError);
  });

  it('has no entries but its own', async () => {
    const index = await openLayerIndex(await save(build(everything).bytes));
    for (const row of [-1, 15, 0.5, NaN]) expect(() => index.entry(row)).toThrow(RangeError);
  });

  it('counts hard links into lower layers', () => {
    expect(build([{ path: 'h', type: 'hardlink', link: 'lower' }]).stats.unresolvedHardlinks).toBe(1);
  });

  const seed = testSeed();
  it(`keeps random layers, with the same bytes each time (STRATA_SEED=${seed})`, async () => {
    const specs = randomSpecs(new Random(seed), 3000);
    const { entries, bytes } = build(specs);
    expect(Buffer.compare(bytes, build(specs).bytes)).toBe(0);
    const index = await openLayerIndex(await save(bytes));
    entries.forEach((entry, row) => expect(index.entry(row)).toEqual(entry));
  });

  it('is little-endian on every host', () => {
    const { bytes } = build([{ path: 'f', uid: 0x010203, mtime: 1 }]);
    const body = Buffer.from(bytes.subarray(HEADER_BYTES));
    const { counts } = parseHeader(Buffer.from(bytes.subarray(0, HEADER_BYTES)), bytes.length, 'index');
    expect(body.readBigInt64LE(0)).toBe(1_000_000_000n);
    const turned = Buffer.from(body);
    swapForHost(turned, counts, false);
    expect(turned.readBigInt64BE(0)).toBe(1_000_000_000n);
    expect(turned.indexOf(Buffer.from([0, 1, 2, 3]))).toBeGreaterThan(0);
    swapForHost(turned, counts, false);
    expect(turned.equals(body)).toBe(true);
  });
});

describe('a damaged index', () => {
  /** Makes the checksums right again, so that only the lie itself can be found. */
  function seal(bytes: Buffer): Buffer {
    bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 16);
    bytes.writeUInt32LE(0, 12);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, HEADER_BYTES)), 12);
    return bytes;
  }

  async function faultOf(bytes: Uint8Array, read: (path: string) => Promise<unknown>): Promise<string> {
    const path = await save(bytes);
    const error: unknown = await read(path).then(
      () => new Error('no fault'),
      (reason: unknown) => reason,
    );
    expect(isStrataError(error, 'content-invalid'), String(error)).toBe(true);
    return String(error);
  }

  const good = Buffer.from(build(everything).bytes);
  const changed = (edit: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(good);
    edit(bytes);
    return bytes;
  };

  it.each<[string, Buffer, RegExp]>([
    ['no bytes', Buffer.alloc(0), /truncated/],
    ['half a header', good.subarray(0, 100), /truncated/],
    ['another magic number', changed((bytes) => bytes.write('X')), /magic/],
    [
      'another version',
      changed((bytes) => bytes.writeUInt32LE(LAYER_INDEX_VERSION + 1, 8)),
      /version 3, not 2/,
    ],
    [
      'a flipped bit in its header',
      changed((bytes) => bytes.fill(0xff, 60, 61)),
      /header has another checksum/,
    ],
    [
      'a flipped bit in its diff ID',
      changed((bytes) => bytes.fill(0x7a, 140, 141)),
      /header has another checksum/,
    ],
    ['missing bytes', good.subarray(0, good.length - 8), /not as many as it states/],
    ['more bytes', Buffer.concat([good, Buffer.alloc(8)]), /not as many as it states/],
    ['lying entries', seal(changed((bytes) => bytes.writeDoubleLE(2 ** 40, 56))), /impossible/],
    ['one entry more', seal(changed((bytes) => bytes.writeDoubleLE(16, 56))), /impossible/],
    ['a fraction of an entry', seal(changed((bytes) => bytes.writeDoubleLE(0.5, 56))), /entries is no count/],
    ['a negative size', seal(changed((bytes) => bytes.writeDoubleLE(-1, 40))), /size is no count/],
    ['a NaN', seal(changed((bytes) => bytes.writeDoubleLE(NaN, 32))), /tarBytes is no count/],
    ['no diff ID', seal(changed((bytes) => bytes.writeUInt32LE(0, 20))), /diff ID/],
    ['no blob', seal(changed((bytes) => bytes.fill(0, 272, 416))), /names no blob/],
    ['a diff ID beyond the header', seal(changed((bytes) => bytes.writeUInt32LE(2 ** 31, 20))), /diff ID/],
  ])('is refused for %s', async (_, bytes, fault) => {
    expect(await faultOf(bytes, openLayerIndex)).toMatch(fault);
    expect(await faultOf(bytes, readLayerStats)).toMatch(fault);
  });

  it('is refused for any flipped bit in the columns, though the stats still read', async () => {
    for (let at = HEADER_BYTES; at < good.length; at += 97) {
      const bytes = changed((copy) => (copy[at] = (copy[at] ?? 0) ^ 0x10));
      expect(await faultOf(bytes, openLayerIndex)).toMatch(/another checksum/);
      expect((await readLayerStats(join(folder, 'index'))).entries).toBe(15);
    }
  });

  it('names the file, and leaves a missing file to the caller', async () => {
    expect(await faultOf(Buffer.alloc(0), openLayerIndex)).toContain(join(folder, 'index'));
    await expect(openLayerIndex(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('never crashes when its columns lie under a right checksum', async () => {
    const random = new Random(testSeed());
    for (let round = 0; round < 60; round++) {
      const bytes = changed((copy) => {
        for (let i = 0; i < 40; i++)
          copy[HEADER_BYTES + random.below(copy.length - HEADER_BYTES)] = random.below(256);
      });
      const index = await openLayerIndex(await save(seal(bytes)));
      for (let row = 0; row < index.entries; row++) {
        try {
          index.entry(row);
        } catch (error) {
          expect(isStrataError(error, 'content-invalid'), String(error)).toBe(true);
        }
      }
    }
    expect((await readFile(join(folder, 'index'))).length).toBe(good.length);
  });
});
