import type { Descriptor, Manifest } from './documents.ts';
import {
  DOCKER_LAYER,
  DOCKER_LAYER_GZIP,
  OCI_CONFIG,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_ZSTD,
  OCI_MANIFEST,
} from './mediaTypes.ts';

/** Docker's names for layers and image-spec's for the same bytes (image-spec media-types.md, "Compatibility Matrix"). */
const OCI_LAYERS: Readonly<Record<string, string>> = {
  [DOCKER_LAYER]: OCI_LAYER,
  [DOCKER_LAYER_GZIP]: OCI_LAYER_GZIP,
  [`${DOCKER_LAYER}.zstd`]: OCI_LAYER_ZSTD,
};

function asOci(descriptor: Descriptor, mediaType: string): Descriptor {
  const { digest, size, annotations, urls } = descriptor;
  return {
    mediaType,
    digest,
    size,
    ...(urls === undefined ? {} : { urls }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/**
 * The same image in image-spec's media types: the same configuration, so the same image ID, and the same layers.
 * In an OCI image-layout other tools look for these alone. Deterministic: one manifest always gives the same bytes.
 */
export function toOciManifest(manifest: Manifest): Uint8Array {
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: asOci(manifest.config, OCI_CONFIG),
    layers: manifest.layers.map((layer) => asOci(layer, OCI_LAYERS[layer.mediaType] ?? layer.mediaType)),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
  return new TextEncoder().encode(JSON.stringify(document));
}
