import { describe, expect, it } from 'vitest';
import { paxHeader, rawEntry, tarOf, type TarOptions, type TarSpec } from '../../test/support/tar.ts';
import { TarReader, type TarEntry } from './index.ts';

function read(tar: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => entries.push(entry));
  reader.push(tar);
  reader.end();
  expect(reader.bytes).toBe(tar.length);
  return entries;
}

function readOne(spec: TarSpec): TarEntry {
  const [entry, ...more] = read(tarOf([spec]));
  expect(more).toEqual([]);
  if (entry === undefined) throw new Error('no entry');
  return entry;
}

const paths = (tar: Buffer): string[] => read(tar).map((entry) => entry.path.toString('latin1'));

describe('what a header says', () => {
  it('gives every field of a plain file', () => {
    const spec = { path: 'etc/motd', content: 'hello', mode: 0o4751, uid: 7, gid: 8, mtime: 1_600_000_000 };
    expect(readOne(spec)).toEqual({
      path: Buffer.from('etc/motd'),
      type: 'file',
      mode: 0o4751,
      uid: 7,
      gid: 8,
      size: 5,
      mtimeNs: 1_600_000_000_000_000_000n,
      link: undefined,
      deviceMajor: 0,
      deviceMinor: 0,
      xattrs: [],
      sparse: undefined,
      headerOffset: 0,
      dataOffset: 512,
      storedSize: 5,
    });
  });

  it('knows all types', () => {
    const entries = read(
      tarOf([
        { path: 'd/' },
        { path: 'f' },
        { path: 's', type: 'symlink', link: 'f' },
        { path: 'h', type: 'hardlink', link: '/f' },
        { path: 'c', type: 'characterDevice', device: { major: 1, minor: 3 } },
        { path: 'b', type: 'blockDevice', device: { major: 8, minor: 0 } },
        { path: 'p', type: 'fifo' },
        { path: 'contiguous', type: 'contiguous', content: 'x' },
      ]),
    );
    expect(entries.map(({ type }) => type)).toEqual([
      'directory',
      'file',
      'symlink',
      'hardlink',
      'characterDevice',
      'blockDevice',
      'fifo',
      'file',
    ]);
    expect(entries.map(({ link }) => link?.toString() ?? '')).toEqual(['', '', 'f', '/f', '', '', '', '']);
    expect(entries[4]).toMatchObject({ deviceMajor: 1, deviceMinor: 3 });
    expect(entries[5]).toMatchObject({ deviceMajor: 8, deviceMinor: 0 });
    expect(entries[7]?.size).toBe(1);
  });

  it('reads V7: no magic, type NUL, folders by their slash', () => {
    expect(readOne({ path: 'f', format: 'v7', content: 'x' })).toMatchObject({ type: 'file', size: 1 });
    expect(readOne({ path: 'd/', format: 'v7' })).toMatchObject({ type: 'directory', size: 0 });
  });

  it('takes type 0 with a slash for a file, as Go does', () => {
    expect(readOne({ path: 'f/', type: 'file', content: 'x' })).toMatchObject({ type: 'file', size: 1 });
  });

  it('ignores the size of what has no content', () => {
    const entries = paths(
      tarOf([
        { path: 'd/', statedSize: 700 },
        { path: 'h', type: 'hardlink', link: 'f', statedSize: 900 },
        { path: 'f' },
      ]),
    );
    expect(entries).toEqual(['d/', 'h', 'f']);
  });

  it('joins the ustar prefix, and the shorter one of star', () => {
    const path = `${'a/'.repeat(60)}file`;
    expect(paths(tarOf([{ path, format: 'ustar' }]))).toEqual([path]);
    const star: TarSpec = {
      path: 'f',
      edit: (header) => {
        header.write('dir', 345);
        header.write('1234567', 345 + 131);
        header.write('tar\0', 508);
      },
    };
    expect(paths(tarOf([star]))).toEqual(['dir/f']);
  });

  it('reads GNU times as times, and as the prefix that old Go wrote by mistake', () => {
    const timed: TarSpec = { path: 'f', format: 'gnu', edit: (header) => header.write('01234567012\0', 345) };
    expect(paths(tarOf([timed]))).toEqual(['f']);
    const mistaken: TarSpec = { path: 'f', format: 'gnu', edit: (header) => header.write('usr/lib', 345) };
    expect(paths(tarOf([mistaken]))).toEqual(['usr/lib/f']);
  });

  it('keeps bytes that are no UTF-8 apart', () => {
    const tar = tarOf([{ path: Buffer.from([0x61, 0xff]) }, { path: Buffer.from([0x61, 0xfe]) }]);
    expect(paths(tar)).toEqual(['a\xff', 'a\xfe']);
  });
});

