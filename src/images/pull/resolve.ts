import { StrataError } from '../../base/errors.ts';
import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../../base/limits.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, ImageConfig, Manifest, Platform } from '../../oci/documents.ts';
import { DOCKER_CONFIG, isIndexType, OCI_CONFIG } from '../../oci/mediaTypes.ts';
import { pairLayers, parseImageConfig, parseIndex, parseManifest } from '../../oci/parse.ts';
import { formatPlatform, isAttestation, pickPlatform } from '../../oci/platform.ts';
import { canonicalName, familiarString } from '../../reference/index.ts';
import type { Reference } from '../../reference/index.ts';
import type { ManifestAnswer, Registry } from '../../registry/index.ts';
import type { Store } from '../../store/index.ts';
import { storedManifest } from '../storedManifest.ts';
import type { StoredManifest } from '../storedManifest.ts';

/** Old registries serve configurations under this type; Docker takes it too. */
const UNTYPED_CONFIG = 'application/octet-stream';

/** What a name leads to for one platform: everything but the layers' bytes. */
export interface ResolvedImage extends StoredManifest {
  /** Of the index or manifest that the name stands for. */
  readonly topDigest: Digest;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  readonly configBytes: Uint8Array;
  readonly layers: readonly { readonly descriptor: Descriptor; readonly diffId: Digest }[];
}

interface ResolveDeps {
  readonly store: Store;
  readonly registry: Registry;
}

/**
 * Follows what a name stands for to one platform's manifest and its configuration; what the store has already is not asked for again.
 * @throws `platform-missing`, `manifest-unsupported`, `content-invalid`, the registry's errors
 */
export async function resolveImage(
  deps: ResolveDeps,
  reference: Reference,
  top: ManifestAnswer,
  wanted: Platform,
  signal: AbortSignal | undefined,
): Promise<ResolvedImage> {
  const name = familiarString(reference);
  const single = isIndexType(top.mediaType)
    ? await childManifest(deps, reference, top.bytes, top.mediaType, wanted, signal)
    : top;
  const manifest = parseManifest(single.bytes, name, single.mediaType);
  if (![OCI_CONFIG, DOCKER_CONFIG, UNTYPED_CONFIG].includes(manifest.config.mediaType)) {
    const { mediaType } = manifest.config;
    throw new StrataError('manifest-unsupported', { name, mediaType, schema1: false });
  }
  const configBytes = await configOf(deps, reference, manifest.config, signal);
  const config = parseImageConfig(configBytes, name);
  return {
    ...storedManifest(manifest, single, config),
    topDigest: top.digest,
    manifest,
    config,
    configBytes,
    layers: pairLayers(manifest, config, name),
  };
}

async function childManifest(
  deps: ResolveDeps,
  reference: Reference,
  bytes: Uint8Array,
  mediaType: string,
  wanted: Platform,
  signal: AbortSignal | undefined,
): Promise<{ mediaType: string; digest: Digest; bytes: Uint8Array }> {
  const name = familiarString(reference);
  const { manifests } = parseIndex(bytes, name, mediaType);
  const picked = pickPlatform(manifests, wanted);
  if (picked === undefined) {
    const available = manifests
      .filter((entry) => !isAttestation(entry))
      .map((entry) =>
        entry.platform === undefined ? 'an unnamed platform' : formatPlatform(entry.platform),
      );
    throw new StrataError('platform-missing', {
      name,
      platform: formatPlatform(wanted),
      available: available.length === 0 ? 'none' : available.join(', '),
    });
  }
  const stored = await deps.store.readBlob(picked.digest, MAX_MANIFEST_BYTES).catch(() => undefined);
  if (stored !== undefined) return { mediaType: picked.mediaType, digest: picked.digest, bytes: stored };
  const { tag: _, ...repository } = reference;
  const child = await deps.registry.manifest({ ...repository, digest: picked.digest }, signal);
  if (child.bytes.length !== picked.size) {
    const what = `manifest ${picked.digest} of ${canonicalName(reference)}`;
    throw new StrataError('size-mismatch', { what, expected: picked.size, actual: child.bytes.length });
  }
  return child;
}

async function configOf(
  deps: ResolveDeps,
  reference: Reference,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const stored = await deps.store.readBlob(descriptor.digest, MAX_CONFIG_BYTES).catch(() => undefined);
  return stored ?? (await deps.registry.blob(reference, descriptor, MAX_CONFIG_BYTES, signal));
}
