import { describe, expect, it } from 'vitest';
import { TarReader } from '../archive/index.ts';
import { tarOf, type TarSpec } from '../../test/support/tar.ts';
import { Random, testSeed } from '../../test/support/tarGenerator.ts';
import { LayerSizer } from './layerSizer.ts';

function sizeOf(specs: TarSpec[]): { size: number; unresolved: number } {
  const sizer = new LayerSizer();
  new TarReader((entry) => sizer.add(entry)).push(tarOf(specs));
  return { size: sizer.size(), unresolved: sizer.unresolvedHardlinks };
}

const file = (path: string, bytes: number): TarSpec => ({ path, type: 'file', content: Buffer.alloc(bytes) });
const link = (path: string, target: string): TarSpec => ({ path, type: 'hardlink', link: target });

describe('LayerSizer', () => {
  it.each<[string, TarSpec[], number, number?]>([
    ['nothing', [], 0],
    ['files', [file('a', 5), file('b', 6)], 11],
    ['no folders', [{ path: './' }, { path: 'd/', statedSize: 512 }, file('d/a', 5)], 5],
    ['symlinks by the length of their target', [{ path: 'l', type: 'symlink', link: 'ünterwegs' }], 10],
    [
      'no devices and fifos',
      [
        { path: 'c', type: 'characterDevice' },
        { path: 'p', type: 'fifo' },
      ],
      0,
    ],
    ['no whiteouts', [file('.wh.a', 5), file('d/.wh..wh..opq', 5), file('d/.wh.b/', 5)], 0],
    ['what only looks like a whiteout', [file('.wha', 5), file('a.wh.b', 6), file('.wh.d/a', 7)], 18],
    [
      'sparse files by their logical length',
      [
        {
          path: 's',
          content: Buffer.alloc(9000),
          sparse: { format: '1.0', map: [{ offset: 0, length: 10 }] },
        },
      ],
      9000,
    ],
    ['a later entry instead of an earlier one', [file('a', 5), file('a', 7)], 7],
    [
      'one path however it is written',
      [file('d/a', 5), file('./d//a', 6), file('/d/./a', 7), file('x/../d/a', 8)],
      8,
    ],
    ['.. at the root as the root', [file('../a', 5), file('a', 6)], 6],
    ['the root as nothing', [file('/', 5), file('.', 5), { path: './', type: 'symlink', link: 'x' }], 0],
    ['a file that becomes a folder', [file('a', 5), { path: 'a/' }, file('a/b', 6)], 6],
    ['a folder that becomes a file, and all beneath', [file('a/b/c', 5), file('a/d', 6), file('a', 7)], 7],
    ['a folder that becomes a file and a folder again', [file('a/b', 5), file('a', 6), { path: 'a/' }], 0],
    ['what comes back after that', [file('a/b', 5), file('a', 6), { path: 'a/' }, file('a/c', 7)], 7],
    ['a folder over a folder as one', [file('a/b', 5), { path: 'a/' }, file('a/c', 6)], 11],
    ['hard links once', [file('a', 5), link('b', 'a'), link('c', '/./b'), link('d/e', 'c')], 5],
    ['a hard link whose first name is gone', [file('a', 5), link('b', 'a'), file('a', 7)], 12],
    ['a file whose names are all gone', [file('a', 5), link('b', 'a'), file('a', 1), file('b', 1)], 2],
    ['a hard link to a symlink', [{ path: 's', type: 'symlink', link: 'abc' }, link('h', 's')], 3],
    ['no hard link into a lower layer', [link('b', 'usr/a'), file('c', 5)], 5, 1],
    ['no hard link to what comes later', [link('b', 'a'), file('a', 5)], 5, 1],
    ['no hard link to a folder', [{ path: 'd/' }, link('b', 'd')], 0, 1],
    ['no hard link to itself', [file('a', 5), link('a', 'a')], 0, 1],
    ['no hard link to what was removed', [file('a/b', 5), file('a', 6), link('c', 'a/b')], 6, 1],
    ['a file instead of a hard link', [file('a', 5), link('b', 'a'), file('b', 7), link('c', 'a')], 12],
  ])('counts %s', (_, specs, size, unresolved = 0) => {
    expect(sizeOf(specs)).toEqual({ size, unresolved });
  });

  it('refuses a sum beyond all numbers', () => {
    const hole = Number.MAX_SAFE_INTEGER;
    const pax: TarSpec['pax'] = [
      ['GNU.sparse.numblocks', '1'],
      ['GNU.sparse.map', `${hole},0`],
      ['GNU.sparse.size', String(hole)],
    ];
    expect(() =>
      sizeOf([
        { path: 'a', pax },
        { path: 'b', pax },
      ]),
    ).toThrow(/impossibly large/);
  });

  const seed = testSeed();
  it(`agrees with a plain model of a file system (STRATA_SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 300; round++) {
      const specs = Array.from({ length: 25 }, () => randomSpec(random));
      expect(sizeOf(specs)).toEqual(modelOf(specs));
    }
  });
});

/** Few names, so that everything meets everything. */
function randomPath(random: Random): string {
  return Array.from({ length: 1 + random.below(3) }, () => random.pick(['a', 'b'])).join('/');
}

function randomSpec(random: Random): TarSpec {
  const path = randomPath(random);
  if (random.chance(4)) return { path: `${path}/` };
  return random.chance(3) ? link(path, randomPath(random)) : file(path, 1 + random.below(1000));
}

/** A map of whole paths; removing scans it. Here a file may have children, as behind a symlink to a folder. */
function modelOf(specs: readonly TarSpec[]): { size: number; unresolved: number } {
  const inodes = new Map<string, { length: number }>();
  let unresolved = 0;
  for (const { path, type, content, link: target } of specs) {
    const name = String(path).replace(/\/$/, '');
    inodes.delete(name);
    if (type === undefined) continue;
    for (const other of inodes.keys()) if (other.startsWith(`${name}/`)) inodes.delete(other);
    const inode = type === 'file' ? { length: content?.length ?? 0 } : inodes.get(String(target));
    if (inode === undefined) unresolved++;
    else inodes.set(name, inode);
  }
  return { size: [...new Set(inodes.values())].reduce((sum, { length }) => sum + length, 0), unresolved };
}