describe('numbers', () => {
  it('reads base-256, negative ones too', () => {
    const spec: TarSpec = {
      path: 'f',
      format: 'gnu',
      mtime: -5,
      uid: 3_000_000_000,
      content: 'x',
      base256: true,
    };
    expect(readOne(spec)).toMatchObject({ mtimeNs: -5_000_000_000n, uid: 3_000_000_000, size: 1 });
  });

  it("takes nobody's -2 as the kernel does", () => {
    expect(readOne({ path: 'f', format: 'gnu', uid: -2 }).uid).toBe(0xffff_fffe);
  });

  it('takes spaces around octal digits, and empty fields as 0', () => {
    const edit = (header: Buffer): void => {
      header.write('  644 \0\0', 100);
      header.fill(0, 108, 116);
      header.write('     1 ', 116);
    };
    expect(readOne({ path: 'f', edit })).toMatchObject({ mode: 0o644, uid: 0, gid: 1 });
  });

  it('takes the file type bits of old writers off the mode', () => {
    expect(readOne({ path: 'f', edit: (header) => header.write('0100644\0', 100) }).mode).toBe(0o644);
  });

  it('accepts checksums of signed bytes', () => {
    expect(readOne({ path: Buffer.from([0xff, 0xfe]), checksum: 'signed' }).path).toEqual(
      Buffer.from([0xff, 0xfe]),
    );
  });
});

describe('extensions', () => {
  it('reads GNU long names and links', () => {
    const path = 'n'.repeat(3000);
    const link = 'l'.repeat(700);
    const entry = readOne({ path, type: 'symlink', link, format: 'gnu' });
    expect(entry.path.toString()).toBe(path);
    expect(entry.link?.toString()).toBe(link);
    expect(entry.headerOffset).toBe(0);
    expect(entry.dataOffset).toBe(512 + 3072 + 512 + 1024 + 512);
  });

  it('applies PAX to one entry only', () => {
    const entries = read(
      tarOf([
        { path: 'p'.repeat(200), uid: 3_000_000, mtime: 1.123456789, content: 'x' },
        { path: 'q', uid: 1 },
      ]),
    );
    expect(entries[0]).toMatchObject({ uid: 3_000_000, mtimeNs: 1_123_456_789n });
    expect(entries[0]?.path.length).toBe(200);
    expect(entries[1]).toMatchObject({ path: Buffer.from('q'), uid: 1, mtimeNs: 0n });
  });

  it.each([
    ['1.5', 1_500_000_000n],
    ['-1.5', -1_500_000_000n],
    ['1.', 1_000_000_000n],
    ['1.1234567899', 1_123_456_789n],
    ['9'.repeat(19), 2n ** 63n - 1n],
    [`-${'9'.repeat(19)}`, -(2n ** 63n)],
  ])('reads the time %s', (text, expected) => {
    expect(readOne({ path: 'f', pax: [['mtime', text]] }).mtimeNs).toBe(expected);
  });

  it('reads attributes with raw bytes; a repeat keeps its last value', () => {
    const capability = Buffer.from([1, 0, 0, 2, 0x0a, 0x3d, 0xff, 0]);
    const { xattrs } = readOne({
      path: 'f',
      xattrs: { 'security.capability': capability, 'user.empty': '', 'user.a': 'first' },
      pax: [['SCHILY.xattr.user.a', 'last']],
    });
    expect(xattrs.map(({ name }) => name.toString())).toEqual([
      'security.capability',
      'user.empty',
      'user.a',
    ]);
    expect(xattrs.map(({ value }) => value)).toEqual([capability, Buffer.alloc(0), Buffer.from('last')]);
  });

  it('lets PAX state the size, for the file and not for a GNU long name between', () => {
    const pax = paxHeader('x', [['size', '600']]);
    const longName = rawEntry('L', '././@LongLink', Buffer.from('long\0'));
    const file = rawEntry('0', 'short', Buffer.alloc(600), 0);
    const tar = tarOf([{ raw: pax }, { raw: longName }, { raw: file }, { path: 'next' }]);
    expect(read(tar)[0]).toMatchObject({ path: Buffer.from('long'), size: 600 });
    expect(paths(tar)).toEqual(['long', 'next']);
  });

  it('keeps the header where a PAX value is empty', () => {
    const pax: TarSpec['pax'] = ['path', 'uid', 'size', 'mtime'].map((key) => [key, '']);
    expect(readOne({ path: 'f', uid: 5, content: 'x', pax })).toMatchObject({
      path: Buffer.from('f'),
      uid: 5,
      size: 1,
    });
  });

  it('ignores global headers, broken ones too', () => {
    const global = paxHeader('g', [['path', 'all']]);
    const broken = rawEntry('g', 'g', Buffer.from('nonsense'));
    const [entry] = read(tarOf([{ raw: global }, { raw: broken }, { path: 'f', uid: 1 }]));
    expect(entry).toMatchObject({ path: Buffer.from('f'), uid: 1 });
  });
});

