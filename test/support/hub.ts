import { jsonReply, errorReply } from './registry/http.ts';
import type { Reply, ServiceRequest } from './registry/http.ts';
import { startService } from './registry/service.ts';
import type { Service } from './registry/service.ts';

/** A repository as Docker Hub's search and tag API know it. */
interface HubRepository {
  /** `alpine`, `team/app` */
  readonly name: string;
  readonly description?: string;
  readonly stars?: number;
  readonly official?: boolean;
  readonly automated?: boolean;
  readonly pulls?: number;
  /** As the search behind Hub's own page says it: `verified_publisher`, `open_source`. */
  readonly badge?: string;
  /** Times by tag, RFC 3339. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Compressed bytes by digest, the same for each tag. */
  readonly sizes?: Readonly<Record<string, number>>;
}

interface HubOptions {
  readonly repositories: readonly HubRepository[];
  /** False leaves nothing but `/v1/search`, which other registries than Hub have too. */
  readonly newer?: boolean;
}

/**
 * What stands in for Docker Hub's search and tag API, which no test can reach: the v1 search that `docker search` asks, the API
 * that docs.docker.com describes, and the search behind hub.docker.com. Finds what contains the term, in the given order.
 */
export async function startHub({ repositories, newer = true }: HubOptions): Promise<Service> {
  return await startService((request) => Promise.resolve(answer(repositories, newer, request)));
}

function answer(repositories: readonly HubRepository[], newer: boolean, request: ServiceRequest): Reply {
  const { path, query } = request;
  const found = (term: string | null, limit: string | null): readonly HubRepository[] =>
    repositories.filter(({ name }) => name.includes(term ?? '')).slice(0, Number(limit ?? 25));
  if (path === '/v1/_ping') return jsonReply(200, true, { 'x-docker-registry-standalone': 'true' });
  if (path === '/v1/search') {
    const results = found(query.get('q'), query.get('n')).map(v1Result);
    return jsonReply(200, { num_results: results.length, query: query.get('q'), results });
  }
  if (!newer) return errorReply(404, 'NOT_FOUND', 'no such endpoint');
  if (path === '/v2/search/repositories/') {
    const results = found(query.get('query'), query.get('page_size')).map(v2Result);
    return jsonReply(200, { count: results.length, next: '', previous: '', results });
  }
  if (path === '/api/search/v3/catalog/search') {
    const results = found(query.get('query'), query.get('size')).map(({ name, badge = 'none' }) => ({
      id: name,
      name,
      slug: name,
      type: 'image',
      badge,
    }));
    return jsonReply(200, { total: results.length, results });
  }
  return tagAnswer(repositories, request);
}

function v1Result({ name, description, stars, official, automated }: HubRepository): unknown {
  return {
    name,
    description: description ?? '',
    star_count: stars ?? 0,
    is_official: official ?? false,
    is_automated: automated ?? false,
    is_trusted: automated ?? false,
  };
}

function v2Result(repository: HubRepository): unknown {
  const { name, description, stars, official, automated, pulls } = repository;
  return {
    repo_name: official === true ? `library/${name}` : name,
    short_description: description ?? '',
    star_count: stars ?? 0,
    pull_count: pulls ?? 0,
    repo_owner: '',
    is_official: official ?? false,
    is_automated: automated ?? false,
  };
}

/** `GET /v2/namespaces/N/repositories/R/tags[/T]`, the newest first. */
function tagAnswer(repositories: readonly HubRepository[], { path, query }: ServiceRequest): Reply {
  const match = /^\/v2\/namespaces\/([^/]+)\/repositories\/([^/]+)\/tags(?:\/([^/]+))?$/.exec(path);
  const [, namespace = '', short = '', tag] = match ?? [];
  const name = namespace === 'library' ? short : `${namespace}/${short}`;
  const repository = repositories.find((each) => each.name === name);
  if (match === null || repository === undefined) {
    return jsonReply(404, { message: 'object not found', errinfo: {} });
  }
  const images = Object.entries(repository.sizes ?? {}).map(([digest, size]) => ({ digest, size }));
  const all = Object.entries(repository.tags ?? {})
    .toSorted(([, a], [, b]) => Date.parse(b) - Date.parse(a))
    .map(([each, time]) => ({ name: each, last_updated: time, tag_last_pushed: time, images }));
  if (tag !== undefined) return jsonReply(200, all.find((each) => each.name === tag) ?? {});
  const size = Number(query.get('page_size') ?? 10);
  const page = Number(query.get('page') ?? 1);
  const next = page * size < all.length ? `https://hub.docker.com${path}?page=${page + 1}` : null;
  return jsonReply(200, { count: all.length, next, results: all.slice((page - 1) * size, page * size) });
}
