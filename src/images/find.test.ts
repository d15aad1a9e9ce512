import { describe, expect, it } from 'vitest';
import type { Digest } from '../oci/digest.ts';
import { findImage, meansId } from './find.ts';
import type { ImageSummary } from './types.ts';

const idOf = (prefix: string): Digest => `sha256:${prefix.padEnd(64, '0')}` as Digest;
const DIGEST = idOf('dd');

function image(
  prefix: string,
  tags: readonly string[] = [],
  repoDigests: readonly string[] = [],
): ImageSummary {
  return {
    id: idOf(prefix),
    manifest: { mediaType: '', digest: idOf('1'), size: 0 },
    manifestDigest: idOf('1'),
    tags,
    repoDigests,
    platform: { os: 'linux', architecture: 'amd64' },
    size: 0,
    compressedSize: 0,
    labels: {},
    layers: [],
  };
}

const named = image('abc1', [
  'docker.io/library/app:latest',
  'docker.io/library/app:2',
  'localhost:5000/x/y:1',
]);
const pinned = image('abd2', [], [`docker.io/library/app@${DIGEST}`]);
/** Its name looks like a prefix of another image's ID. */
const hexName = image('0fee', ['docker.io/library/abd2:latest', 'docker.io/library/sha256:abd']);
const images = [named, pinned, hexName];

describe('findImage', () => {
  it.each([
    ['app', named],
    ['app:2', named],
    ['library/app', named],
    ['docker.io/app:latest', named],
    ['index.docker.io/library/app', named],
    ['localhost:5000/x/y:1', named],
    [`app@${DIGEST}`, pinned],
    // The tag beside a digest decides nothing.
    [`app:other@${DIGEST}`, pinned],
    ['abc', named],
    ['sha256:abc', named],
    [idOf('abc1'), named],
    [idOf('abc1').slice('sha256:'.length), named],
    // A name comes before an ID.
    ['abd2', hexName],
    ['sha256:abd', hexName],
    ['abd20', pinned],
    ['sha256:abd2', pinned],
  ])('%s', (text, expected) => {
    expect(findImage(images, text)).toBe(expected);
  });

  it.each([
    ['gone', 'gone:latest'],
    ['gone:1', 'gone:1'],
    ['docker.io/library/gone', 'gone:latest'],
    ['localhost:5000/gone', 'localhost:5000/gone:latest'],
    ['fff', 'fff:latest'],
    [`gone@${DIGEST}`, `gone@${DIGEST}`],
    [idOf('fff'), idOf('fff')],
  ])('has no %s, and names it as Docker does', (text, name) => {
    expect(() => findImage(images, text)).toThrow(
      expect.objectContaining({ code: 'image-not-found', params: { name } }),
    );
  });

  it('refuses a prefix of two images', () => {
    expect(() => findImage(images, 'ab')).toThrow(
      expect.objectContaining({ code: 'id-ambiguous', params: { prefix: 'ab' } }),
    );
  });

  it.each(['', 'UPPER', 'app:', 'a b', 'app@sha256:12'])('refuses the name "%s"', (text) => {
    expect(() => findImage(images, text)).toThrow(expect.objectContaining({ code: 'reference-invalid' }));
  });
});

it('tells an ID from a name that only looks like one', () => {
  expect(meansId(pinned, 'abd2')).toBe(true);
  expect(meansId(hexName, 'abd2')).toBe(false);
  expect(meansId(named, 'app')).toBe(false);
  expect(meansId(named, idOf('abc1'))).toBe(true);
});
