import { emptyReply, RegistryFailure } from './http.ts';
import type { Reply, ServiceRequest } from './http.ts';
import type { BlobStore } from './blobStore.ts';
import type { Content } from './manifests.ts';

/** GET and HEAD of /v2/NAME/blobs/DIGEST, with Range (RFC 9110, 14.2). */
export async function getBlob(
  content: Content,
  name: string,
  digest: string,
  request: ServiceRequest,
): Promise<Reply> {
  if (content.repositories.get(name)?.blobs.has(digest) !== true) throw unknown();
  return await serveBlob(content.blobs, digest, request.headers.range);
}

/** The blob, or the range of it. @throws RegistryFailure 404, 416 */
export async function serveBlob(blobs: BlobStore, digest: string, range: string | undefined): Promise<Reply> {
  const size = await blobs.size(digest);
  if (size === undefined) throw unknown();
  const part = parseRange(range, size);
  const { start, end } = part ?? { start: 0, end: size };
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  };
  if (part !== undefined) headers['content-range'] = `bytes ${start}-${end - 1}/${size}`;
  return {
    status: part === undefined ? 200 : 206,
    headers,
    body: { size: end - start, open: () => blobs.open(digest, start, end) },
  };
}

function unknown(): RegistryFailure {
  return new RegistryFailure(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
}

/** One range; a header that is none of ours is ignored, as RFC 9110 wants it. `end` is exclusive. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= size || start >= end) {
    throw new RegistryFailure(416, 'SIZE_INVALID', 'range not satisfiable', {
      'content-range': `bytes */${size}`,
    });
  }
  return { start, end };
}

/** DELETE of /v2/NAME/blobs/DIGEST: from this repository. */
export async function deleteBlob(content: Content, name: string, digest: string): Promise<Reply> {
  if (content.repositories.get(name)?.blobs.has(digest) !== true) throw unknown();
  await content.repositories.update(name, (repository) => repository.blobs.delete(digest));
  const { repositories } = content;
  const used = repositories.names.some((other) => repositories.get(other)?.blobs.has(digest));
  if (!used) await content.blobs.delete(digest);
  return emptyReply(202);
}
