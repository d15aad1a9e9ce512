import type { LayerSpec } from '../images.ts';
import type { TarSpec } from '../tar.ts';

/** 2024-03-01T09:00:00Z: when every file of the demo was made. */
const DEMO_MTIME = 1_709_283_600;
export const DEMO_AUTHOR = 'The Strata demo';

/** Entries of the demo's age. */
export function aged(entries: readonly TarSpec[]): TarSpec[] {
  return entries.map((entry) => ({ mtime: DEMO_MTIME, ...entry }));
}

/** The folders and files that one expects of a Linux, and little else. The same bytes in every image that begins with it. */
export const baseLayer: LayerSpec = {
  createdBy: 'ADD demo-rootfs.tar.gz / # buildkit',
  comment: 'buildkit.dockerfile.v0',
  entries: aged([
    { path: 'bin', type: 'symlink', link: 'usr/bin' },
    { path: 'dev/' },
    { path: 'etc/' },
    { path: 'etc/group', content: 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n' },
    { path: 'etc/hostname', content: 'demo\n' },
    {
      path: 'etc/os-release',
      content:
        'PRETTY_NAME="Strata Demo Linux 1"\nNAME="Strata Demo Linux"\nID=strata-demo\nVERSION_ID="1"\n' +
        'HOME_URL="https://example.com/"\n',
    },
    {
      path: 'etc/passwd',
      content:
        'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/srv:/usr/sbin/nologin\n' +
        'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    },
    { path: 'etc/shadow', content: 'root:*:19783:0:99999:7:::\n', mode: 0o640, gid: 42 },
    { path: 'proc/', mode: 0o555 },
    { path: 'root/', mode: 0o700 },
    { path: 'srv/' },
    { path: 'sys/', mode: 0o555 },
    { path: 'tmp/', mode: 0o1777 },
    { path: 'usr/' },
    { path: 'usr/bin/' },
    { path: 'usr/lib/' },
    { path: 'usr/lib/os-release', type: 'symlink', link: '../../etc/os-release' },
    { path: 'usr/share/' },
    { path: 'usr/share/doc/' },
    { path: 'usr/share/doc/copyright', content: copyrightText() },
    { path: 'var/' },
    { path: 'var/log/' },
    { path: 'var/tmp/', mode: 0o1777 },
  ]),
};

function copyrightText(): string {
  const line = 'This file system was made for the Strata demo. It may be used by anyone for anything.\n';
  return line.repeat(300);
}
