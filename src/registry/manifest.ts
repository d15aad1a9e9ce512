import { StrataError } from '../base/errors.ts';
import { MAX_MANIFEST_BYTES } from '../base/limits.ts';
import type { Digest } from '../oci/digest.ts';
import { digestAlgorithm, isDigest, sha256, verifyDigest } from '../oci/digest.ts';
import { ACCEPTED_MANIFESTS, isIndexType, isManifestType, isSchema1Type } from '../oci/mediaTypes.ts';
import type { Reference } from '../reference/index.ts';
import { familiarName, familiarString } from '../reference/index.ts';
import { readBody } from '../transport/index.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { headerText, isObject } from './failures.ts';
import { manifestPath } from './paths.ts';
import type { ManifestAnswer } from './types.ts';

/** What servers say that do not know what they hold; then the document's own word counts. */
const VAGUE_TYPES = new Set(['', 'application/json', 'application/octet-stream', 'text/plain']);

/** Fetches from one endpoint (distribution spec, "pulling manifests"). Errors as `Registry.manifest`. */
export async function fetchManifest(
  client: RegistryClient,
  endpoint: Endpoint,
  ref: Reference,
  signal: AbortSignal | undefined,
): Promise<ManifestAnswer> {
  const name = familiarString(ref);
  const response = await client.get(endpoint, {
    path: manifestPath(endpoint.repository, ref),
    accept: ACCEPTED_MANIFESTS.join(', '),
    name: familiarName(ref),
    image: name,
    what: 'manifest',
    signal,
  });
  const bytes = await readBody(response, MAX_MANIFEST_BYTES, `the manifest of ${name}`);
  const digest = checkedDigest(bytes, ref, headerText(response, 'docker-content-digest'), name);
  const mediaType = checkedMediaType(bytes, headerText(response, 'content-type'), name);
  return { mediaType, digest, bytes, source: { host: endpoint.host, mirror: endpoint.mirror } };
}

/** What was asked for decides; for a tag the registry's own header is the only witness. */
function checkedDigest(bytes: Buffer, ref: Reference, header: string | undefined, name: string): Digest {
  const what = `the manifest of ${name}`;
  if (ref.digest !== undefined) {
    verifyDigest(bytes, ref.digest, what);
    return ref.digest;
  }
  const digest = sha256(bytes);
  if (isDigest(header) && digestAlgorithm(header) === 'sha256') verifyDigest(bytes, header, what);
  return digest;
}

/** The type in the header and in the document must agree, lest two clients read one document as two things (CVE-2021-41190). */
function checkedMediaType(bytes: Buffer, header: string | undefined, name: string): string {
  const declared = (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const unsupported = (mediaType: string, schema1: boolean): StrataError =>
    new StrataError('manifest-unsupported', { name, mediaType: mediaType.slice(0, 200), schema1 });
  if (isSchema1Type(declared)) throw unsupported(declared, true);

  const document = parseObject(bytes, name);
  const own = document['mediaType'];
  if (document['schemaVersion'] === 1) throw unsupported(declared, true);
  if (own !== undefined && typeof own !== 'string') throw invalid(name, 'its mediaType is no text');
  const mediaType = VAGUE_TYPES.has(declared) ? (own ?? declared) : declared;
  if (!isIndexType(mediaType) && !isManifestType(mediaType)) throw unsupported(mediaType, false);
  if (own !== undefined && own !== mediaType) {
    throw invalid(name, `it was sent as ${mediaType} but calls itself ${own.slice(0, 200)}`);
  }
  return mediaType;
}

function parseObject(bytes: Buffer, name: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(name, 'it is no JSON', cause);
  }
  if (!isObject(document)) throw invalid(name, 'it is no JSON object');
  return document;
}

function invalid(name: string, detail: string, cause?: unknown): StrataError {
  return new StrataError('content-invalid', { what: `the manifest of ${name}`, detail }, { cause });
}
