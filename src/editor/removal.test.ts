import { expect, it } from 'vitest';
import type { ImageSummary } from '../images/types.ts';
import { OCI_LAYER_GZIP, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { sha256 } from '../oci/digest.ts';
import { freedBy } from './removal.ts';

function image(name: string, layers: readonly [string, number][]): ImageSummary {
  return {
    id: sha256(name),
    manifest: { mediaType: OCI_MANIFEST, digest: sha256(`${name} manifest`), size: 1 },
    manifestDigest: sha256(`${name} manifest`),
    tags: [],
    repoDigests: [],
    platform: { os: 'linux', architecture: 'amd64' },
    size: 0,
    compressedSize: 0,
    labels: {},
    layers: layers.map(([content, compressedSize]) => ({
      digest: sha256(content),
      diffId: sha256(content),
      mediaType: OCI_LAYER_GZIP,
      compressedSize,
      size: compressedSize * 2,
    })),
  };
}

const base = image('base', [['a', 100]]);
const web = image('web', [
  ['a', 100],
  ['b', 20],
]);
const twice = image('twice', [
  ['c', 5],
  ['c', 5],
]);

it('counts what no other image needs, each layer once', () => {
  const all = [base, web, twice];
  expect(freedBy([web], all)).toEqual({ layers: 1, bytes: 20 });
  expect(freedBy([base], all)).toEqual({ layers: 0, bytes: 0 });
  expect(freedBy([base, web], all)).toEqual({ layers: 2, bytes: 120 });
  expect(freedBy([twice], all)).toEqual({ layers: 1, bytes: 5 });
});
