import { describe, expect, it } from 'vitest';
import { StrataError } from '../base/errors.ts';
import { MAX_PATH_BYTES, MAX_PAX_BYTES } from '../base/limits.ts';
import {
  paxHeader,
  rawEntry,
  tarEntry,
  tarOf,
  type SparseSpec,
  type TarSpec,
} from '../../test/support/tar.ts';
import { TarReader } from './index.ts';

function faultOf(tar: Buffer, maxEntries?: number): string {
  const reader = new TarReader(() => undefined, {
    what: 'layer',
    ...(maxEntries !== undefined && { maxEntries }),
  });
  try {
    reader.push(tar);
    reader.end();
  } catch (error) {
    if (error instanceof StrataError && error.code === 'content-invalid') return error.message;
    throw error;
  }
  return 'no fault';
}

const faultOfSpec = (spec: TarSpec): string => faultOf(tarOf([{ path: 'first' }, spec]));

describe('headers', () => {
  it('says what is wrong and where', () => {
    expect(faultOfSpec({ path: 'f', checksum: 'wrong' })).toBe(
      'layer is invalid: the header has a wrong checksum (at byte 512)',
    );
  });

  it.each<[string, TarSpec]>([
    ['the uid is no octal number', { path: 'f', edit: (header) => header.write('12x4567', 108) }],
    ['the size is negative', { path: 'f', format: 'gnu', statedSize: -1 }],
    ['the size is too large a number', { path: 'f', edit: (header) => header.fill(0xbf, 124, 136) }],
    ['the size is too large a number', { path: 'f', format: 'gnu', statedSize: Number.MAX_SAFE_INTEGER }],
    ['the uid is too large a number', { path: 'f', format: 'gnu', uid: 2 ** 32 }],
    ['the gid is too large a number', { path: 'f', gid: 2 ** 32 }],
    ['an entry has the unknown type 0x4d', { path: 'f', typeflag: 'M' }],
    ['a sparse header is not of GNU tar', { path: 'f', typeflag: 'S' }],
  ])('refuses: %s', (fault, spec) => {
    expect(faultOfSpec(spec)).toContain(fault);
  });

  it('refuses a zero block amid entries', () => {
    const tar = Buffer.concat([tarEntry({ path: 'a' }), Buffer.alloc(512), tarEntry({ path: 'b' })]);
    expect(faultOf(tar)).toContain('a single zero block stands amid the entries (at byte 1024)');
  });

  it('counts entries', () => {
    const tar = tarOf([{ path: 'a' }, { path: 'b' }, { path: 'c' }]);
    expect(faultOf(tar, 3)).toBe('no fault');
    expect(faultOf(tar, 2)).toContain('more than 2 entries');
  });
});

describe('PAX', () => {
  it.each([
    ['no length', 'path=x\n'],
    ['length without a space', '12'],
    ['too short a length', '4 a=\n'],
    ['length beyond the body', '99 path=x\n'],
    ['length before the space ends', '1                     \n'],
    ['no newline', '9 path=xy'],
    ['no equals sign', '9 pathxy\n'],
    ['no key', '6 =xy\n'],
    ['NULs after the last record', '10 path=x\n\0\0'],
    ['an endless number', `${'9'.repeat(400)} a=b\n`],
  ])('refuses a record with %s', (_, body) => {
    expect(faultOf(tarOf([{ raw: rawEntry('x', 'x', Buffer.from(body)) }, { path: 'f' }]))).toContain(
      'PAX record',
    );
  });

  it.each([
    ['path', 'a\0b'],
    ['linkpath', 'a\0b'],
    ['size', '-1'],
    ['size', '1e3'],
    ['size', '99999999999999999'],
    ['uid', 'root'],
    ['uid', '4294967296'],
    ['mtime', 'now'],
    ['mtime', '1.5.5'],
    ['SCHILY.xattr.', 'x'],
  ])('refuses %s with the value %j', (key, value) => {
    expect(faultOfSpec({ path: 'f', pax: [[key, value]] })).toContain('layer is invalid');
  });

  it('reads no larger body than the cap, and takes one of the cap', () => {
    const largest = paxHeader('x', [['comment', 'x'.repeat(MAX_PAX_BYTES - 17)]]);
    expect(largest.length).toBe(512 + MAX_PAX_BYTES);
    expect(faultOf(tarOf([{ raw: largest }, { path: 'f' }]))).toBe('no fault');
    for (const flag of ['x', 'L', 'K']) {
      const tooLarge = rawEntry(flag, 'x', Buffer.alloc(0), MAX_PAX_BYTES + 1);
      expect(faultOf(tarOf([{ raw: tooLarge }]))).toContain('an extension header states 1048577 bytes');
    }
  });

  it.each<[string, TarSpec]>([
    ['GNU path', { path: 'x'.repeat(MAX_PATH_BYTES + 1), format: 'gnu' }],
    ['PAX path', { path: 'x'.repeat(MAX_PATH_BYTES + 1) }],
    ['GNU link', { path: 'f', type: 'symlink', link: 'x'.repeat(MAX_PATH_BYTES + 1), format: 'gnu' }],
    ['PAX link', { path: 'f', type: 'hardlink', link: 'x'.repeat(MAX_PATH_BYTES + 1) }],
  ])('caps the length of a %s', (_, spec) => {
    expect(faultOfSpec(spec)).toContain('is too long');
  });
});