describe('sparse files', () => {
  const content = Buffer.alloc(200_000);
  const map = Array.from({ length: 60 }, (_, i) => ({ offset: 1000 + i * 3000, length: 700 }));
  for (const { offset, length } of map) content.fill(0x61, offset, offset + length);

  it.each(['0.0', '0.1', '1.0', 'old'] as const)('reads format %s, and what follows', (format) => {
    const tar = tarOf([
      { path: 'sparse', content, sparse: { format, map } },
      { path: 'next', content: 'x' },
    ]);
    const [sparse, next] = read(tar);
    expect(sparse).toMatchObject({
      path: Buffer.from('sparse'),
      type: 'file',
      size: 200_000,
      storedSize: 42_000,
    });
    expect(sparse?.sparse).toEqual(map);
    const start = sparse?.dataOffset ?? 0;
    expect(tar.subarray(start, start + 42_000).equals(Buffer.alloc(42_000, 0x61))).toBe(true);
    expect(next).toMatchObject({ path: Buffer.from('next'), size: 1, sparse: undefined });
  });

  it('reads a file that is one hole', () => {
    const hole = { format: '1.0', map: [{ offset: 5000, length: 0 }] } as const;
    const entry = readOne({ path: 'hole', content: Buffer.alloc(5000), sparse: hole });
    expect(entry).toMatchObject({ size: 5000, storedSize: 0 });
  });
});

describe('the end', () => {
  const specs = [{ path: 'a', content: 'x' }, { path: 'b' }];

  it.each<[string, TarOptions]>([
    ['two zero blocks', { end: 'two' }],
    ['one zero block and no more', { end: 'one' }],
    ['no zero block', { end: 'none' }],
    ['rubbish after the marker', { trailing: Buffer.alloc(3000, 'rubbish') }],
  ])('takes %s', (_, options) => {
    expect(paths(tarOf(specs, options))).toEqual(['a', 'b']);
  });

  it('takes a tar without a byte, and a last file without its padding', () => {
    expect(read(Buffer.alloc(0))).toEqual([]);
    expect(paths(tarOf([{ path: 'a', content: 'x' }], { end: 'none' }).subarray(0, 513))).toEqual(['a']);
  });

  it('reads no further than the marker', () => {
    expect(paths(Buffer.concat([tarOf(specs), tarOf([{ path: 'hidden' }])]))).toEqual(['a', 'b']);
  });
});

it('keeps nothing that points into a chunk', () => {
  const tar = tarOf([
    { path: 'x'.repeat(200), type: 'symlink', link: 'target', xattrs: { 'user.a': 'value' } },
  ]);
  const before = read(Buffer.from(tar));
  const after = read(tar);
  tar.fill(0xee);
  expect(after).toEqual(before);
});
