import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { expect, it } from 'vitest';
import { TarReader } from './index.ts';
import type { TarEntry } from './index.ts';

/** What many tools of this ecosystem write is what tar-stream writes. */
it('reads what tar-stream packs', async () => {
  const archive = pack();
  const mtime = new Date('2024-03-01T10:00:00Z');
  const long = `${'deep/'.repeat(60)}file-名.txt`;
  archive.entry({ name: 'etc/', type: 'directory', mode: 0o755, mtime });
  archive.entry({ name: 'etc/motd', mode: 0o640, uid: 1000, gid: 50, mtime }, 'hello');
  archive.entry({ name: 'etc/link', type: 'symlink', linkname: 'motd', mtime });
  archive.entry({ name: 'etc/hard', type: 'link', linkname: 'etc/motd', mtime });
  archive.entry({ name: long, mtime, pax: { 'SCHILY.xattr.user.note': 'kept' } }, 'x');
  archive.finalize();

  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => entries.push(entry));
  reader.push(await buffer(archive));
  reader.end();

  expect(entries.map((entry) => [entry.path.toString(), entry.type, entry.size])).toEqual([
    ['etc/', 'directory', 0],
    ['etc/motd', 'file', 5],
    ['etc/link', 'symlink', 0],
    ['etc/hard', 'hardlink', 0],
    [long, 'file', 1],
  ]);
  const [, motd, link, , noted] = entries;
  expect(motd).toMatchObject({
    mode: 0o640,
    uid: 1000,
    gid: 50,
    mtimeNs: BigInt(mtime.getTime()) * 1_000_000n,
  });
  expect(link?.link?.toString()).toBe('motd');
  expect(noted?.xattrs.map(({ name, value }) => `${name.toString()}=${value.toString()}`)).toEqual([
    'user.note=kept',
  ]);
});
