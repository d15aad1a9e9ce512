import type { ImageSummary, LayerSummary } from '../../images/types.ts';
import { sha256 } from '../../oci/digest.ts';
import { OCI_MANIFEST } from '../../oci/mediaTypes.ts';

/** An image for the tests of this folder. Its layers are as large as their names say: `a20` is 20 bytes. */
export function testImage(
  name: string,
  change: Partial<Omit<ImageSummary, 'layers'>> & { readonly layers?: readonly string[] } = {},
): ImageSummary {
  const { layers: names = [], ...rest } = change;
  const layers = names.map(testLayer);
  return {
    id: sha256(name),
    manifest: { mediaType: OCI_MANIFEST, digest: sha256(`${name} manifest`), size: 1 },
    manifestDigest: sha256(`${name} manifest`),
    tags: [],
    repoDigests: [],
    platform: { os: 'linux', architecture: 'amd64' },
    size: layers.reduce((sum, layer) => sum + layer.size, 0),
    compressedSize: 1,
    labels: {},
    layers,
    ...rest,
  };
}

function testLayer(name: string): LayerSummary {
  return {
    digest: sha256(name),
    diffId: sha256(`${name} unpacked`),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    compressedSize: 1,
    size: Number(name.replaceAll(/\D/g, '')),
  };
}
