import { expect, it } from 'vitest';
import { sha256 } from './digest.ts';
import {
  DOCKER_CONFIG,
  DOCKER_LAYER_GZIP,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
} from './mediaTypes.ts';
import { toOciManifest } from './ociManifest.ts';
import { parseManifest } from './parse.ts';

const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';

it("turns Docker's media types into image-spec's, and nothing else", () => {
  const manifest = {
    mediaType: DOCKER_MANIFEST,
    config: { mediaType: DOCKER_CONFIG, digest: sha256('config'), size: 6 },
    layers: [
      { mediaType: DOCKER_LAYER_GZIP, digest: sha256('a'), size: 1 },
      { mediaType: foreign, digest: sha256('b'), size: 2, urls: ['https://example.com/b'] },
    ],
    annotations: { kept: 'yes' },
  };
  const bytes = toOciManifest(manifest);
  expect(parseManifest(bytes, 'm')).toEqual({
    mediaType: OCI_MANIFEST,
    config: { ...manifest.config, mediaType: OCI_CONFIG },
    layers: [{ ...manifest.layers[0], mediaType: OCI_LAYER_GZIP }, manifest.layers[1]],
    annotations: manifest.annotations,
  });
  expect(toOciManifest(manifest)).toEqual(bytes);
});
