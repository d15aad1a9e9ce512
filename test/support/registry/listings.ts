import { jsonReply, RegistryFailure } from './http.ts';
import type { Reply, ServiceRequest } from './http.ts';
import type { Content } from './manifests.ts';

/** GET of /v2/NAME/tags/list (distribution-spec, "Listing Tags"). */
export function listTags(content: Content, name: string, request: ServiceRequest): Reply {
  const repository = content.repositories.get(name);
  if (repository === undefined) {
    throw new RegistryFailure(404, 'NAME_UNKNOWN', 'repository name not known to registry');
  }
  const { page, headers } = paginate([...repository.tags.keys()].sort(), request);
  return jsonReply(200, { name, tags: page }, headers);
}

/** GET of /v2/_catalog */
export function listRepositories(content: Content, request: ServiceRequest): Reply {
  const { page, headers } = paginate(content.repositories.names, request);
  return jsonReply(200, { repositories: page }, headers);
}

/** The `n` names after `last`, and the Link to the next page where there is one (RFC 8288). */
function paginate(
  sorted: readonly string[],
  { path, query }: ServiceRequest,
): { page: string[]; headers: Record<string, string> } {
  const last = query.get('last');
  const rest = last === null ? sorted : sorted.filter((name) => name > last);
  const n = query.get('n');
  const limit = n === null ? rest.length : Number(n);
  if (!Number.isInteger(limit) || limit < 0) {
    throw new RegistryFailure(400, 'PAGINATION_NUMBER_INVALID', 'invalid number of results requested');
  }
  const page = rest.slice(0, limit);
  const next = page.at(-1);
  if (next === undefined || page.length === rest.length) return { page, headers: {} };
  const link = `<${path}?${new URLSearchParams({ n: String(limit), last: next }).toString()}>; rel="next"`;
  return { page, headers: { link } };
}
