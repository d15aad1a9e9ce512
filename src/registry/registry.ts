import { describeError, isStrataError, StrataError } from '../base/errors.ts';
import { DOCUMENT_ATTEMPTS, MAX_FOREIGN_URLS, MAX_LISTED, MIRROR_ATTEMPTS } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import type { Reference } from '../reference/index.ts';
import { familiarName, registryHost } from '../reference/index.ts';
import type { Transport } from '../transport/index.ts';
import { discardBody, redactText } from '../transport/index.ts';
import { Authenticator } from './auth/authenticator.ts';
import type { Credentials } from './auth/credentials.ts';
import { canonicalHost } from './auth/credentials.ts';
import type { Verified, VerifyOptions } from './auth/verify.ts';
import { verifyCredentials } from './auth/verify.ts';
import { fetchRepositories } from './catalog.ts';
import { RegistryClient } from './client.ts';
import { deleteTag } from './deleteTag.ts';
import type { Endpoint } from './endpoints.ts';
import { Endpoints } from './endpoints.ts';
import { brokeOff, statusFailure } from './failures.ts';
import { fetchManifest } from './manifest.ts';
import { blobPath, isSameOrigin } from './paths.ts';
import { fetchReferrers } from './referrers.ts';
import { Schemes } from './scheme.ts';
import { HubApi } from './search/hub.ts';
import { searchRegistry } from './search/searchRegistry.ts';
import type { SearchHit } from './search/types.ts';
import { fetchSmallBlob } from './smallBlob.ts';
import { fetchTags } from './tags.ts';
import { TagTimes } from './tagTimes.ts';
import type { RepositoryWriter } from './upload/types.ts';
import { OriginWriter } from './upload/writer.ts';
import type { BlobRequest } from './blobRequest.ts';
import type { ManifestAnswer, Registry, RegistryOptions, SearchRequest } from './types.ts';

const HUB_DOMAIN = 'docker.io';

/** Cheap: nothing is asked before the first call. Keeps tokens and what it learnt of hosts for as long as it lives. */
export function createRegistry(options: RegistryOptions): Registry {
  return new RemoteRegistry(options);
}

class RemoteRegistry implements Registry {
  readonly #transport: Transport;
  readonly #logger: Logger;
  readonly #endpoints: Endpoints;
  readonly #authenticator: Authenticator;
  readonly #client: RegistryClient;
  readonly #hub: HubApi;
  readonly #hasHubUrl: boolean;
  readonly #tagTimes: TagTimes;
  readonly #verifying: VerifyOptions;

  constructor(options: RegistryOptions) {
    this.#transport = options.transport;
    this.#logger = options.logger;
    this.#endpoints = new Endpoints(options.mirrors);
    this.#authenticator = new Authenticator(options);
    const schemes = new Schemes(options);
    this.#client = new RegistryClient(options.transport, schemes, this.#authenticator);
    this.#hub = new HubApi(options);
    this.#hasHubUrl = options.hubUrl !== undefined;
    this.#tagTimes = new TagTimes({ ...options, client: this.#client, hub: this.#hub });
    this.#verifying = { ...options, schemes };
  }

  manifest(ref: Reference, signal?: AbortSignal): Promise<ManifestAnswer> {
    return this.#fromFirst(ref, signal, (endpoint) => fetchManifest(this.#client, endpoint, ref, signal));
  }

  async blob(ref: Reference, descriptor: Descriptor, limit: number, signal?: AbortSignal): Promise<Buffer> {
    if (descriptor.size > limit) {
      throw new StrataError('too-large', { what: `blob ${descriptor.digest}`, limit });
    }
    return this.#fromFirst(ref, signal, (endpoint) =>
      fetchSmallBlob(this.#client, endpoint, ref, descriptor, signal),
    );
  }

