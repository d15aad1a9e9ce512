import { StrataError } from '../base/errors.ts';
import type { HttpMethod, HttpResponse, Transport } from '../transport/index.ts';
import { discardBody } from '../transport/index.ts';
import type { Authenticator, AuthTarget } from './auth/authenticator.ts';
import type { Endpoint } from './endpoints.ts';
import type { Asked } from './failures.ts';
import { headerText, statusFailure } from './failures.ts';
import { isSameOrigin } from './paths.ts';
import type { Schemes } from './scheme.ts';

export interface ApiRequest {
  /** Below `/v2/`, or a whole URL of the same host (the next page of a list). */
  readonly path: string;
  readonly accept?: string;
  /** The repository as a person writes it, and the image where one is asked for: for messages. */
  readonly name: string;
  readonly image?: string;
  readonly what: Asked['what'];
  readonly signal: AbortSignal | undefined;
  /** GET unless given. */
  readonly method?: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** What a token must allow, where pulling is not enough. */
  readonly scopes?: readonly string[];
}

/** Challenges answered for one request; the Authenticator ends chains before that. */
const MAX_CHALLENGES = 3;

/** Asks one endpoint of the API, answering its challenges. */
export class RegistryClient {
  readonly #transport: Transport;
  readonly #schemes: Schemes;
  readonly #authenticator: Authenticator;

  constructor(transport: Transport, schemes: Schemes, authenticator: Authenticator) {
    this.#transport = transport;
    this.#schemes = schemes;
    this.#authenticator = authenticator;
  }

  /** The URL of a path below `/v2/`. */
  async url(endpoint: Endpoint, path: string, signal: AbortSignal | undefined): Promise<string> {
    const base =
      endpoint.scheme === undefined
        ? await this.#schemes.base(endpoint.apiHost, signal)
        : `${endpoint.scheme}://${endpoint.apiHost}`;
    return new URL(path, `${base}/v2/`).href;
  }

  /** A GET that succeeded with 200. @throws StrataError for every other status */
  async get(endpoint: Endpoint, request: ApiRequest): Promise<HttpResponse> {
    const response = await this.send(endpoint, request);
    if (response.status === 200) return response;
    throw await statusFailure(response, { ...request, host: endpoint.host });
  }

  /** One GET with this Authorization or with none, for what is no part of the distribution API: one try, no challenge answered. */
  async sendAs(
    endpoint: Endpoint,
    { path, accept, signal }: ApiRequest,
    authorization: string | undefined,
  ): Promise<HttpResponse> {
    return await this.#transport.request({
      url: await this.url(endpoint, path, signal),
      attempts: 1,
      ...(accept === undefined ? {} : { headers: { accept } }),
      ...(authorization === undefined ? {} : { authorization }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** What is answered once all challenges are: any status but the origin's 401. */
  async send(endpoint: Endpoint, request: ApiRequest): Promise<HttpResponse> {
    const { signal, name, accept, method, body, scopes } = request;
    const url = await this.url(endpoint, request.path, signal);
    const { host, repository } = endpoint;
    const target: AuthTarget = { host, repository, name, ...(scopes === undefined ? {} : { scopes }) };
    const headers = { ...(accept === undefined ? {} : { accept }), ...request.headers };
    let authorization = await this.#authenticator.current(target, signal);
    for (let challenges = 0; challenges < MAX_CHALLENGES; challenges += 1) {
      const response = await this.#transport.request({
        url,
        headers,
        ...(method === undefined ? {} : { method }),
        ...(body === undefined ? {} : { body }),
        ...(authorization === undefined ? {} : { authorization }),
        ...(signal === undefined ? {} : { signal }),
        ...(endpoint.attempts === undefined ? {} : { attempts: endpoint.attempts }),
      });
      if (response.status !== 401 || !isSameOrigin(response.url, url)) {
        this.#authenticator.accept(target, authorization);
        return response;
      }
      const challenge = headerText(response, 'www-authenticate');
      discardBody(response);
      authorization = await this.#authenticator.answer(target, challenge, authorization, signal);
    }
    throw new StrataError('registry-unauthorized', { host, name, signedIn: true });
  }
}
