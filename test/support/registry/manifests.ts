import { sha256, verifyDigest } from '../../../src/oci/digest.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { readBytes, storeBytes } from './blobStore.ts';
import type { BlobStore } from './blobStore.ts';
import { bytesBody, emptyReply, readRequest, RegistryFailure } from './http.ts';
import type { Reply, ServiceRequest } from './http.ts';
import type { Repositories, Repository } from './repositories.ts';

const MAX_MANIFEST = 4 * 1024 * 1024;

/** What every endpoint works on. */
export interface Content {
  readonly blobs: BlobStore;
  readonly repositories: Repositories;
}

/** GET and HEAD of /v2/NAME/manifests/REFERENCE. */
export async function getManifest(
  content: Content,
  name: string,
  reference: string,
  request: ServiceRequest,
): Promise<Reply> {
  const repository = content.repositories.get(name);
  const digest = reference.includes(':') ? reference : repository?.tags.get(reference);
  const mediaType = repository?.manifests.get(digest ?? '');
  const bytes = digest === undefined ? undefined : await readBytes(content.blobs, digest);
  if (digest === undefined || mediaType === undefined || bytes === undefined) {
    throw new RegistryFailure(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  }
  if (!accepts(request.headers.accept, mediaType)) {
    // Real registries answer so, and a client that forgot the indexes finds nothing.
    throw new RegistryFailure(404, 'MANIFEST_UNKNOWN', `found, but the accept header lacks ${mediaType}`);
  }
  return {
    status: 200,
    headers: { 'content-type': mediaType, 'docker-content-digest': digest },
    body: bytesBody(bytes),
  };
}

function accepts(header: string | undefined, mediaType: string): boolean {
  if (header === undefined) return true;
  const types = header.split(',').map((part) => part.split(';')[0]?.trim());
  return types.includes(mediaType) || types.includes('*/*') || types.includes('application/*');
}

/** PUT of /v2/NAME/manifests/REFERENCE. */
export async function putManifest(
  content: Content,
  name: string,
  reference: string,
  request: ServiceRequest,
): Promise<Reply> {
  const bytes = await readRequest(request, MAX_MANIFEST);
  const digest = checkManifestDigest(bytes, reference);
  const document = parseDocument(bytes);
  const mediaType = request.headers['content-type'] ?? document.mediaType ?? '';
  if (document.mediaType !== undefined && document.mediaType !== mediaType) {
    throw new RegistryFailure(400, 'MANIFEST_INVALID', 'Content-Type is not the mediaType of the document');
  }
  checkChildren(document, content.repositories.get(name));
  await storeBytes(content.blobs, digest, bytes);
  await content.repositories.update(name, ({ manifests, tags }) => {
    manifests.set(digest, mediaType);
    if (!reference.includes(':')) tags.set(reference, digest);
  });
  const headers: Record<string, string> = {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
  };
  if (document.subject !== undefined) headers['oci-subject'] = document.subject.digest;
  return emptyReply(201, headers);
}

function checkManifestDigest(bytes: Buffer, reference: string): string {
  if (!reference.includes(':')) return sha256(bytes);
  try {
    verifyDigest(bytes, reference as Digest, 'manifest');
  } catch {
    throw new RegistryFailure(400, 'DIGEST_INVALID', 'the manifest has another digest');
  }
  return reference;
}

interface Document {
  mediaType?: string;
  artifactType?: string;
  config?: { digest: string; mediaType: string };
  layers?: { digest: string; urls?: string[] }[];
  manifests?: { digest: string }[];
  subject?: { digest: string };
  annotations?: Record<string, string>;
}

function parseDocument(bytes: Buffer): Document {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw new RegistryFailure(400, 'MANIFEST_INVALID', 'no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RegistryFailure(400, 'MANIFEST_INVALID', 'no JSON object');
  }
  return value;
}

function checkChildren(document: Document, repository: Repository | undefined): void {
  const layers = (document.layers ?? []).filter((layer) => layer.urls === undefined);
  const blobs = [...(document.config === undefined ? [] : [document.config]), ...layers];
  const missing =
    blobs.find(({ digest }) => repository?.blobs.has(digest) !== true) ??
    document.manifests?.find(({ digest }) => repository?.manifests.has(digest) !== true);
  if (missing === undefined) return;
  throw new RegistryFailure(404, 'MANIFEST_BLOB_UNKNOWN', `${missing.digest} has not been pushed`);
}

/** DELETE of /v2/NAME/manifests/REFERENCE: a tag alone, or a manifest with its tags. */
export async function deleteManifest(content: Content, name: string, reference: string): Promise<Reply> {
  const repository = content.repositories.get(name);
  const known = repository?.tags.has(reference) === true || repository?.manifests.has(reference) === true;
  if (!known) throw new RegistryFailure(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  await content.repositories.update(name, ({ manifests, tags }) => {
    manifests.delete(reference);
    for (const [tag, digest] of tags) if (tag === reference || digest === reference) tags.delete(tag);
  });
  return emptyReply(202);
}

/** GET of /v2/NAME/referrers/DIGEST (distribution-spec, "Listing Referrers"). */
export async function listReferrers(
  content: Content,
  name: string,
  subject: string,
  artifactType: string | null,
): Promise<Reply> {
  const found: Record<string, unknown>[] = [];
  for (const [digest, mediaType] of content.repositories.get(name)?.manifests ?? []) {
    const bytes = await readBytes(content.blobs, digest);
    if (bytes === undefined) continue;
    const document = parseDocument(bytes);
    const type = document.artifactType ?? document.config?.mediaType;
    if (document.subject?.digest !== subject || (artifactType !== null && artifactType !== type)) continue;
    const { annotations } = document;
    found.push({
      mediaType,
      digest,
      size: bytes.length,
      artifactType: type,
      ...(annotations && { annotations }),
    });
  }
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests: found });
  const headers: Record<string, string> = { 'content-type': mediaType };
  if (artifactType !== null) headers['oci-filters-applied'] = 'artifactType';
  return { status: 200, headers, body: bytesBody(Buffer.from(body)) };
}
