import { describeError, isStrataError } from '../base/errors.ts';
import { MAX_CONCURRENT_LOOKUPS, MAX_CONFIG_BYTES, MAX_SIZED_MANIFESTS } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import type { Digest } from '../oci/digest.ts';
import { isDigest } from '../oci/digest.ts';
import type { Descriptor, Manifest, Platform } from '../oci/documents.ts';
import { isIndexType, isManifestType } from '../oci/mediaTypes.ts';
import { parseImageConfig, parseIndex, parseManifest } from '../oci/parse.ts';
import { isAttestation } from '../oci/platform.ts';
import type { Reference } from '../reference/index.ts';
import { familiarString, parseReference, withDefaultTag } from '../reference/index.ts';
import type { ManifestAnswer, Registry } from '../registry/index.ts';
import type { RemoteImage, RemoteManifest, RemoteReferrer } from './remoteTypes.ts';

const DOCKER_HUB = 'docker.io';
/** BuildKit's annotation: which manifest an attestation is about. */
const ATTESTED = 'vnd.docker.reference.digest';

/**
 * What a name leads to in its registry: the manifests of an index, or the one that it is, and what refers to it.
 * @throws `reference-invalid`, `registry-*`, `manifest-unsupported`, `content-invalid`
 */
export async function remoteImage(
  { registry, logger }: { readonly registry: Registry; readonly logger: Logger },
  name: string,
  signal: AbortSignal | undefined,
): Promise<RemoteImage> {
  const ref = withDefaultTag(parseReference(name));
  const top = await registry.manifest(ref, signal);
  const [manifests, referrers] = await Promise.all([
    isIndexType(top.mediaType)
      ? indexManifests(registry, ref, top, signal)
      : [await plainManifest(registry, ref, top, signal)],
    registry.referrers(ref, top.digest, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      if (!isStrataError(error)) throw error;
      logger.warn(`what refers to ${familiarString(ref)} cannot be listed: ${describeError(error)}`);
      return [];
    }),
  ]);
  const { digest, mediaType } = top;
  return { digest, mediaType, manifests, referrers: referrers.map(readReferrer) };
}

async function indexManifests(
  registry: Registry,
  ref: Reference,
  top: ManifestAnswer,
  signal: AbortSignal | undefined,
): Promise<readonly RemoteManifest[]> {
  const entries = parseIndex(top.bytes, familiarString(ref), top.mediaType).manifests;
  // Docker Hub counts each manifest that is read as a pull, and tells the sizes elsewhere.
  const sizes =
    ref.domain === DOCKER_HUB
      ? await registry.imageSizes(ref, signal)
      : await readSizes(registry, ref, entries, signal);
  return entries.map((entry) => {
    const imageSize = sizes.get(entry.digest);
    const attested = isAttestation(entry) ? entry.annotations?.[ATTESTED] : undefined;
    return {
      digest: entry.digest,
      size: entry.size,
      ...(entry.platform === undefined ? {} : { platform: entry.platform }),
      ...(isDigest(attested) ? { attestationOf: attested } : {}),
      ...(imageSize === undefined ? {} : { imageSize }),
    };
  });
}

/** A manifest that cannot be read has no size: the index stands all the same. */
async function readSizes(
  registry: Registry,
  { domain, path }: Reference,
  entries: readonly Descriptor[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<Digest, number>> {
  const sizes = new Map<Digest, number>();
  const left = entries.filter(({ mediaType }) => isManifestType(mediaType)).slice(0, MAX_SIZED_MANIFESTS);
  const read = async (): Promise<void> => {
    for (let entry = left.shift(); entry !== undefined; entry = left.shift()) {
      const { digest } = entry;
      try {
        const { bytes, mediaType } = await registry.manifest({ domain, path, digest }, signal);
        sizes.set(digest, pulledBytes(parseManifest(bytes, `${domain}/${path}@${digest}`, mediaType)));
      } catch (error) {
        signal?.throwIfAborted();
        if (!isStrataError(error)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_LOOKUPS }, read));
  return sizes;
}

async function plainManifest(
  registry: Registry,
  ref: Reference,
  { digest, bytes, mediaType }: ManifestAnswer,
  signal: AbortSignal | undefined,
): Promise<RemoteManifest> {
  const manifest = parseManifest(bytes, familiarString(ref), mediaType);
  const platform = await platformOf(registry, ref, manifest, signal);
  return {
    digest,
    size: bytes.length,
    imageSize: pulledBytes(manifest),
    ...(platform === undefined ? {} : { platform }),
  };
}

/** Undefined for what is no image: an artifact's configuration may be anything. */
async function platformOf(
  registry: Registry,
  ref: Reference,
  { config: descriptor }: Manifest,
  signal: AbortSignal | undefined,
): Promise<Platform | undefined> {
  try {
    const bytes = await registry.blob(ref, descriptor, MAX_CONFIG_BYTES, signal);
    const { os, architecture, variant } = parseImageConfig(bytes, familiarString(ref));
    if (architecture === '') return undefined;
    return { os, architecture, ...(variant === undefined ? {} : { variant }) };
  } catch (error) {
    if (isStrataError(error, 'content-invalid') || isStrataError(error, 'too-large')) return undefined;
    throw error;
  }
}

function pulledBytes({ config, layers }: Manifest): number {
  return layers.reduce((sum, { size }) => sum + size, config.size);
}

function readReferrer({ digest, size, artifactType, annotations }: Descriptor): RemoteReferrer {
  return { digest, artifactType: artifactType ?? '', size, annotations: annotations ?? {} };
}