  async blobSources(ref: Reference, descriptor: Descriptor, signal?: AbortSignal): Promise<BlobRequest[]> {
    const requests: BlobRequest[] = [];
    for (const endpoint of this.#endpoints.of(ref)) {
      const spare = !endpoint.mirror && requests.length > 0;
      // Behind a mirror the origin may well be out of reach: nobody waits for it twice.
      if (spare && this.#endpoints.isResting(endpoint)) continue;
      try {
        requests.push(await this.#blobRequest(endpoint, ref, descriptor, signal));
      } catch (error) {
        this.#passOver(endpoint, error, signal, spare);
      }
    }
    return [...requests, ...foreignRequests(ref, descriptor)];
  }

  async renewAuthorization(
    request: BlobRequest,
    challenge: string | undefined,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const { host, name, repository, authorization, scopes } = request;
    if (repository === undefined) return undefined;
    const target = { host, name, repository, ...(scopes === undefined ? {} : { scopes }) };
    if (request.accepted === true) this.#authenticator.accept(target, authorization);
    return this.#authenticator.answer(target, challenge, authorization, signal);
  }

  tags(ref: Reference, signal?: AbortSignal): Promise<string[]> {
    return this.#fromOrigin(ref, signal, (endpoint) => fetchTags(this.#client, endpoint, ref, signal));
  }

  async search(
    domain: string,
    term: string,
    { limit, details }: SearchRequest,
    signal?: AbortSignal,
  ): Promise<SearchHit[]> {
    const endpoint = hostEndpoint(domain);
    if (endpoint.host !== HUB_DOMAIN)
      return await searchRegistry(this.#client, endpoint, term, limit, signal);
    return details
      ? await this.#hub.searchWithDetails(term, limit, signal)
      : await this.#hub.search(term, limit, signal);
  }

  async repositories(domain: string, signal?: AbortSignal): Promise<string[]> {
    const found = new Set<string>();
    for await (const page of fetchRepositories(this.#client, hostEndpoint(domain), signal)) {
      for (const name of page) found.add(name);
    }
    return [...found].slice(0, MAX_LISTED);
  }

  async tagTimes(ref: Reference, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
    // Never a mirror's: it would tell when it fetched a tag.
    if (this.#isSilent(ref)) return new Map();
    return await this.#tagTimes.of(this.#endpoints.origin(ref), familiarName(ref), signal);
  }

  async imageSizes(ref: Reference, signal?: AbortSignal): Promise<ReadonlyMap<Digest, number>> {
    const { domain, path, tag } = ref;
    if (domain !== HUB_DOMAIN || tag === undefined || this.#isSilent(ref)) return new Map();
    return await this.#hub.imageSizes(path, tag, signal);
  }

  referrers(ref: Reference, digest: Digest, signal?: AbortSignal): Promise<readonly Descriptor[]> {
    return this.#fromOrigin(ref, signal, (endpoint) =>
      fetchReferrers(this.#client, endpoint, ref, digest, signal),
    );
  }

  async deleteTag(ref: Reference, signal?: AbortSignal): Promise<void> {
    await deleteTag(this.#client, this.#endpoints.origin(ref), ref, signal);
  }

  async verify(
    domain: string,
    credentials: Credentials,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Verified> {
    return await verifyCredentials(this.#verifying, domain, credentials, signal);
  }

  writer(ref: Reference): RepositoryWriter {
    return new OriginWriter(this.#client, this.#authenticator, this.#endpoints.origin(ref), ref);
  }

  async ping(domain: string, signal?: AbortSignal): Promise<void> {
    const endpoint = hostEndpoint(domain);
    const { host } = endpoint;
    const url = await this.#client.url(endpoint, '', signal);
    const response = await this.#transport.request({ url, ...(signal === undefined ? {} : { signal }) });
    if (response.status !== 200 && !(response.status === 401 && isSameOrigin(response.url, url))) {
      throw await statusFailure(response, { host, name: host, what: 'api' });
    }
    discardBody(response);
  }

  /** Extras are not waited for where nobody answered lately. What stands in for Docker Hub may answer all the same. */
  #isSilent(ref: Reference): boolean {
    if (ref.domain === HUB_DOMAIN && this.#hasHubUrl) return false;
    return this.#endpoints.isResting(this.#endpoints.origin(ref));
  }

  async #blobRequest(
    endpoint: Endpoint,
    ref: Reference,
    descriptor: Descriptor,
    signal: AbortSignal | undefined,
  ): Promise<BlobRequest> {
    const { host, repository, attempts } = endpoint;
    const name = familiarName(ref);
    const url = await this.#client.url(endpoint, blobPath(repository, descriptor.digest), signal);
    const authorization = await this.#authenticator.current({ host, repository, name }, signal);
    return {
      url,
      host,
      name,
      repository,
      ...(authorization === undefined ? {} : { authorization }),
      ...(attempts === undefined ? {} : { attempts }),
    };
  }

  /** Mirrors first; the origin's failure is the one that counts. */
  async #fromFirst<T>(
    ref: Reference,
    signal: AbortSignal | undefined,
    fetch: (endpoint: Endpoint) => Promise<T>,
  ): Promise<T> {
    for (const endpoint of this.#endpoints.of(ref)) {
      try {
        return await this.#whole(signal, () => fetch(endpoint));
      } catch (error) {
        this.#passOver(endpoint, error, signal);
      }
    }
    throw new Error('the origin is always among the endpoints');
  }

  /**
   * What changes and has no digest to be checked by: the origin's word counts, and mirrors are asked where it cannot be
   * reached. One that could not be reached lately is asked last.
   */
  async #fromOrigin<T>(
    ref: Reference,
    signal: AbortSignal | undefined,
    fetch: (endpoint: Endpoint) => Promise<T>,
  ): Promise<T> {
    const [origin, mirrors] = [this.#endpoints.origin(ref), this.#endpoints.mirrors(ref)];
    if (mirrors.length === 0) return await this.#whole(signal, () => fetch(origin));
    const hurried = { ...origin, attempts: MIRROR_ATTEMPTS };
    const resting = this.#endpoints.isResting(origin);
    let failure: unknown;
    for (const endpoint of resting ? [...mirrors, hurried] : [hurried, ...mirrors]) {
      try {
        return await this.#whole(signal, () => fetch(endpoint));
      } catch (error) {
        if (!endpoint.mirror) {
          if (resting || !isOutOfReach(error)) throw error;
          failure = error;
        }
        this.#passOver(endpoint, error, signal, true);
      }
    }
    throw failure;
  }

  /**
   * @param spare another endpoint serves
   * @throws the error unless it is a mirror's or a spare one's, after which the next endpoint is to be asked
   */
  #passOver(endpoint: Endpoint, error: unknown, signal: AbortSignal | undefined, spare = false): void {
    const optional = endpoint.mirror || spare;
    if (!optional || signal?.aborted === true || !isStrataError(error)) throw error;
    if (isOutOfReach(error)) this.#endpoints.rest(endpoint);
    const what = endpoint.mirror ? 'mirror' : 'registry';
    this.#logger.warn(`${what} ${endpoint.host} is passed over: ${redactText(describeError(error))}`);
  }

  /** A small document that broke off is asked for again from its beginning. */
  async #whole<T>(signal: AbortSignal | undefined, fetch: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await fetch();
      } catch (error) {
        if (!brokeOff(error) || attempt >= DOCUMENT_ATTEMPTS || signal?.aborted === true) throw error;
        this.#logger.debug(`asking again: ${describeError(error)}`);
      }
    }
  }
}

/** Where a name is blocked, it may lead to somebody else's server, whose certificate is not the registry's. */
function isOutOfReach(error: unknown): boolean {
  return isStrataError(error, 'registry-unreachable') || isStrataError(error, 'registry-tls');
}

/** A registry as a whole. */
function hostEndpoint(domain: string): Endpoint {
  const host = canonicalHost(domain);
  return { host, apiHost: registryHost(host), repository: '', mirror: false };
}

/** A foreign layer's own addresses, after the registry's: the registry is the better-known host (CVE-2020-15157: no credentials). */
function foreignRequests(ref: Reference, descriptor: Descriptor): BlobRequest[] {
  return (descriptor.urls ?? [])
    .filter((url) => /^https?:\/\//i.test(url) && URL.canParse(url))
    .slice(0, MAX_FOREIGN_URLS)
    .map((text) => {
      const url = new URL(text);
      url.username = '';
      url.password = '';
      return { url: url.href, host: url.host, name: familiarName(ref) };
    });
}
