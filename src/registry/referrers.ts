import { isStrataError } from '../base/errors.ts';
import { MAX_LISTED } from '../base/limits.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import { isIndexType, OCI_INDEX } from '../oci/mediaTypes.ts';
import { parseDescriptor, parseIndex } from '../oci/parse.ts';
import type { Reference } from '../reference/index.ts';
import { familiarName } from '../reference/index.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { fetchManifest } from './manifest.ts';
import { fetchPages } from './pages.ts';
import { referrersPath } from './paths.ts';

/** What registries answer that know no referrers (the spec says 404). */
const UNSUPPORTED = new Set([400, 404, 405, 501]);

/**
 * What refers to a manifest (distribution spec, "listing referrers"), with the fallback that the spec demands where a registry
 * has no such list: an index under the tag `sha256-HEX`. Entries that are no descriptors are left out.
 */
export async function fetchReferrers(
  client: RegistryClient,
  endpoint: Endpoint,
  ref: Reference,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const pages = fetchPages(client, endpoint, {
    path: referrersPath(endpoint.repository, digest),
    accept: OCI_INDEX,
    name: familiarName(ref),
    what: 'api',
    field: 'manifests',
    list: 'its list of referrers',
    signal,
  });
  try {
    for await (const page of pages) {
      for (const descriptor of page.flatMap(readable)) {
        if (found.size < MAX_LISTED) found.set(descriptor.digest, descriptor);
      }
    }
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return await fetchByTag(client, endpoint, ref, digest, signal);
  }
  return [...found.values()];
}

/** A page of HTML is the home page of a server that does not know the path. */
function isUnsupported(error: unknown): boolean {
  return (
    isStrataError(error, 'registry-invalid') ||
    (isStrataError(error, 'registry-failed') && UNSUPPORTED.has(error.params.status))
  );
}

function readable(entry: unknown): Descriptor[] {
  try {
    return [parseDescriptor(entry, 'a referrer')];
  } catch {
    return [];
  }
}

/** distribution spec, "referrers tag schema": algorithm and hex are cut to 32 and 64 characters. */
async function fetchByTag(
  client: RegistryClient,
  endpoint: Endpoint,
  { domain, path }: Reference,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[]> {
  const [algorithm = '', hex = ''] = digest.split(':');
  const ref = { domain, path, tag: `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}` };
  try {
    const { bytes, mediaType } = await fetchManifest(client, endpoint, ref, signal);
    return isIndexType(mediaType) ? parseIndex(bytes, 'the list of referrers', mediaType).manifests : [];
  } catch (error) {
    if (isStrataError(error, 'registry-not-found')) return [];
    throw error;
  }
}
