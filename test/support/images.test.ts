import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/oci/digest.ts';
import type { ImageConfig, Index, Manifest } from '../../src/oci/documents.ts';
import {
  DOCKER_CONFIG,
  DOCKER_LAYER,
  DOCKER_LAYER_GZIP,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_ZSTD,
} from '../../src/oci/mediaTypes.ts';
import { buildAttestation, buildImage, buildIndex, buildLayer } from './images.ts';
import type { Blob, ImageSpec } from './images.ts';
import { tarOf } from './tar.ts';

const spec: ImageSpec = {
  created: '2024-01-01T00:00:59Z',
  author: 'me',
  config: { Env: ['A=b'], Labels: { l: 'v' } },
  platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
  layers: [
    { entries: [{ path: 'a', content: 'a' }], createdBy: 'COPY a', comment: 'first' },
    { empty: true, createdBy: 'ENV A=b' },
    { entries: [{ path: 'b', content: 'b' }], compression: 'zstd' },
    { tar: tarOf([{ path: 'c' }]), compression: 'none', createdBy: 'COPY c' },
  ],
};

const json = (blob: Blob): unknown => JSON.parse(blob.bytes.toString());

describe('buildImage', () => {
  it('makes the same bytes of the same specification', () => {
    expect(buildImage(spec)).toEqual(buildImage(spec));
  });

  it('describes every blob by its digest and size', () => {
    const image = buildImage(spec);
    for (const { descriptor, bytes } of [image.manifest, image.config, ...image.layers]) {
      expect(descriptor).toMatchObject({ digest: sha256(bytes), size: bytes.length });
    }
    const manifest = json(image.manifest) as Manifest;
    expect(manifest.config).toEqual(image.config.descriptor);
    expect(manifest.layers).toEqual(image.layers.map(({ descriptor }) => descriptor));
  });

  it('writes platform, settings, diff IDs and history with its empty steps', () => {
    const image = buildImage(spec);
    const config = json(image.config) as ImageConfig;
    expect(config).toMatchObject({
      created: '2024-01-01T00:01:02Z',
      author: 'me',
      os: 'linux',
      architecture: 'arm',
      variant: 'v7',
      config: spec.config,
    });
    expect(config.rootfs.diff_ids).toEqual(image.layers.map(({ tar }) => sha256(tar)));
    expect(config.history).toEqual([
      { created: '2024-01-01T00:00:59Z', created_by: 'COPY a', comment: 'first' },
      { created: '2024-01-01T00:01:00Z', created_by: 'ENV A=b', empty_layer: true },
      { created: '2024-01-01T00:01:01Z' },
      { created: '2024-01-01T00:01:02Z', created_by: 'COPY c' },
    ]);
  });

  it('leaves history out and lays fields over the documents', () => {
    const image = buildImage({
      ...spec,
      withoutHistory: true,
      configExtra: { os: 1 },
      manifestExtra: { layers: null },
    });
    expect(json(image.config)).not.toHaveProperty('history');
    expect(json(image.config)).toHaveProperty('os', 1);
    expect(json(image.manifest)).toHaveProperty('layers', null);
  });

  it("speaks Docker's media types", () => {
    const image = buildImage({ ...spec, mediaTypes: 'docker' });
    expect(json(image.manifest)).toHaveProperty('mediaType', DOCKER_MANIFEST);
    expect(image.manifest.descriptor.mediaType).toBe(DOCKER_MANIFEST);
    expect(image.config.descriptor.mediaType).toBe(DOCKER_CONFIG);
    expect(image.layers.map(({ descriptor }) => descriptor.mediaType)).toEqual([
      DOCKER_LAYER_GZIP,
      OCI_LAYER_ZSTD,
      DOCKER_LAYER,
    ]);
  });
});

describe('buildLayer', () => {
  const entries = [{ path: 'a', content: 'text'.repeat(1000) }];

  it.each([
    ['gzip', OCI_LAYER_GZIP, gunzipSync],
    ['zstd', OCI_LAYER_ZSTD, zstdDecompressSync],
    ['none', OCI_LAYER, (bytes: Buffer): Buffer => bytes],
  ] as const)('compresses with %s', (compression, mediaType, unpack) => {
    const layer = buildLayer({ entries, compression });
    expect(layer.descriptor.mediaType).toBe(mediaType);
    expect(unpack(layer.bytes)).toEqual(tarOf(entries));
    expect(layer.diffId).toBe(sha256(tarOf(entries)));
  });

  it.each(['gzip', 'zstd'] as const)('compresses with %s as much as told', (compression) => {
    const tar = Buffer.from(Array.from({ length: 50_000 }, (_, i) => Math.sqrt(i)).join(' '));
    const [fast, small] = [1, 9].map((level) => buildLayer({ tar, compression, level }).bytes.length);
    expect(fast).not.toBe(small);
  });
});

describe('buildIndex', () => {
  it('enters images with their platforms, and attestations as unknown', () => {
    const image = buildImage(spec);
    const attestation = buildAttestation(image);
    const { index } = buildIndex([image, attestation]);
    const { manifests } = json(index) as Index;
    expect(manifests[0]).toEqual({ ...image.manifest.descriptor, platform: spec.platform });
    expect(manifests[1]).toMatchObject({
      digest: attestation.manifest.descriptor.digest,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': image.manifest.descriptor.digest,
      },
    });
  });

  it("makes Docker's manifest lists", () => {
    const { index } = buildIndex([buildImage(spec)], 'docker');
    expect(index.descriptor.mediaType).toBe(DOCKER_MANIFEST_LIST);
    expect(json(index)).toHaveProperty('mediaType', DOCKER_MANIFEST_LIST);
  });
});
