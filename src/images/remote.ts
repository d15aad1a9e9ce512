import { isIndexType } from '../oci/mediaTypes.ts';
import { parseImageConfig, parseIndex, parseManifest } from '../oci/parse.ts';
import { isAttestation } from '../oci/platform.ts';
import { MAX_CONFIG_BYTES } from '../base/limits.ts';
import { familiarString, parseReference, withDefaultTag } from '../reference/index.ts';
import type { Registry } from '../registry/index.ts';
import type { RemotePlatform } from './types.ts';

/** The tags of a repository, as its registry lists them. */
export async function remoteTags(
  registry: Registry,
  repository: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  return await registry.tags(parseReference(repository), signal);
}

/** The platforms that a name offers: an index's, without attestations, or the one of a plain manifest. */
export async function remotePlatforms(
  registry: Registry,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly RemotePlatform[]> {
  const reference = withDefaultTag(parseReference(name));
  const what = familiarString(reference);
  const top = await registry.manifest(reference, signal);
  if (isIndexType(top.mediaType)) {
    return parseIndex(top.bytes, what, top.mediaType)
      .manifests.filter((entry) => !isAttestation(entry))
      .flatMap(({ platform, digest }) => (platform === undefined ? [] : [{ platform, digest }]));
  }
  const { config: descriptor } = parseManifest(top.bytes, what, top.mediaType);
  const config = parseImageConfig(await registry.blob(reference, descriptor, MAX_CONFIG_BYTES, signal), what);
  const { os, architecture, variant } = config;
  return [
    { platform: { os, architecture, ...(variant === undefined ? {} : { variant }) }, digest: top.digest },
  ];
}
