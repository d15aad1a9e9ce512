import { StrataError } from '../base/errors.ts';
import type { Descriptor, Platform } from './documents.ts';

/** Go's names for what uname, Node and people call an architecture (containerd platforms, normalizeArch). */
const ARCHITECTURES: Readonly<Record<string, { architecture: string; variant?: string }>> = {
  i386: { architecture: '386' },
  ia32: { architecture: '386' },
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  x64: { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
  ppc64: { architecture: 'ppc64le' },
};

const PART = /^[A-Za-z0-9_.-]+$/;
const OLDEST_ARM = 5;

/** One spelling for each platform: arm64/v8 is arm64, arm is arm/v7, amd64/v1 is amd64. */
function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === 'macos' ? 'darwin' : platform.os.toLowerCase();
  const given = platform.architecture.toLowerCase();
  const known = ARCHITECTURES[given];
  const architecture = known?.architecture ?? given;
  const variant = normalizeVariant(architecture, platform.variant?.toLowerCase() ?? known?.variant ?? '');
  const version = platform['os.version'];
  return {
    os,
    architecture,
    ...(variant === '' ? {} : { variant }),
    ...(version === undefined ? {} : { 'os.version': version }),
  };
}

function normalizeVariant(architecture: string, variant: string): string {
  const versioned = /^\d+$/.test(variant) ? `v${variant}` : variant;
  if (architecture === 'arm64' && versioned === 'v8') return '';
  if (architecture === 'amd64' && versioned === 'v1') return '';
  if (architecture === 'arm' && versioned === '') return 'v7';
  return versioned;
}

/**
 * Reads `os/architecture[/variant]`, `architecture` or `os` alone, as `--platform` takes them.
 * @throws `platform-invalid`
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const [first, second, variant] = parts;
  if (first === undefined || parts.length > 3 || !parts.every((part) => PART.test(part))) {
    throw new StrataError('platform-invalid', { platform: text });
  }
  if (second === undefined) {
    const host = hostPlatform();
    const isOs = ['linux', 'windows', 'darwin', 'macos', 'freebsd'].includes(first.toLowerCase());
    return normalizePlatform(isOs ? { ...host, os: first } : { os: host.os, architecture: first });
  }
  return normalizePlatform({
    os: first,
    architecture: second,
    ...(variant === undefined ? {} : { variant }),
  });
}

/** `linux/arm/v7` */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant]
    .filter((part) => part !== undefined)
    .join('/');
}

/** What this machine pulls by default: Linux everywhere, because images for containers are, and its own architecture. */
export function hostPlatform(architecture: string = process.arch): Platform {
  return normalizePlatform({ os: 'linux', architecture });
}

/** What can stand in for a platform, best first (containerd platforms, platformVector). */
function acceptable(wanted: Platform): readonly Platform[] {
  const { os, architecture } = wanted;
  const number = Number(/^v(\d+)$/.exec(wanted.variant ?? '')?.[1] ?? NaN);
  const older = (from: number, to: number): Platform[] =>
    Array.from({ length: Math.max(0, from - to) }, (_, i) => ({
      os,
      architecture,
      variant: `v${from - 1 - i}`,
    }));
  switch (architecture) {
    case 'amd64':
      return [wanted, ...(number > 1 ? older(number, 1) : []), { os, architecture: '386' }];
    case 'arm':
      return [wanted, ...(number > OLDEST_ARM ? older(number, OLDEST_ARM) : [])];
    case 'arm64':
      return [wanted, ...acceptable({ os, architecture: 'arm', variant: wanted.variant ?? 'v8' })];
    default:
      return [wanted];
  }
}

function equal(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && a.variant === b.variant;
}

/** Build attestations stand in an index as `unknown/unknown` (BuildKit); they are shown, never picked. */
export function isAttestation(descriptor: Descriptor): boolean {
  return (
    (descriptor.platform?.os === 'unknown' && descriptor.platform.architecture === 'unknown') ||
    descriptor.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
  );
}

/**
 * The entry of an index that serves `wanted` best: os, architecture and variant, best match first, then the index's own order.
 * An entry without a platform is taken only where it is alone.
 */
export function pickPlatform(entries: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const images = entries.filter((entry) => !isAttestation(entry));
  for (const candidate of acceptable(normalizePlatform(wanted))) {
    const normalized = normalizePlatform(candidate);
    const found = images.find((entry) => {
      return entry.platform !== undefined && equal(normalizePlatform(entry.platform), normalized);
    });
    if (found !== undefined) return found;
  }
  const [only] = images;
  return images.length === 1 && only?.platform === undefined ? only : undefined;
}

/** True if an image of platform `actual` runs where `wanted` was asked for. */
export function platformServes(actual: Platform, wanted: Platform): boolean {
  const normalized = normalizePlatform(actual);
  return acceptable(normalizePlatform(wanted)).some((candidate) =>
    equal(normalizePlatform(candidate), normalized),
  );
}
