import { StrataError } from '../../base/errors.ts';
import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../../base/limits.ts';
import { verifyDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, ImageConfig } from '../../oci/documents.ts';
import { DOCKER_CONFIG, isIndexType, OCI_CONFIG } from '../../oci/mediaTypes.ts';
import { pairLayers, parseImageConfig, parseIndex, parseManifest } from '../../oci/parse.ts';
import { formatPlatform, hostPlatform, isAttestation, pickPlatform } from '../../oci/platform.ts';
import { storedManifest } from '../storedManifest.ts';
import type { StoredManifest } from '../storedManifest.ts';
import { blobPath } from './ociLayout.ts';
import { invalidArchive } from './paths.ts';
import type { ArchiveFiles } from './types.ts';

/** Indexes within indexes that are followed. */
const MAX_DEPTH = 4;

/** One platform's image of an OCI layout; nothing of its layers has been read. */
export interface OciImage extends StoredManifest {
  readonly id: Digest;
  readonly configBytes: Uint8Array;
  readonly config: ImageConfig;
  readonly layers: readonly { readonly descriptor: Descriptor; readonly diffId: Digest }[];
  /** Where there was a choice: the platforms, the one that was taken first. */
  readonly platforms: readonly string[];
}

/**
 * Follows an entry of index.json to one platform's image: the machine's best of those that the archive holds.
 * @throws `content-invalid`, `manifest-unsupported`, `digest-mismatch`, `too-large`
 */
export async function readOciImage(files: ArchiveFiles, top: Descriptor): Promise<OciImage> {
  const what = `${top.digest} of ${files.name}`;
  const { descriptor, platforms } = await pick(files, top);
  const given = await readBlob(files, descriptor.digest, MAX_MANIFEST_BYTES);
  const manifest = parseManifest(given, what, descriptor.mediaType);
  if (manifest.config.mediaType !== OCI_CONFIG && manifest.config.mediaType !== DOCKER_CONFIG) {
    const { mediaType } = manifest.config;
    throw new StrataError('manifest-unsupported', { name: what, mediaType, schema1: false });
  }
  const configBytes = await readBlob(files, manifest.config.digest, MAX_CONFIG_BYTES);
  const config = parseImageConfig(configBytes, what);
  return {
    ...storedManifest(manifest, { digest: descriptor.digest, bytes: given }, config),
    id: manifest.config.digest,
    configBytes,
    config,
    layers: pairLayers(manifest, config, what),
    platforms,
  };
}

async function pick(
  files: ArchiveFiles,
  top: Descriptor,
): Promise<{ descriptor: Descriptor; platforms: readonly string[] }> {
  let descriptor = top;
  let platforms: readonly string[] = [];
  for (let depth = 0; isIndexType(descriptor.mediaType); depth++) {
    if (depth === MAX_DEPTH) throw invalidArchive(files.name, 'its indexes lead to one another without end');
    const bytes = await readBlob(files, descriptor.digest, MAX_MANIFEST_BYTES);
    const { manifests } = parseIndex(bytes, descriptor.digest, descriptor.mediaType);
    const children = manifests.filter((child) => !isAttestation(child));
    const found = await Promise.all(children.map(async ({ digest }) => await files.find(blobPath(digest))));
    const here = children.filter((_, i) => found[i] !== undefined);
    const best = pickPlatform(here, hostPlatform()) ?? here[0];
    if (best === undefined) throw invalidArchive(files.name, `it holds no image of ${descriptor.digest}`);
    const others = here.filter((child) => child !== best);
    if (others.length > 0) platforms = [best, ...others].map(platformName);
    descriptor = best;
  }
  return { descriptor, platforms };
}

function platformName({ platform }: Descriptor): string {
  return platform === undefined ? 'unknown' : formatPlatform(platform);
}

async function readBlob(files: ArchiveFiles, digest: Digest, limit: number): Promise<Buffer> {
  const file = await files.find(blobPath(digest));
  if (file === undefined) throw invalidArchive(files.name, `it lacks blob ${digest}`);
  const bytes = await file.read(limit);
  verifyDigest(bytes, digest, `blob ${digest} of ${files.name}`);
  return bytes;
}
