import { isStrataError } from '../../base/errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { digestAlgorithm, isDigest, verifyDigest } from '../../oci/digest.ts';
import { ACCEPTED_MANIFESTS } from '../../oci/mediaTypes.ts';
import type { Reference } from '../../reference/index.ts';
import { familiarName } from '../../reference/index.ts';
import type { HttpResponse } from '../../transport/index.ts';
import { discardBody } from '../../transport/index.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { ApiRequest, RegistryClient } from '../client.ts';
import type { Endpoint } from '../endpoints.ts';
import { headerText, statusFailure } from '../failures.ts';
import { blobPath, manifestPath, mountPath, uploadsPath } from '../paths.ts';
import { minChunkBytes, nextLocation } from './location.ts';
import type { RepositoryWriter, UploadRequest } from './types.ts';

/** Always the origin: a mirror takes nothing. */
export class OriginWriter implements RepositoryWriter {
  readonly #client: RegistryClient;
  readonly #authenticator: Authenticator;
  readonly #endpoint: Endpoint;
  readonly #ref: Reference;
  readonly #scopes: readonly string[];

  constructor(client: RegistryClient, authenticator: Authenticator, endpoint: Endpoint, ref: Reference) {
    this.#client = client;
    this.#authenticator = authenticator;
    this.#endpoint = endpoint;
    this.#ref = ref;
    this.#scopes = [`repository:${endpoint.repository}:pull,push`];
  }

  async hasBlob(digest: Digest, signal?: AbortSignal): Promise<boolean> {
    return await this.#has(blobPath(this.#endpoint.repository, digest), signal);
  }

  async hasManifest(digest: Digest, signal?: AbortSignal): Promise<boolean> {
    const path = manifestPath(this.#endpoint.repository, { ...this.#ref, digest });
    // docker-registry has none of a type that was not asked for.
    return await this.#has(path, signal, ACCEPTED_MANIFESTS.join(', '));
  }

  async mount(digest: Digest, from: string, signal?: AbortSignal): Promise<'mounted' | UploadRequest> {
    const { repository, host } = this.#endpoint;
    try {
      const response = await this.#send(mountPath(repository, digest, from), signal, {
        method: 'POST',
        // One token for both repositories (distribution, docs/spec/auth/scope.md).
        scopes: [...this.#scopes, `repository:${from}:pull`],
      });
      discardBody(response);
      if (response.status === 201) return 'mounted';
      if (response.status === 202) {
        const begun = { location: nextLocation(response, host), minChunkBytes: minChunkBytes(response) };
        return { ...(await this.uploadRequest(signal)), begun };
      }
    } catch (error) {
      signal?.throwIfAborted();
      // A mount is a favour: without it the blob is sent, and what really is wrong shows then.
      if (!isStrataError(error)) throw error;
    }
    return await this.uploadRequest(signal);
  }

  async uploadRequest(signal?: AbortSignal): Promise<UploadRequest> {
    const { host, repository } = this.#endpoint;
    const name = familiarName(this.#ref);
    const scopes = this.#scopes;
    const url = await this.#client.url(this.#endpoint, uploadsPath(repository), signal);
    const authorization = await this.#authenticator.current({ host, repository, name, scopes }, signal);
    return { url, host, name, repository, scopes, ...(authorization === undefined ? {} : { authorization }) };
  }

  async putManifest(
    reference: string,
    manifest: Parameters<RepositoryWriter['putManifest']>[1],
    signal?: AbortSignal,
  ): Promise<void> {
    const { tag: _, digest: __, ...name } = this.#ref;
    const ref = isDigest(reference) ? { ...name, digest: reference } : { ...name, tag: reference };
    const response = await this.#send(manifestPath(this.#endpoint.repository, ref), signal, {
      method: 'PUT',
      headers: { 'content-type': manifest.mediaType },
      body: manifest.bytes,
    });
    if (response.status < 200 || response.status > 299) throw await this.#failure(response);
    discardBody(response);
    const stored = headerText(response, 'docker-content-digest');
    // A registry that rewrites what it is given would have an image that nobody pushed.
    if (isDigest(stored) && digestAlgorithm(stored) === digestAlgorithm(manifest.digest)) {
      verifyDigest(manifest.bytes, stored, `the manifest that ${this.#endpoint.host} has taken`);
    }
  }

  async #has(path: string, signal: AbortSignal | undefined, accept?: string): Promise<boolean> {
    const response = await this.#send(path, signal, {
      method: 'HEAD',
      ...(accept === undefined ? {} : { accept }),
    });
    discardBody(response);
    if (response.status === 200) return true;
    // Some answer 400 or 405 to what they do not know: whether it can be sent will show.
    if (response.status < 500 && response.status !== 403 && response.status !== 429) return false;
    throw await this.#failure(response);
  }

  async #send(
    path: string,
    signal: AbortSignal | undefined,
    request: Partial<ApiRequest>,
  ): Promise<HttpResponse> {
    const name = familiarName(this.#ref);
    return await this.#client.send(this.#endpoint, {
      path,
      name,
      what: 'push',
      scopes: this.#scopes,
      ...request,
      signal,
    });
  }

  async #failure(response: HttpResponse): Promise<Error> {
    return await statusFailure(response, {
      host: this.#endpoint.host,
      name: familiarName(this.#ref),
      what: 'push',
    });
  }
}
