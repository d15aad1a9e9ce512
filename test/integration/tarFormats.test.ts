import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { link, mkdir, open, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TarReader, type TarEntry } from '../../src/archive/index.ts';
import { LayerIndexBuilder } from '../../src/layers/index.ts';
import { parseDigest } from '../../src/oci/digest.ts';
import { runOk } from '../support/run.ts';
import { tarOf } from '../support/tar.ts';
import { tempFolder } from '../support/tempFolder.ts';

/** What GNU tar writes in all its formats, read by TarReader and compared with the files themselves. */

let folder: Awaited<ReturnType<typeof tempFolder>>;
let tree: string;
const seconds = 1_600_000_000;

beforeAll(async () => {
  folder = await tempFolder();
  tree = join(folder.path, 'tree');
  await mkdir(join(tree, 'short/empty'), { recursive: true, mode: 0o750 });
  await writeFile(join(tree, 'short/file'), 'content', { mode: 0o4755 });
  await writeFile(join(tree, 'short/big'), Buffer.alloc(3_000_000, 'big'));
  await writeFile(Buffer.concat([Buffer.from(join(tree, 'short/raw')), Buffer.from([0xff, 0xfe])]), 'raw');
  await symlink('file', join(tree, 'short/symlink'));
  await link(join(tree, 'short/big'), join(tree, 'short/hardlink'));
  await mkdir(join(tree, 'special'));
  await runOk('mkfifo', [join(tree, 'special/fifo')]);
  const deep = join(tree, 'long', 'd'.repeat(90), 'e'.repeat(60));
  await mkdir(deep, { recursive: true });
  await writeFile(join(deep, 'ustar-prefix'), 'x');
  await mkdir(join(tree, 'longest'));
  await writeFile(join(tree, 'longest', 'n'.repeat(250)), 'long name');
  await symlink('t'.repeat(300), join(tree, 'longest/symlink'));
  await utimes(join(tree, 'longest', 'n'.repeat(250)), seconds + 0.5, seconds + 0.25);
  await mkdir(join(tree, 'sparse'));
  const holes = await open(join(tree, 'sparse/file'), 'w');
  for (let i = 0; i < 60; i++) await holes.write(Buffer.alloc(4096, i + 1), 0, 4096, i * 65_536);
  await holes.truncate(60 * 65_536 + 1000);
  await holes.close();
});
afterAll(() => folder.remove());

async function packed(
  parts: readonly string[],
  ...options: string[]
): Promise<{ tar: Buffer; entries: TarEntry[] }> {
  const path = join(folder.path, 'packed.tar');
  await runOk('tar', [...options, '-cf', path, '-C', tree, ...parts]);
  const tar = await readFile(path);
  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => entries.push(entry));
  // An odd chunk, so that headers lie across borders.
  for (let at = 0; at < tar.length; at += 99_991) reader.push(tar.subarray(at, at + 99_991));
  reader.end();
  return { tar, entries };
}

/** Every path under these parts as the file system has it. */
function onDisk(parts: readonly string[]): string[] {
  const walk = (path: string): string[] => {
    const under = lstatSync(Buffer.from(join(tree, path), 'latin1')).isDirectory()
      ? readdirSync(Buffer.from(join(tree, path), 'latin1'), { encoding: 'latin1' })
      : [];
    return [path, ...under.flatMap((name) => walk(`${path}/${name}`))];
  };
  return parts.flatMap(walk);
}

function check(entries: readonly TarEntry[], parts: readonly string[], wholeSeconds: boolean): void {
  const paths = entries.map(({ path }) => path.toString('latin1').replace(/\/$/, ''));
  expect([...paths].sort()).toEqual(onDisk(parts).sort());
  entries.forEach((entry, i) => {
    const path = Buffer.from(join(tree, paths[i] ?? ''), 'latin1');
    const stat = lstatSync(path, { bigint: true });
    expect([paths[i], entry.mode]).toEqual([paths[i], Number(stat.mode) & 0o7777]);
    expect([entry.uid, entry.gid]).toEqual([Number(stat.uid), Number(stat.gid)]);
    const mtimeNs = wholeSeconds ? (stat.mtimeNs / 1_000_000_000n) * 1_000_000_000n : stat.mtimeNs;
    expect([paths[i], entry.mtimeNs]).toEqual([paths[i], mtimeNs]);
    if (entry.type === 'symlink') expect(entry.link?.toString()).toBe(readlinkSync(path, 'utf8'));
    else if (entry.type === 'file') expect(entry.size).toBe(Number(stat.size));
    else if (entry.type !== 'hardlink') expect(entry.type).toBe(stat.isFIFO() ? 'fifo' : 'directory');
  });
}

