import { describe, expect, it } from 'vitest';
import type { Descriptor } from './documents.ts';
import { sha256 } from './digest.ts';
import { OCI_MANIFEST } from './mediaTypes.ts';
import {
  formatPlatform,
  hostPlatform,
  isAttestation,
  parsePlatform,
  pickPlatform,
  platformServes,
} from './platform.ts';

function entry(platform: string, annotations?: Record<string, string>): Descriptor {
  const [os = '', architecture = '', variant] = platform.split('/');
  return {
    mediaType: OCI_MANIFEST,
    digest: sha256(platform),
    size: 1,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    ...(annotations === undefined ? {} : { annotations }),
  };
}

const pick = (entries: string[], wanted: string): string | undefined => {
  const found = pickPlatform(
    entries.map((text) => entry(text)),
    parsePlatform(wanted),
  );
  return found?.platform === undefined ? undefined : formatPlatform(found.platform);
};

describe('parsePlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7'],
    ['arm64', 'linux/arm64'],
    ['macos/arm64', 'darwin/arm64'],
    ['windows', `windows/${hostPlatform().architecture}`],
  ])('reads %s as %s', (text, expected) => {
    expect(formatPlatform(parsePlatform(text))).toBe(expected);
  });

  it.each(['', 'linux/', 'a/b/c/d', 'linux/am d64', '/amd64'])('refuses "%s"', (text) => {
    expect(() => parsePlatform(text)).toThrow('invalid platform');
  });
});

describe('pickPlatform', () => {
  it('takes the exact variant before a lesser one, whatever their order', () => {
    expect(pick(['linux/arm/v6', 'linux/arm/v7', 'linux/arm64'], 'linux/arm/v7')).toBe('linux/arm/v7');
    expect(pick(['linux/arm/v5', 'linux/arm/v6'], 'linux/arm/v7')).toBe('linux/arm/v6');
    expect(pick(['linux/arm/v7'], 'linux/arm/v6')).toBeUndefined();
  });

  it('falls back as containerd does: arm64 to arm, amd64 to 386', () => {
    expect(pick(['linux/arm/v7', 'linux/amd64'], 'linux/arm64')).toBe('linux/arm/v7');
    expect(pick(['linux/386', 'linux/arm64'], 'linux/amd64')).toBe('linux/386');
    expect(pick(['linux/amd64/v2', 'linux/amd64/v3', 'linux/amd64'], 'linux/amd64')).toBe('linux/amd64');
    expect(pick(['linux/amd64', 'linux/amd64/v2'], 'linux/amd64/v3')).toBe('linux/amd64/v2');
  });

  it('takes arm64/v8 for arm64', () => {
    expect(pick(['linux/arm64/v8'], 'linux/arm64')).toBe('linux/arm64/v8');
  });

  it('never picks an attestation', () => {
    expect(pick(['unknown/unknown'], 'linux/amd64')).toBeUndefined();
    expect(isAttestation(entry('linux/amd64', { 'vnd.docker.reference.type': 'attestation-manifest' }))).toBe(
      true,
    );
  });

  it('takes an entry without platform only where it is alone', () => {
    const bare: Descriptor = { mediaType: OCI_MANIFEST, digest: sha256('x'), size: 1 };
    expect(pickPlatform([bare], hostPlatform())).toBe(bare);
    expect(pickPlatform([bare, entry('linux/s390x')], parsePlatform('linux/amd64'))).toBeUndefined();
  });

  it('tells whether an image serves a platform', () => {
    expect(platformServes({ os: 'linux', architecture: '386' }, parsePlatform('linux/amd64'))).toBe(true);
    expect(platformServes({ os: 'linux', architecture: 'arm64' }, parsePlatform('linux/amd64'))).toBe(false);
  });
});