describe('sparse maps', () => {
  const sparse = (map: SparseSpec['map'], format: SparseSpec['format'] = '0.1'): TarSpec => ({
    path: 'f',
    content: Buffer.alloc(1000, 1),
    sparse: { format, map },
  });

  it.each([
    ['out of order', [{ offset: 500, length: 10 }, { offset: 0, length: 10 }]], // prettier-ignore
    ['overlapping', [{ offset: 0, length: 10 }, { offset: 5, length: 10 }]], // prettier-ignore
    ['beyond the file', [{ offset: 995, length: 10 }]],
    ['of overflowing length', [{ offset: 5, length: Number.MAX_SAFE_INTEGER }]],
  ])('refuses pieces %s', (_, map) => {
    expect(faultOfSpec(sparse(map))).toContain('the sparse map is impossible');
  });

  it('refuses a map that leaves stored bytes out', () => {
    expect(faultOfSpec({ ...sparse([{ offset: 0, length: 10 }]), statedSize: 11 })).toContain(
      'does not cover',
    );
  });

  it.each<[string, TarSpec['pax']]>([
    ['fewer pieces than stated', [['GNU.sparse.numblocks', '2'], ['GNU.sparse.map', '0,5']]], // prettier-ignore
    ['no count', [['GNU.sparse.map', '0,0']]], // prettier-ignore
    ['words', [['GNU.sparse.numblocks', '1'], ['GNU.sparse.map', '0,five']]], // prettier-ignore
    ['a negative length', [['GNU.sparse.numblocks', '1'], ['GNU.sparse.map', '0,-5']]], // prettier-ignore
    ['lengths before offsets', [['GNU.sparse.numbytes', '5']]], // prettier-ignore
  ])('refuses records with %s', (_, pax) => {
    expect(faultOfSpec({ path: 'f', ...(pax !== undefined && { pax }) })).toContain('sparse map');
  });

  it.each([
    ['words', 'many\n0\n'],
    ['a negative count', '-1\n'],
    ['a count that never comes', '9999999\n0\n0\n'],
    ['no line at all', '1'.repeat(2000)],
  ])('refuses a map in the content with %s', (_, text) => {
    const pax = paxHeader('x', [['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0']]); // prettier-ignore
    expect(faultOf(tarOf([{ raw: pax }, { raw: rawEntry('0', 'f', Buffer.from(text)) }]))).toContain(
      'sparse map',
    );
  });

  it('stops an endless map in the content at the cap', () => {
    const pax = paxHeader('x', [['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0']]); // prettier-ignore
    const body = Buffer.alloc(MAX_PAX_BYTES + 1024, '1\n');
    body.write('900000\n');
    expect(faultOf(tarOf([{ raw: pax }, { raw: rawEntry('0', 'f', body) }]))).toContain('sparse map exceeds');
  });

  it('stops an endless old map at the cap', () => {
    const map = Array.from({ length: 50_000 }, (_, i) => ({ offset: i * 2, length: 0 }));
    const content = Buffer.alloc(100_000);
    expect(faultOfSpec({ path: 'f', content, sparse: { format: 'old', map } })).toContain('map is too long');
  });

  it('refuses a map for what is no file', () => {
    const pax: TarSpec['pax'] = [['GNU.sparse.numblocks', '0'], ['GNU.sparse.map', ',']]; // prettier-ignore
    expect(faultOfSpec({ path: 'd/', pax })).toContain('belongs to what is no file');
  });
});

it('refuses a tar that ends amid a header, an extension or a file', () => {
  const tar = tarOf([{ path: 'p'.repeat(200), content: 'x'.repeat(600) }], { end: 'none' });
  const paxBytes = '210 path='.length + 200 + 1;
  const headerBytes = 512 + 512 + 512;
  for (let cut = 0; cut < tar.length; cut++) {
    const whole = cut === 0 || (cut >= 512 + paxBytes && cut <= 1024) || cut >= headerBytes + 600;
    expect([cut, faultOf(tar.subarray(0, cut))]).toEqual([
      cut,
      whole ? 'no fault' : `layer is invalid: it is truncated (at byte ${cut})`,
    ]);
  }
});

it('lets what onEntry throws pass as it is', () => {
  const thrown = new Error('mine');
  const reader = new TarReader(() => {
    throw thrown;
  });
  expect(() => reader.push(tarOf([{ path: 'f' }]))).toThrow(thrown);
});