/** Each distinct inode that is no folder, once: what moby's directory.Size sums. */
function sizeOnDisk(parts: readonly string[]): number {
  const inodes = new Map<bigint, number>();
  for (const path of onDisk(parts)) {
    const stat = lstatSync(Buffer.from(join(tree, path), 'latin1'), { bigint: true });
    if (!stat.isDirectory()) inodes.set(stat.ino, Number(stat.size));
  }
  return [...inodes.values()].reduce((sum, size) => sum + size, 0);
}

describe('GNU tar', () => {
  it.each([
    ['v7', ['short'], true],
    ['oldgnu', ['short', 'special', 'long', 'longest'], true],
    ['gnu', ['short', 'special', 'long', 'longest'], true],
    ['ustar', ['short', 'special', 'long'], true],
    ['pax', ['short', 'special', 'long', 'longest'], false],
  ] as const)('--format=%s says what the files are', async (format, parts, wholeSeconds) => {
    const { entries, tar } = await packed(parts, `--format=${format}`);
    check(entries, parts, wholeSeconds);
    expect(entries.filter(({ type }) => type === 'hardlink').length).toBe(1);
    const builder = new LayerIndexBuilder();
    for (const entry of entries) builder.add(entry);
    const { stats } = builder.finish(parseDigest(`sha256:${'0'.repeat(64)}`), tar.length);
    expect(stats).toMatchObject({ size: sizeOnDisk(parts), unresolvedHardlinks: 0 });
  });

  it.each([
    ['old', ['--format=gnu', '--sparse']],
    ['0.0', ['--format=pax', '--sparse', '--sparse-version=0.0']],
    ['0.1', ['--format=pax', '--sparse', '--sparse-version=0.1']],
    ['1.0', ['--format=pax', '--sparse', '--sparse-version=1.0']],
  ])('keeps holes in sparse format %s', async (_, options) => {
    const { tar, entries } = await packed(['sparse', 'short'], ...options);
    const entry = entries.find(({ sparse }) => sparse !== undefined);
    const content = Buffer.alloc(entry?.size ?? 0);
    let at = entry?.dataOffset ?? 0;
    for (const { offset, length } of entry?.sparse ?? []) {
      tar.copy(content, offset, at, at + length);
      at += length;
    }
    expect(entry?.path.toString()).toBe('sparse/file');
    expect(entry?.sparse?.length).toBeGreaterThan(25);
    expect(content.equals(readFileSync(join(tree, 'sparse/file')))).toBe(true);
    expect(entry?.storedSize).toBeLessThan(content.length / 4);
    expect(entries.at(-1)?.path.toString()).toMatch(/^short\//);
  });

  it('writes numbers beyond octal, and a huge sparse file, as we read them', async () => {
    const huge = await open(join(tree, 'sparse/huge'), 'w');
    await huge.truncate(9 * 1024 ** 3);
    await huge.close();
    for (const format of ['gnu', 'pax']) {
      const ids = ['--owner=:3000000', '--group=:4000000', '--mtime=@-5'];
      const { entries } = await packed(['sparse/huge'], `--format=${format}`, '--sparse', ...ids);
      expect(entries).toMatchObject([
        { uid: 3_000_000, gid: 4_000_000, mtimeNs: -5_000_000_000n, size: 9 * 1024 ** 3, storedSize: 0 },
      ]);
    }
  });

  it('takes attributes from our writer and gives them back', async () => {
    const value = Buffer.from([0, 10, 61, 255]);
    const path = join(folder.path, 'ours.tar');
    await writeFile(path, tarOf([{ path: 'attributed', xattrs: { 'user.strata': value } }]));
    const all = ['--xattrs', '--xattrs-include=*'];
    await runOk('tar', [...all, '-xf', path, '-C', tree]);
    const { entries } = await packed(['attributed'], '--format=pax', ...all);
    expect(entries[0]?.xattrs).toContainEqual({ name: Buffer.from('user.strata'), value });
  });

  it('reads our writer in every format', async () => {
    const path = join(folder.path, 'ours.tar');
    await writeFile(
      path,
      tarOf([
        { path: 'v7', format: 'v7', content: 'x' },
        { path: `${'p'.repeat(120)}/ustar`, format: 'ustar' },
        { path: 'g'.repeat(200), format: 'gnu', uid: 3_000_000 },
        { path: 'p'.repeat(200), xattrs: { 'user.a': 'b' } },
        { path: 'l', type: 'symlink', link: 't'.repeat(200) },
        {
          path: 's',
          content: Buffer.alloc(9000),
          sparse: { format: '1.0', map: [{ offset: 512, length: 512 }] },
        },
      ]),
    );
    const listed = await runOk('tar', ['-tf', path]);
    expect(listed.trim().split('\n')).toEqual([
      'v7',
      `${'p'.repeat(120)}/ustar`,
      'g'.repeat(200),
      'p'.repeat(200),
      'l',
      's',
    ]);
  });
});
