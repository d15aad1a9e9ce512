import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { sha256 } from '../../src/oci/digest.ts';
import type { Digest } from '../../src/oci/digest.ts';
import type { Descriptor, HistoryEntry, Platform } from '../../src/oci/documents.ts';
import {
  DOCKER_CONFIG,
  DOCKER_LAYER,
  DOCKER_LAYER_GZIP,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_ZSTD,
  OCI_MANIFEST,
} from '../../src/oci/mediaTypes.ts';
import { tarOf } from './tar.ts';
import type { RawBlocks, TarSpec } from './tar.ts';

/** Images made in code: the same specification gives the same bytes on every run. */

export interface LayerSpec {
  /** What the layer's tar holds; a finished tar goes into `tar` instead. */
  readonly entries?: readonly (TarSpec | RawBlocks)[];
  readonly tar?: Uint8Array;
  /** gzip unless given. */
  readonly compression?: 'gzip' | 'zstd' | 'none';
  /** Of gzip (1 to 9) or zstd; theirs unless given. */
  readonly level?: number;
  /** `created_by` of its history. */
  readonly createdBy?: string;
  readonly comment?: string;
}

/** A step that made no layer. It stands among the layers, where it was taken. */
export interface EmptyLayerSpec {
  readonly empty: true;
  readonly createdBy: string;
  readonly comment?: string;
}

export interface ImageSpec {
  readonly layers: readonly (LayerSpec | EmptyLayerSpec)[];
  /** The `config` object of the configuration: Env, Cmd, Entrypoint, Labels, ExposedPorts, … in Docker's words. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `oci` unless given. */
  readonly mediaTypes?: 'oci' | 'docker';
  /** linux/amd64 unless given. */
  readonly platform?: Platform;
  /** RFC 3339. History begins there and goes on by a second a step. */
  readonly created?: string;
  readonly author?: string;
  /** Leaves the history out, as some builders do. */
  readonly withoutHistory?: boolean;
  /** Laid over the finished documents: for fields of one's own, and for wrong ones. */
  readonly configExtra?: Readonly<Record<string, unknown>>;
  readonly manifestExtra?: Readonly<Record<string, unknown>>;
}

/** A document or a layer with the descriptor that others point to it by. */
export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

export interface BuiltLayer extends Blob {
  readonly diffId: Digest;
  readonly tar: Buffer;
}

export interface BuiltImage {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly BuiltLayer[];
  /** Undefined for what has none of its own (an attestation). */
  readonly platform?: Platform;
}

export interface BuiltIndex {
  readonly index: Blob;
  readonly images: readonly BuiltImage[];
}

const DEFAULT_CREATED = '2024-05-06T07:08:09Z';

export function buildImage(spec: ImageSpec): BuiltImage {
  const docker = spec.mediaTypes === 'docker';
  const platform = spec.platform ?? { os: 'linux', architecture: 'amd64' };
  const layers = spec.layers.filter((step) => !('empty' in step)).map((layer) => buildLayer(layer, docker));
  const history = historyOf(spec);
  const config = jsonBlob(docker ? DOCKER_CONFIG : OCI_CONFIG, {
    created: history.at(-1)?.created ?? createdAt(spec, 0),
    ...(spec.author !== undefined && { author: spec.author }),
    ...platform,
    config: spec.config ?? {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    ...(spec.withoutHistory !== true && { history }),
    ...spec.configExtra,
  });
  const manifest = jsonBlob(docker ? DOCKER_MANIFEST : OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: docker ? DOCKER_MANIFEST : OCI_MANIFEST,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...spec.manifestExtra,
  });
  return { manifest, config, layers, platform };
}

/** An index over these, in their order: OCI's, or Docker's manifest list. An attestation is entered as `unknown/unknown`. */
export function buildIndex(images: readonly BuiltImage[], mediaTypes: 'oci' | 'docker' = 'oci'): BuiltIndex {
  const mediaType = mediaTypes === 'docker' ? DOCKER_MANIFEST_LIST : OCI_INDEX;
  const manifests = images.map(({ manifest, platform }) => ({
    ...manifest.descriptor,
    ...(platform !== undefined && { platform }),
  }));
  return { index: jsonBlob(mediaType, { schemaVersion: 2, mediaType, manifests }), images };
}

/** What BuildKit puts beside an image: a manifest whose one layer is an in-toto statement about it. */
export function buildAttestation(image: BuiltImage): BuiltImage {
  const subject = {
    name: 'image',
    digest: { sha256: image.manifest.descriptor.digest.slice('sha256:'.length) },
  };
  const statement = jsonBlob('application/vnd.in-toto+json', {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [subject],
    predicate: { builder: { id: '' }, buildType: 'https://mobyproject.org/buildkit@v1' },
  });
  const unknown: Platform = { architecture: 'unknown', os: 'unknown' };
  const layer: BuiltLayer = { ...statement, diffId: statement.descriptor.digest, tar: statement.bytes };
  const config = jsonBlob(OCI_CONFIG, {
    ...unknown,
    config: {},
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  });
  const document = jsonBlob(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: [layer.descriptor],
  });
  const annotations = {
    'vnd.docker.reference.digest': image.manifest.descriptor.digest,
    'vnd.docker.reference.type': 'attestation-manifest',
  };
  const manifest = { ...document, descriptor: { ...document.descriptor, annotations } };
  return { manifest, config, layers: [layer], platform: unknown };
}

/** One layer with its media type, gzip unless it says otherwise. */
export function buildLayer(spec: LayerSpec, docker = false): BuiltLayer {
  const tar = spec.tar === undefined ? tarOf(spec.entries ?? []) : Buffer.from(spec.tar);
  const diffId = sha256(tar);
  switch (spec.compression ?? 'gzip') {
    case 'gzip':
      return { ...blobOf(docker ? DOCKER_LAYER_GZIP : OCI_LAYER_GZIP, gzip(tar, spec.level)), diffId, tar };
    case 'zstd':
      // Docker's own media types know no zstd: such a layer has OCI's type in a Docker manifest too.
      return { ...blobOf(OCI_LAYER_ZSTD, zstd(tar, spec.level)), diffId, tar };
    case 'none':
      return { ...blobOf(docker ? DOCKER_LAYER : OCI_LAYER, tar), diffId, tar };
  }
}

function gzip(tar: Buffer, level: number = constants.Z_DEFAULT_COMPRESSION): Buffer {
  return gzipSync(tar, { level, chunkSize: 1024 * 1024 });
}

function zstd(tar: Buffer, level: number = constants.ZSTD_CLEVEL_DEFAULT): Buffer {
  return zstdCompressSync(tar, {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    chunkSize: 1024 * 1024,
  });
}

/** These bytes with a descriptor of this media type. */
export function blobOf(mediaType: string, bytes: Buffer): Blob {
  return { descriptor: { mediaType, digest: sha256(bytes), size: bytes.length }, bytes };
}

function jsonBlob(mediaType: string, document: unknown): Blob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(document)));
}

function historyOf(spec: ImageSpec): HistoryEntry[] {
  return spec.layers.map((step, number) => ({
    created: createdAt(spec, number),
    ...(step.createdBy !== undefined && { created_by: step.createdBy }),
    ...(step.comment !== undefined && { comment: step.comment }),
    ...('empty' in step && { empty_layer: true }),
  }));
}

function createdAt(spec: ImageSpec, step: number): string {
  const start = Date.parse(spec.created ?? DEFAULT_CREATED);
  return new Date(start + step * 1000).toISOString().replace('.000Z', 'Z');
}
