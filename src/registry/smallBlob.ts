import { StrataError } from '../base/errors.ts';
import { verifyDigest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import type { Reference } from '../reference/index.ts';
import { familiarName } from '../reference/index.ts';
import { readBody } from '../transport/index.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { blobPath } from './paths.ts';

/** Fetches a blob from one endpoint into memory (distribution spec, "pulling blobs"). Errors as `Registry.blob`. */
export async function fetchSmallBlob(
  client: RegistryClient,
  endpoint: Endpoint,
  ref: Reference,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const what = `blob ${descriptor.digest}`;
  const response = await client.get(endpoint, {
    path: blobPath(endpoint.repository, descriptor.digest),
    name: familiarName(ref),
    what: 'blob',
    signal,
  });
  const bytes = await readBody(response, descriptor.size, what);
  if (bytes.length !== descriptor.size) {
    throw new StrataError('size-mismatch', { what, expected: descriptor.size, actual: bytes.length });
  }
  verifyDigest(bytes, descriptor.digest, what);
  return bytes;
}
