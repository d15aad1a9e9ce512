import { accessSync, constants } from 'node:fs';

/** The real programs that integration tests use, and the Debian package of each. Absolute paths: another `docker` may stand first on a PATH. */
export const REAL_PARTS = {
  dockerRegistry: { path: '/usr/bin/docker-registry', package: 'docker-registry' },
  skopeo: { path: '/usr/bin/skopeo', package: 'skopeo' },
  podman: { path: '/usr/bin/podman', package: 'podman' },
  umoci: { path: '/usr/bin/umoci', package: 'umoci' },
  debootstrap: { path: '/usr/sbin/debootstrap', package: 'debootstrap' },
  docker: { path: '/usr/bin/docker', package: 'docker.io' },
  dockerd: { path: '/usr/sbin/dockerd', package: 'docker.io' },
  script: { path: '/usr/bin/script', package: 'bsdutils' },
  bash: { path: '/usr/bin/bash', package: 'bash' },
  zsh: { path: '/usr/bin/zsh', package: 'zsh' },
  fish: { path: '/usr/bin/fish', package: 'fish' },
  mount: { path: '/usr/bin/mount', package: 'mount' },
} as const;

export type RealPart = keyof typeof REAL_PARTS;

/** Debian packages that are missing, out of those that these parts come from. */
function missingPackages(parts: readonly RealPart[]): string[] {
  return parts
    .map((part) => REAL_PARTS[part])
    .filter((part) => !isExecutable(part.path))
    .map((part) => part.package);
}

/** @throws Error in one line that names what to install. */
export function requireParts(...parts: readonly RealPart[]): void {
  const missing = [...new Set(missingPackages(parts))];
  if (missing.length === 0) return;
  throw new Error(`missing: ${missing.join(' ')} (on Debian: apt-get install ${missing.join(' ')})`);
}

/** True if this user may run the file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
