import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runOrThrow } from './processes.mjs';

/**
 * What the project needs of the machine beside Node and npm: Debian's package, and the file that shows it is there
 * (a name without a slash is looked for on the PATH).
 * @typedef {{ package: string, shows: string }} SystemPart
 */

/** To build code-server's native packages. @type {readonly SystemPart[]} */
export const editorParts = [
  { package: 'libkrb5-dev', shows: '/usr/include/gssapi/gssapi.h' },
  { package: 'make', shows: 'make' },
  { package: 'g++', shows: 'g++' },
  { package: 'python3', shows: 'python3' },
];

/** What integration and end-to-end tests drive. @type {readonly SystemPart[]} */
export const testParts = [
  ...editorParts,
  { package: 'ca-certificates', shows: '/etc/ssl/certs/ca-certificates.crt' },
  { package: 'openssl', shows: 'openssl' },
  { package: 'docker-registry', shows: 'docker-registry' },
  { package: 'skopeo', shows: 'skopeo' },
  { package: 'podman', shows: 'podman' },
  { package: 'umoci', shows: 'umoci' },
  { package: 'debootstrap', shows: 'debootstrap' },
  { package: 'docker.io', shows: '/usr/sbin/dockerd' },
  { package: 'bsdutils', shows: 'script' },
  { package: 'mount', shows: 'mount' },
  { package: 'zsh', shows: 'zsh' },
  { package: 'fish', shows: 'fish' },
  { package: 'chromium', shows: '/usr/bin/chromium' },
  { package: 'fonts-noto-cjk', shows: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' },
];

// Some of Debian's tools lie in folders that only root has on the PATH.
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** @param {SystemPart} part */
const isThere = ({ shows }) =>
  shows.startsWith('/') ? existsSync(shows) : folders.some((folder) => existsSync(join(folder, shows)));

/**
 * Installs what is missing with apt-get, as root on Debian and its children; elsewhere throws one line that says
 * what to install.
 * @param {readonly SystemPart[]} parts
 * @returns {Promise<readonly string[]>} the packages that it installed
 */
export async function ensureSystemParts(parts) {
  const missing = parts.filter((part) => !isThere(part)).map((part) => part.package);
  if (missing.length === 0) return [];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`Please install (names as in Debian): ${missing.join(' ')}`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runOrThrow('apt-get', ['update', '-q'], { env });
  await runOrThrow('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], { env });
  const absent = parts.filter((part) => !isThere(part)).map((part) => part.shows);
  if (absent.length > 0)
    throw new Error(`Installed ${missing.join(' ')}, and still miss ${absent.join(' ')}`);
  return missing;
}
