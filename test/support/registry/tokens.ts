import { randomBytes } from 'node:crypto';
import { basicUser, neededAccess, printScope } from './auth.ts';
import type { Access } from './auth.ts';
import { errorReply, jsonReply, readRequest } from './http.ts';
import type { Middleware, Reply, ServiceRequest } from './http.ts';
import { startService } from './service.ts';
import type { Service } from './service.ts';

const MAX_FORM = 64 * 1024;
const SERVICE = 'strata test registry';

export interface TokenOptions {
  /** Password by name. */
  readonly users?: Readonly<Record<string, string>>;
  /** User by identity token (OAuth2 refresh token) that was handed out before the test. */
  readonly identityTokens?: Readonly<Record<string, string>>;
  /** Seconds that a token lives; 300 unless given. */
  readonly expiresIn?: number;
  /** Who may do what; unless given, users may do everything and anonymous ones pull. */
  readonly allows?: (
    user: string | undefined,
    access: { type: string; name: string; action: string },
  ) => boolean;
}

/** The token endpoint of a registry, on an origin of its own (distribution's docs/spec/auth: token.md, oauth.md). */
export interface TokenService extends Service {
  /** Token requests that were answered with a token. */
  readonly issued: { readonly get: number; readonly post: number };
  /** Every token handed out so far is refused from now on, as if its time were up. */
  revokeAll(): void;
  /** Stands before the registry. */
  readonly guard: Middleware;
}

interface Grant {
  readonly scopes: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export async function startTokenService(options: TokenOptions = {}): Promise<TokenService> {
  const issuer = new Issuer(options);
  const service = await startService((request) => issuer.answer(request));
  return {
    ...service,
    issued: issuer.issued,
    revokeAll: () => issuer.revokeAll(),
    guard: issuer.guard(`${service.url}/token`),
  };
}

class Issuer {
  readonly issued = { get: 0, post: 0 };
  readonly #options: TokenOptions;
  readonly #tokens = new Map<string, Grant>();
  readonly #refreshTokens: Map<string, string>;

  constructor(options: TokenOptions) {
    this.#options = options;
    this.#refreshTokens = new Map(Object.entries(options.identityTokens ?? {}));
  }

  revokeAll(): void {
    this.#tokens.clear();
  }

  async answer(request: ServiceRequest): Promise<Reply> {
    if (request.path !== '/token') return errorReply(404, 'UNSUPPORTED', 'no such endpoint');
    if (request.method === 'GET') return this.#get(request);
    if (request.method === 'POST') return await this.#post(request);
    return errorReply(405, 'UNSUPPORTED', 'GET or POST');
  }

  #get({ query, headers }: ServiceRequest): Reply {
    const user = basicUser(headers.authorization, this.#options.users ?? {});
    if (user === 'wrong') return denied();
    this.issued.get++;
    const token = this.#issue(user?.name, query.getAll('scope'));
    const body: Record<string, unknown> = { token, access_token: token, ...this.#times() };
    if (user !== undefined && query.get('offline_token') === 'true') {
      body['refresh_token'] = this.#refreshToken(user.name);
    }
    return jsonReply(200, body);
  }

  async #post(request: ServiceRequest): Promise<Reply> {
    const form = new URLSearchParams((await readRequest(request, MAX_FORM)).toString());
    const user = this.#oauthUser(form);
    if (user === undefined) return denied();
    this.issued.post++;
    const scope = form.get('scope') ?? '';
    const body: Record<string, unknown> = {
      access_token: this.#issue(user, scope.split(' ')),
      scope,
      ...this.#times(),
    };
    if (form.get('grant_type') === 'refresh_token') body['refresh_token'] = form.get('refresh_token');
    else if (form.get('access_type') === 'offline') body['refresh_token'] = this.#refreshToken(user);
    return jsonReply(200, body);
  }

  #oauthUser(form: URLSearchParams): string | undefined {
    if (!form.has('service') || !form.has('client_id')) return undefined;
    if (form.get('grant_type') === 'refresh_token') {
      return this.#refreshTokens.get(form.get('refresh_token') ?? '');
    }
    const name = form.get('username') ?? '';
    return this.#options.users?.[name] === form.get('password') ? name : undefined;
  }

  #refreshToken(user: string): string {
    const token = `refresh-${randomBytes(12).toString('hex')}`;
    this.#refreshTokens.set(token, user);
    return token;
  }

  #times(): Record<string, unknown> {
    return { expires_in: this.#options.expiresIn ?? 300, issued_at: new Date().toISOString() };
  }

  /** Opaque, and granting as much of what was asked for as the user may have. */
  #issue(user: string | undefined, scopes: readonly string[]): string {
    const allows = this.#options.allows ?? ((name, { action }) => name !== undefined || action === 'pull');
    const granted = scopes.flatMap(singleScopes).filter((access) => allows(user, access));
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, {
      scopes: new Set(granted.map(({ type, name, action }) => printScope({ type, name, actions: [action] }))),
      expires: Date.now() + (this.#options.expiresIn ?? 300) * 1000,
    });
    return token;
  }

  guard(realm: string): Middleware {
    return async (request, next) => {
      const needed = neededAccess(request);
      const problem = this.#problem(request.headers.authorization, needed);
      if (problem === undefined) return await next(request);
      const scope = needed.length === 0 ? '' : `,scope="${needed.map(printScope).join(' ')}"`;
      const error = problem === 'missing' ? '' : `,error="${problem}"`;
      return errorReply(401, 'UNAUTHORIZED', 'authentication required', {
        'www-authenticate': `Bearer realm="${realm}",service="${SERVICE}"${scope}${error}`,
      });
    };
  }

  #problem(
    header: string | undefined,
    needed: readonly Access[],
  ): 'missing' | 'invalid_token' | 'insufficient_scope' | undefined {
    const token = /^bearer (.+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) return 'missing';
    const grant = this.#tokens.get(token);
    if (grant === undefined || grant.expires <= Date.now()) return 'invalid_token';
    const wanted = needed.flatMap((access) =>
      access.actions.map((action) => printScope({ ...access, actions: [action] })),
    );
    return wanted.every((scope) => grant.scopes.has(scope)) ? undefined : 'insufficient_scope';
  }
}

function denied(): Reply {
  return errorReply(401, 'UNAUTHORIZED', 'incorrect username or password');
}

/** `repository:a/b:pull,push` as one access for each action; names may hold a colon (a port). */
function singleScopes(scope: string): { type: Access['type']; name: string; action: string }[] {
  const match = /^(repository|registry):(.+):([^:]+)$/.exec(scope);
  if (match === null) return [];
  const [, type, name = '', actions = ''] = match;
  return actions.split(',').map((action) => ({ type: type as Access['type'], name, action }));
}
