import { StrataError } from '../base/errors.ts';
import { MAX_CONCURRENT_LOOKUPS, MAX_TAGS_COMPARED } from '../base/limits.ts';
import type { Digest } from '../oci/digest.ts';
import { isDigest } from '../oci/digest.ts';
import { ACCEPTED_MANIFESTS, isIndexType } from '../oci/mediaTypes.ts';
import { parseIndex } from '../oci/parse.ts';
import type { Reference } from '../reference/index.ts';
import { familiarName, familiarString } from '../reference/index.ts';
import { discardBody } from '../transport/index.ts';
import { deleteScope } from './auth/authenticator.ts';
import type { ApiRequest, RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { headerText, statusFailure } from './failures.ts';
import { fetchManifest } from './manifest.ts';
import { manifestPath } from './paths.ts';
import { fetchTags } from './tags.ts';

/** What registries answer that delete nothing, or nothing by its tag: docker-registry 2.8 says 400. */
const UNSUPPORTED = new Set([400, 404, 405, 415, 501]);

/**
 * Deletes one tag (distribution spec, "deleting tags"). A registry that deletes by digest only is asked for that where it is
 * certain that no other tag loses anything by it.
 * @throws StrataError `registry-not-found`, `delete-unsupported`
 */
export async function deleteTag(
  client: RegistryClient,
  endpoint: Endpoint,
  ref: Reference,
  signal: AbortSignal | undefined,
): Promise<void> {
  const repository = new TaggedRepository(client, endpoint, ref, signal);
  const name = familiarString(ref);
  if ((await repository.lookUp(ref)) === undefined) {
    throw new StrataError('registry-not-found', { host: endpoint.host, name });
  }
  if (await repository.delete(ref)) return;
  // A deletion whose answer was lost leaves nothing to delete a second time.
  const digest = await repository.lookUp(ref);
  if (digest === undefined) return;
  const refuse = (sharedWith?: string): StrataError =>
    new StrataError('delete-unsupported', { host: endpoint.host, name, sharedWith });
  const others = (await fetchTags(client, endpoint, ref, signal)).filter((tag) => tag !== ref.tag);
  if (others.length > MAX_TAGS_COMPARED) throw refuse();
  const sharedWith = await repository.tagThatNeeds(digest, others);
  if (sharedWith !== undefined) throw refuse(sharedWith);
  const { domain, path } = ref;
  if (!(await repository.delete({ domain, path, digest }))) throw refuse();
}

class TaggedRepository {
  readonly #client: RegistryClient;
  readonly #endpoint: Endpoint;
  readonly #ref: Reference;
  readonly #signal: AbortSignal | undefined;
  readonly #indexes = new Map<Digest, Promise<ReadonlySet<Digest>>>();

  constructor(client: RegistryClient, endpoint: Endpoint, ref: Reference, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#endpoint = endpoint;
    this.#ref = ref;
    this.#signal = signal;
  }

  /** The digest behind a tag, if it is there. */
  async lookUp(ref: Reference): Promise<Digest | undefined> {
    return (await this.#head(ref))?.digest;
  }

  /** False where the registry has no such operation, or nothing by that name. */
  async delete(ref: Reference): Promise<boolean> {
    const request = this.#request(ref, 'DELETE');
    const { repository, host } = this.#endpoint;
    const response = await this.#client.send(this.#endpoint, {
      ...request,
      scopes: [deleteScope(repository)],
    });
    if (UNSUPPORTED.has(response.status)) {
      discardBody(response);
      return false;
    }
    if (response.status < 200 || response.status > 299) {
      throw await statusFailure(response, { ...request, host });
    }
    discardBody(response);
    return true;
  }

  /** One of these tags whose image is the manifest, or an index that lists it. */
  async tagThatNeeds(digest: Digest, tags: readonly string[]): Promise<string | undefined> {
    const left = [...tags];
    let found: string | undefined;
    const look = async (): Promise<void> => {
      for (let tag = left.shift(); tag !== undefined && found === undefined; tag = left.shift()) {
        const { domain, path } = this.#ref;
        const head = await this.#head({ domain, path, tag });
        if (head === undefined) continue;
        const needs =
          head.digest === digest || (head.isIndex && (await this.#children(head.digest)).has(digest));
        if (needs) found ??= tag;
      }
    };
    await Promise.all(Array.from({ length: MAX_CONCURRENT_LOOKUPS }, look));
    return found;
  }

  async #head(ref: Reference): Promise<{ digest: Digest; isIndex: boolean } | undefined> {
    const request = this.#request(ref, 'HEAD');
    const response = await this.#client.send(this.#endpoint, request);
    const { host } = this.#endpoint;
    if (response.status !== 200 && response.status !== 404) {
      throw await statusFailure(response, { ...request, host });
    }
    discardBody(response);
    if (response.status === 404) return undefined;
    const digest = headerText(response, 'docker-content-digest');
    const mediaType = headerText(response, 'content-type')?.split(';', 1)[0]?.trim() ?? '';
    if (isDigest(digest)) return { digest, isIndex: isIndexType(mediaType) };
    const answer = await fetchManifest(this.#client, this.#endpoint, ref, this.#signal);
    return { digest: answer.digest, isIndex: isIndexType(answer.mediaType) };
  }

  #children(digest: Digest): Promise<ReadonlySet<Digest>> {
    const known = this.#indexes.get(digest) ?? this.#readIndex(digest);
    this.#indexes.set(digest, known);
    return known;
  }

  async #readIndex(digest: Digest): Promise<ReadonlySet<Digest>> {
    const { domain, path } = this.#ref;
    const ref = { domain, path, digest };
    const { bytes, mediaType } = await fetchManifest(this.#client, this.#endpoint, ref, this.#signal);
    return new Set(parseIndex(bytes, familiarString(ref), mediaType).manifests.map((entry) => entry.digest));
  }

  #request(ref: Reference, method: 'HEAD' | 'DELETE'): ApiRequest {
    return {
      path: manifestPath(this.#endpoint.repository, ref),
      method,
      accept: ACCEPTED_MANIFESTS.join(', '),
      name: familiarName(ref),
      image: familiarString(ref),
      what: 'manifest',
      signal: this.#signal,
    };
  }
}
