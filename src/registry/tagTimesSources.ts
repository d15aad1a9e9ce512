import { StrataError } from '../base/errors.ts';
import { MAX_TAG_TIME_PAGES } from '../base/limits.ts';
import type { HttpResponse } from '../transport/index.ts';
import { discardBody } from '../transport/index.ts';
import type { CredentialSource } from './auth/credentials.ts';
import { basicAuthorization } from './auth/token.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import { statusFailure } from './failures.ts';
import { readJson } from './pages.ts';
import { isTag } from './paths.ts';
import { objectsOf } from './search/fields.ts';
import type { HubApi } from './search/hub.ts';

export type TagTime = readonly [tag: string, time: string];

export interface TimesRequest {
  readonly client: RegistryClient;
  readonly credentials: CredentialSource;
  readonly endpoint: Endpoint;
  /** The repository as a person writes it. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

const PAGE_SIZE = 100;
/** What a project's images are hidden by. */
const REFUSALS = new Set([401, 403, 404]);
const WHAT = 'its list of tag times';
type Json = Readonly<Record<string, unknown>>;

/** docs.docker.com, "Docker Hub API", List repository tags: the newest first. */
export async function hubTimes(
  hub: HubApi,
  repository: string,
  signal: AbortSignal | undefined,
): Promise<TagTime[]> {
  const [namespace = '', ...rest] = repository.split('/');
  const path = `v2/namespaces/${namespace}/repositories/${rest.join('/')}/tags`;
  const times: TagTime[] = [];
  for (let page = 1; page <= MAX_TAG_TIME_PAGES; page += 1) {
    const document = await hub.get({
      path: `${path}?page=${page}&page_size=${PAGE_SIZE}`,
      what: WHAT,
      signal,
    });
    times.push(...timesOf(entries(document['results'], 'docker.io'), ['tag_last_pushed', 'last_updated']));
    if (typeof document['next'] !== 'string') break;
  }
  return times;
}

/** GitLab's registry, docs/spec/gitlab/api.md, List Repository Tags: at the registry's own host, with the same token. */
export async function gitlabTimes(request: TimesRequest): Promise<TagTime[]> {
  const times: TagTime[] = [];
  const path = `/gitlab/v1/repositories/${request.endpoint.repository}/tags/list/?n=${PAGE_SIZE}`;
  let last: string | undefined;
  for (let page = 0; page < MAX_TAG_TIME_PAGES; page += 1) {
    const query = last === undefined ? '' : `&last=${encodeURIComponent(last)}`;
    const list = entries(await ask(request, path + query, 'token'), request.endpoint.host);
    times.push(...timesOf(list, ['published_at', 'updated_at', 'created_at']));
    const name = list.at(-1)?.['name'];
    if (list.length < PAGE_SIZE || !isTag(name) || name === last) break;
    last = name;
  }
  return times;
}

/** Quay's API, "listRepoTags": the newest first. What is public is shown to anyone; the rest wants tokens that Quay gives to its own pages. */
export async function quayTimes(request: TimesRequest): Promise<TagTime[]> {
  const times: TagTime[] = [];
  const { host, repository } = request.endpoint;
  for (let page = 1; page <= MAX_TAG_TIME_PAGES; page += 1) {
    const path = `/api/v1/repository/${repository}/tag/?onlyActiveTags=true&limit=${PAGE_SIZE}&page=${page}`;
    const document = await ask(request, path, 'anyone');
    const isPage = typeof document === 'object' && document !== null && 'has_additional' in document;
    if (!isPage || !('tags' in document)) throw unknown(host);
    times.push(...timesOf(entries(document.tags, host), ['last_modified']));
    if (document.has_additional !== true) break;
  }
  return times;
}

/** Harbor's API 2.0, "listArtifacts": the newest first. It takes the registry's own user names and passwords. */
export async function harborTimes(request: TimesRequest): Promise<TagTime[]> {
  const { host, repository } = request.endpoint;
  const [project = '', ...rest] = repository.split('/');
  if (rest.length === 0) throw unknown(host);
  // Harbor decodes a name twice.
  const name = encodeURIComponent(encodeURIComponent(rest.join('/')));
  const base = `/api/v2.0/projects/${project}/repositories/${name}/artifacts?with_tag=true&page_size=${PAGE_SIZE}`;
  const times: TagTime[] = [];
  for (let page = 1; page <= MAX_TAG_TIME_PAGES; page += 1) {
    const artifacts = entries(await ask(request, `${base}&page=${page}`, 'password'), host);
    const tags = artifacts.flatMap((artifact) => objectsOf(artifact['tags']) ?? []);
    times.push(...timesOf(tags, ['push_time']));
    if (artifacts.length < PAGE_SIZE) break;
  }
  return times;
}

/**
 * @param access `token`: as the registry itself is asked. `password`: what takes no token of the registry, but its user names and
 * passwords, and they go to the registry's own host only. `anyone`: what takes neither.
 */
async function ask(
  request: TimesRequest,
  path: string,
  access: 'token' | 'password' | 'anyone',
): Promise<unknown> {
  const { client, endpoint, name, signal } = request;
  const { host } = endpoint;
  const question = { path, accept: 'application/json', name, what: 'api', signal } as const;
  let response: HttpResponse;
  if (access === 'token') response = await client.send({ ...endpoint, attempts: 1 }, question);
  else {
    response = await client.sendAs(endpoint, question, undefined);
    if (access === 'password' && REFUSALS.has(response.status)) {
      const credentials = await request.credentials.get(host);
      if (credentials !== undefined && 'username' in credentials) {
        discardBody(response);
        response = await client.sendAs(endpoint, question, basicAuthorization(credentials));
      }
    }
  }
  if (response.status !== 200) throw await statusFailure(response, { host, name, what: 'api' });
  return await readJson(response, host, WHAT);
}

function entries(value: unknown, host: string): readonly Json[] {
  const list = Array.isArray(value) ? objectsOf(value) : undefined;
  if (list === undefined) throw unknown(host);
  return list;
}

function unknown(host: string): StrataError {
  return new StrataError('registry-invalid', { host, detail: `${WHAT} cannot be read` });
}

/** The first of the keys that holds a time. Zero times of Go (year 1) are none. */
function timesOf(list: readonly Json[], keys: readonly string[]): TagTime[] {
  return list.flatMap((entry) => {
    const { name } = entry;
    const time = keys.map((key) => timeOf(entry[key])).find((value) => value !== undefined);
    return isTag(name) && time !== undefined ? [[name, time] as const] : [];
  });
}

function timeOf(value: unknown): string | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) || time <= 0 ? undefined : new Date(time).toISOString();
}
