import { describeError, isStrataError, StrataError } from '../../base/errors.ts';
import { PROBE_ATTEMPTS } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { Digest } from '../../oci/digest.ts';
import { isDigest } from '../../oci/digest.ts';
import type { HttpResponse, Transport } from '../../transport/index.ts';
import { redactText } from '../../transport/index.ts';
import { statusFailure } from '../failures.ts';
import { readObject } from '../pages.ts';
import { countOf, lineOf, objectsOf } from './fields.ts';
import type { SearchHit } from './types.ts';
import { readV1, v1Path } from './v1.ts';

/** Docker Hub's search as `docker search` asks it, and the API behind its own pages. */
const INDEX_URL = 'https://index.docker.io/';
const HUB_URL = 'https://hub.docker.com/';
/** Whom messages are about. */
const HOST = 'docker.io';
const OFFICIAL = 'library/';

interface HubOptions {
  readonly transport: Transport;
  readonly logger: Logger;
  /** What stands in for both addresses of Docker Hub: a proxy of it. */
  readonly hubUrl?: string;
}

interface HubRequest {
  /** Below the address. */
  readonly path: string;
  /** For messages: `its answer to a search` */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

/** Docker Hub's own API, which is no registry's. Nobody signs in: it wants other tokens than the registry. */
export class HubApi {
  readonly #transport: Transport;
  readonly #logger: Logger;
  readonly #index: string;
  readonly #hub: string;

  constructor({ transport, logger, hubUrl }: HubOptions) {
    this.#transport = transport;
    this.#logger = logger;
    const own = hubUrl === undefined ? undefined : `${hubUrl.replace(/\/+$/, '')}/`;
    this.#index = own ?? INDEX_URL;
    this.#hub = own ?? HUB_URL;
  }

  /** What `docker search` finds, in the same order. @throws StrataError `registry-*` */
  async search(term: string, limit: number, signal: AbortSignal | undefined): Promise<SearchHit[]> {
    const path = v1Path(term, limit);
    return readV1(
      await this.#ask(this.#index, { path, what: 'its answer to a search', signal }),
      HOST,
      limit,
    );
  }

  /** With counts of pulls, and with publishers where Hub tells them; as `search` where this newer API fails. */
  async searchWithDetails(
    term: string,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<SearchHit[]> {
    const [hits, publishers] = await Promise.all([
      this.#orUndefined(this.#repositories(term, limit, signal), signal),
      this.#orUndefined(this.#publishers(term, limit, signal), signal),
    ]);
    const found = hits ?? (await this.search(term, limit, signal));
    return found.map((hit) => {
      const publisher = publishers?.get(hit.name);
      return publisher === undefined || hit.official ? hit : { ...hit, publisher };
    });
  }

  /** docs.docker.com, "Docker Hub API", Read repository tag: sizes that cost no pull to learn. Fails by the signal only. */
  async imageSizes(
    repository: string,
    tag: string,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<Digest, number>> {
    const [namespace = '', ...rest] = repository.split('/');
    const path = `v2/namespaces/${namespace}/repositories/${rest.join('/')}/tags/${tag}`;
    const document = await this.#orUndefined(this.get({ path, what: 'its tag', signal }), signal);
    const images = objectsOf(document?.['images']) ?? [];
    const sizes = images.flatMap(({ digest, size }) =>
      isDigest(digest) ? [[digest, countOf(size)] as const] : [],
    );
    return new Map(sizes.filter(([, size]) => size > 0));
  }

  /** A small JSON object of `hub.docker.com`. @throws StrataError `registry-*` for other statuses than 200 */
  async get(request: HubRequest): Promise<Readonly<Record<string, unknown>>> {
    return await this.#ask(this.#hub, request);
  }

  /** docs.docker.com, "Docker Hub API": `/v2/search/repositories/`, which counts pulls. */
  async #repositories(term: string, limit: number, signal: AbortSignal | undefined): Promise<SearchHit[]> {
    const query = new URLSearchParams({ query: term, page_size: String(limit) });
    const path = `v2/search/repositories/?${query.toString()}`;
    const results = objectsOf((await this.get({ path, what: 'its answer to a search', signal }))['results']);
    if (results === undefined) {
      throw new StrataError('registry-invalid', { host: HOST, detail: 'its search results are no list' });
    }
    return results.slice(0, limit).map((result) => ({
      name: familiar(lineOf(result['repo_name'])),
      description: lineOf(result['short_description']),
      stars: countOf(result['star_count']),
      official: result['is_official'] === true,
      automated: result['is_automated'] === true,
      pulls: countOf(result['pull_count']),
    }));
  }

  /** The search behind hub.docker.com's own page: it alone names verified publishers and sponsored open source. */
  async #publishers(
    term: string,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, 'verified' | 'sponsored'>> {
    const query = new URLSearchParams({ query: term, from: '0', size: String(limit), type: 'image' });
    const path = `api/search/v3/catalog/search?${query.toString()}`;
    const results = objectsOf((await this.get({ path, what: 'its answer to a search', signal }))['results']);
    const known = (results ?? []).flatMap((result) => {
      const publisher = PUBLISHERS.get(lineOf(result['badge'] ?? result['source']));
      const name = familiar(lineOf(result['slug'] ?? result['name']));
      return publisher === undefined ? [] : [[name, publisher] as const];
    });
    return new Map(known);
  }

  async #ask(base: string, { path, what, signal }: HubRequest): Promise<Readonly<Record<string, unknown>>> {
    const response: HttpResponse = await this.#transport.request({
      url: new URL(path, base).href,
      headers: { accept: 'application/json' },
      attempts: PROBE_ATTEMPTS,
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status !== 200) {
      throw await statusFailure(response, { host: HOST, name: HOST, what: 'api' });
    }
    return await readObject(response, HOST, what);
  }

  async #orUndefined<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isStrataError(error)) throw error;
      this.#logger.debug(`Docker Hub's search is asked otherwise: ${redactText(describeError(error))}`);
      return undefined;
    }
  }
}

const PUBLISHERS: ReadonlyMap<string, 'verified' | 'sponsored'> = new Map([
  ['verified_publisher', 'verified'],
  ['open_source', 'sponsored'],
]);

/** Docker Hub calls its official images now `alpine`, now `library/alpine`. */
function familiar(name: string): string {
  return name.startsWith(OFFICIAL) ? name.slice(OFFICIAL.length) : name;
}
