import { deleteBlob, getBlob } from './blobs.ts';
import { errorReply, jsonReply, RegistryFailure } from './http.ts';
import type { Handler, Reply, ServiceRequest } from './http.ts';
import { listRepositories, listTags } from './listings.ts';
import { deleteManifest, getManifest, listReferrers, putManifest } from './manifests.ts';
import type { Content } from './manifests.ts';
import { parseRoute } from './routes.ts';
import type { Route } from './routes.ts';
import type { Uploads } from './uploads.ts';

/** The distribution API over this content. */
export function createRouter(content: Content, uploads: Uploads): Handler {
  return async (request) => {
    try {
      const route = parseRoute(request.path);
      const reply =
        route === undefined
          ? errorReply(404, 'UNSUPPORTED', 'no such endpoint')
          : ((await dispatch(content, uploads, route, request)) ??
            errorReply(405, 'UNSUPPORTED', 'the operation is unsupported'));
      return withVersion(reply);
    } catch (error) {
      if (error instanceof RegistryFailure) return withVersion(error.reply);
      throw error;
    }
  };
}

function withVersion(reply: Reply): Reply {
  return { ...reply, headers: { 'docker-distribution-api-version': 'registry/2.0', ...reply.headers } };
}

/** Undefined where the endpoint has no such method. */
async function dispatch(
  content: Content,
  uploads: Uploads,
  route: Route,
  request: ServiceRequest,
): Promise<Reply | undefined> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  switch (route.kind) {
    case 'base':
      return method === 'GET' ? jsonReply(200, {}) : undefined;
    case 'catalog':
      return method === 'GET' ? listRepositories(content, request) : undefined;
    case 'tags':
      return method === 'GET' ? listTags(content, route.name, request) : undefined;
    case 'manifest':
      if (method === 'GET') return await getManifest(content, route.name, route.reference, request);
      if (method === 'PUT') return await putManifest(content, route.name, route.reference, request);
      return method === 'DELETE' ? await deleteManifest(content, route.name, route.reference) : undefined;
    case 'blob':
      if (method === 'GET') return await getBlob(content, route.name, route.digest, request);
      return method === 'DELETE' ? await deleteBlob(content, route.name, route.digest) : undefined;
    case 'uploads':
      return method === 'POST' ? await uploads.start(route.name, request) : undefined;
    case 'upload':
      if (method === 'PATCH') return await uploads.append(route.name, route.id, request);
      if (method === 'PUT') return await uploads.finish(route.name, route.id, request);
      if (method === 'GET') return uploads.status(route.name, route.id);
      return method === 'DELETE' ? await uploads.cancel(route.name, route.id) : undefined;
    case 'referrers': {
      if (method !== 'GET') return undefined;
      const artifactType = request.query.get('artifactType');
      return await listReferrers(content, route.name, route.digest, artifactType);
    }
  }
}
