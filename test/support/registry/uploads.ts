import { randomUUID } from 'node:crypto';
import type { BlobUpload } from './blobStore.ts';
import { emptyReply, RegistryFailure } from './http.ts';
import type { Reply, ServiceRequest } from './http.ts';
import type { Content } from './manifests.ts';
import { checkDigest } from './routes.ts';

/** Pushing blobs (distribution-spec, "Pushing Blobs"): monolithic, chunked, streamed, mounted. */
export class Uploads {
  readonly #content: Content;
  readonly #open = new Map<string, { readonly name: string; readonly upload: BlobUpload }>();

  constructor(content: Content) {
    this.#content = content;
  }

  /** POST of /v2/NAME/blobs/uploads/ */
  async start(name: string, request: ServiceRequest): Promise<Reply> {
    const { query } = request;
    const mount = query.get('mount');
    if (
      mount !== null &&
      this.#content.repositories.get(query.get('from') ?? '')?.blobs.has(mount) === true
    ) {
      return await this.#keep(name, checkDigest(mount));
    }
    const digest = query.get('digest');
    if (digest !== null) checkDigest(digest);
    const upload = await this.#content.blobs.begin();
    const id = randomUUID();
    this.#open.set(id, { name, upload });
    return digest === null ? accepted(name, id, 0) : await this.finish(name, id, request);
  }

  /** PATCH: the next chunk, or all of it streamed when there is no Content-Range. */
  async append(name: string, id: string, request: ServiceRequest): Promise<Reply> {
    const upload = this.#find(name, id);
    checkOrder(name, id, upload, request.headers['content-range']);
    await upload.append(request.body);
    return accepted(name, id, upload.size);
  }

  /** PUT: the last chunk, if any, and the digest of the whole. */
  async finish(name: string, id: string, request: ServiceRequest): Promise<Reply> {
    const upload = this.#find(name, id);
    const digest = checkDigest(request.query.get('digest'));
    checkOrder(name, id, upload, request.headers['content-range']);
    await upload.append(request.body);
    this.#open.delete(id);
    if (await upload.commit(digest)) return await this.#keep(name, digest);
    throw new RegistryFailure(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }

  /** GET: how much has arrived. */
  status(name: string, id: string): Reply {
    return { ...accepted(name, id, this.#find(name, id).size), status: 204 };
  }

  /** DELETE */
  async cancel(name: string, id: string): Promise<Reply> {
    await this.#find(name, id).discard();
    this.#open.delete(id);
    return emptyReply(204);
  }

  async close(): Promise<void> {
    for (const { upload } of this.#open.values()) await upload.discard();
    this.#open.clear();
  }

  async #keep(name: string, digest: string): Promise<Reply> {
    await this.#content.repositories.update(name, ({ blobs }) => blobs.add(digest));
    return emptyReply(201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
  }

  #find(name: string, id: string): BlobUpload {
    const found = this.#open.get(id);
    if (found?.name === name) return found.upload;
    throw new RegistryFailure(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  }
}

function accepted(name: string, id: string, size: number): Reply {
  return emptyReply(202, progress(name, id, size));
}

function progress(name: string, id: string, size: number): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    // Inclusive at both ends, so that nothing and one byte look the same: other registries have it so too.
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  };
}

function checkOrder(name: string, id: string, upload: BlobUpload, contentRange: string | undefined): void {
  if (contentRange === undefined) return;
  const start = /^(?:bytes )?(\d+)-\d+/.exec(contentRange)?.[1];
  if (Number(start) === upload.size) return;
  const headers = progress(name, id, upload.size);
  throw new RegistryFailure(416, 'BLOB_UPLOAD_INVALID', 'chunk out of order', headers);
}
