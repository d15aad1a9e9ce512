import { StrataError } from '../../base/errors.ts';
import { DEFAULT_TOKEN_LIFE_S, MAX_SMALL_RESPONSE_BYTES } from '../../base/limits.ts';
import type { HttpResponse, Transport } from '../../transport/index.ts';
import { discardBody, HostList, isLoopbackHost, portOf, readBody } from '../../transport/index.ts';
import { errorMessage, isObject, statusFailure } from '../failures.ts';
import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';

export interface Token {
  readonly value: string;
  /** Milliseconds of life left when it came. */
  readonly lifeMs: number;
  /** With `login`, from services that give one: what stands in for the password from now on. */
  readonly identityToken?: string;
}

/** For whom a token is asked. */
export interface TokenRequest {
  readonly host: string;
  /** The repository as a person writes it, for messages. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  /** The credentials are being tried: an identity token is asked for, and a refusal is told in the service's words. */
  readonly login?: boolean;
  readonly signal: AbortSignal;
}

/** The client_id of OAuth2 token requests: any name, for the service's logs. */
const CLIENT_ID = 'strata';

/** Asks token services as Docker's "Token Authentication Specification" and its OAuth2 sister say. */
export class TokenService {
  readonly #transport: Transport;
  readonly #insecure: HostList;

  constructor(transport: Transport, insecureHosts: readonly string[]) {
    this.#transport = transport;
    this.#insecure = new HostList(insecureHosts, { subdomains: false });
  }

  /** @throws StrataError `registry-unauthorized` when the service refuses, `registry-invalid` for a realm or answer that cannot be */
  async fetch(challenge: Challenge, request: TokenRequest): Promise<Token> {
    const realm = this.#realm(challenge, request);
    const service = challenge.params.get('service');
    const { credentials } = request;
    let response: HttpResponse | undefined;
    if (credentials !== undefined && 'identityToken' in credentials) {
      response = await this.#post(realm, service, credentials.identityToken, request);
      // Some services know GET only; containerd falls back in the same way.
      if (response.status === 404 || response.status === 405) {
        discardBody(response);
        response = undefined;
      }
    }
    response ??= await this.#get(realm, service, request);
    if (response.status !== 200) throw await refusal(response, request);
    return readToken(response, request);
  }

  #realm(challenge: Challenge, request: TokenRequest): URL {
    const { host } = request;
    const text = challenge.params.get('realm') ?? '';
    const realm = URL.canParse(text) ? new URL(text) : undefined;
    if (realm === undefined || (realm.protocol !== 'https:' && realm.protocol !== 'http:')) {
      throw new StrataError('registry-invalid', { host, detail: 'it names no address for its tokens' });
    }
    realm.username = '';
    realm.password = '';
    realm.hash = '';
    const guarded =
      realm.protocol === 'https:' ||
      isLoopbackHost(realm.host) ||
      this.#insecure.has(realm.hostname, portOf(realm));
    if (request.credentials !== undefined && !guarded) {
      const detail = `it wants credentials sent over plain HTTP to ${realm.host}`;
      throw new StrataError('registry-invalid', { host, detail });
    }
    return realm;
  }

  #get(realm: URL, service: string | undefined, request: TokenRequest): Promise<HttpResponse> {
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set('service', service);
    for (const scope of request.scopes) url.searchParams.append('scope', scope);
    const { credentials } = request;
    if (request.login === true && credentials !== undefined && 'username' in credentials) {
      url.searchParams.set('account', credentials.username);
      url.searchParams.set('client_id', CLIENT_ID);
      url.searchParams.set('offline_token', 'true');
    }
    const authorization = credentials && basicAuthorization(credentials);
    return this.#transport.request({
      url: url.href,
      signal: request.signal,
      ...(authorization === undefined ? {} : { authorization }),
    });
  }

  #post(
    realm: URL,
    service: string | undefined,
    identityToken: string,
    request: TokenRequest,
  ): Promise<HttpResponse> {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID });
    if (service !== undefined) form.set('service', service);
    form.set('scope', request.scopes.join(' '));
    form.set('refresh_token', identityToken);
    return this.#transport.request({
      url: realm.href,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      signal: request.signal,
    });
  }
}

/** Basic (RFC 7617); an identity token goes as a password without a name, as containerd sends it. */
export function basicAuthorization(credentials: Credentials): string {
  const pair =
    'identityToken' in credentials
      ? `:${credentials.identityToken}`
      : `${credentials.username}:${credentials.password}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

async function refusal(response: HttpResponse, request: TokenRequest): Promise<StrataError> {
  const { host, name } = request;
  const signedIn = request.credentials !== undefined;
  // Services answer a wrong refresh token with 400 (RFC 6749, section 5.2), a wrong password with 401 or 403.
  if (response.status === 401 || response.status === 403 || (response.status === 400 && signedIn)) {
    if (request.login !== true && !request.scopes.some(isForPush)) {
      discardBody(response);
      return new StrataError('registry-unauthorized', { host, name, signedIn });
    }
    const detail = await errorMessage(response);
    const sentence = `unauthorized: ${detail === '' ? 'authentication required' : detail}`;
    return new StrataError('registry-unauthorized', { host, name, signedIn, sentence });
  }
  return statusFailure(response, { host, name, what: 'token' });
}

const isForPush = (scope: string): boolean => scope.split(':').at(-1)?.split(',').includes('push') === true;

async function readToken(response: HttpResponse, request: TokenRequest): Promise<Token> {
  const invalid = (detail: string): StrataError =>
    new StrataError('registry-invalid', { host: request.host, detail });
  const bytes = await readBody(response, MAX_SMALL_RESPONSE_BYTES, 'a token');
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('its token is no JSON');
  }
  if (!isObject(document)) throw invalid('its token is no JSON object');
  const value = text(document['token']) ?? text(document['access_token']);
  // What is no visible ASCII could not be sent back in a header.
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) throw invalid('its token service gave no token');
  const identityToken = request.login === true ? text(document['refresh_token']) : undefined;
  return {
    value,
    lifeMs: lifeMs(document['expires_in'], document['issued_at']),
    ...(identityToken === undefined ? {} : { identityToken }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `issued_at` counts only where it is plausible: the clocks of two machines may differ by hours. */
function lifeMs(expiresIn: unknown, issuedAt: unknown): number {
  const life =
    (typeof expiresIn === 'number' && expiresIn > 0 && Number.isFinite(expiresIn)
      ? expiresIn
      : DEFAULT_TOKEN_LIFE_S) * 1000;
  const age = typeof issuedAt === 'string' ? Date.now() - Date.parse(issuedAt) : 0;
  return age > 0 && age < life ? life - age : life;
}
