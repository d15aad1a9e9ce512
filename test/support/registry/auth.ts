import { errorReply } from './http.ts';
import type { Handler, Middleware, Reply, ServiceRequest } from './http.ts';
import { parseRoute } from './routes.ts';
import type { Route } from './routes.ts';

/** What a request needs, in the words of a token's scope. */
export interface Access {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  readonly actions: readonly string[];
}

/** Nothing for /v2/ itself, which asks only for some identity, and for paths that are no registry's. */
export function neededAccess(request: ServiceRequest): Access[] {
  let route: Route | undefined;
  try {
    route = parseRoute(request.path);
  } catch {
    return [];
  }
  if (route === undefined || route.kind === 'base') return [];
  if (route.kind === 'catalog') return [{ type: 'registry', name: 'catalog', actions: ['*'] }];
  const needed: Access = { type: 'repository', name: route.name, actions: actionsOf(request.method) };
  const from = request.query.get('from');
  return from === null ? [needed] : [needed, { type: 'repository', name: from, actions: ['pull'] }];
}

function actionsOf(method: string): string[] {
  if (method === 'GET' || method === 'HEAD') return ['pull'];
  return method === 'DELETE' ? ['delete'] : ['pull', 'push'];
}

export function printScope({ type, name, actions }: Access): string {
  return `${type}:${name}:${actions.join(',')}`;
}

/** The user of a Basic header if the password is right, `wrong` if not, undefined without such a header. */
export function basicUser(
  header: string | undefined,
  users: Readonly<Record<string, string>>,
): { name: string } | 'wrong' | undefined {
  const encoded = /^basic (.+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const name = text.slice(0, text.indexOf(':'));
  return users[name] === text.slice(text.indexOf(':') + 1) ? { name } : 'wrong';
}

/** HTTP Basic (RFC 7617) before a registry, for everything. */
export function requireBasic(users: Readonly<Record<string, string>>): Middleware {
  return async (request: ServiceRequest, next: Handler): Promise<Reply> => {
    const user = basicUser(request.headers.authorization, users);
    if (user !== undefined && user !== 'wrong') return await next(request);
    return errorReply(401, 'UNAUTHORIZED', 'authentication required', {
      'www-authenticate': 'Basic realm="strata test registry"',
    });
  };
}
