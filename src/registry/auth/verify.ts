import { STATUS_CODES } from 'node:http';
import { isStrataError, StrataError } from '../../base/errors.ts';
import { registryHost } from '../../reference/index.ts';
import type { HttpResponse, Transport } from '../../transport/index.ts';
import { discardBody } from '../../transport/index.ts';
import { headerText, statusFailure } from '../failures.ts';
import { isSameOrigin } from '../paths.ts';
import type { Schemes } from '../scheme.ts';
import { parseChallenges } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { canonicalHost } from './credentials.ts';
import { basicAuthorization, TokenService } from './token.ts';

export interface VerifyOptions {
  readonly transport: Transport;
  readonly schemes: Schemes;
  readonly insecureHosts: readonly string[];
}

/** What is to be kept instead of the password, where the registry's token service gives such a thing. */
export interface Verified {
  readonly identityToken?: string;
}

/**
 * Asks `/v2/` of a registry with these credentials, its challenge answered (moby registry/auth.go, loginV2). A registry that asks
 * for none takes any. Nothing of it is kept.
 * @throws StrataError `registry-unauthorized` with Docker's sentence when they are refused, `registry-*`
 */
export async function verifyCredentials(
  { transport, schemes, insecureHosts }: VerifyOptions,
  domain: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Verified> {
  const host = canonicalHost(domain);
  const url = `${await schemes.base(registryHost(host), signal)}/v2/`;
  const first = await transport.request({ url, signal });
  if (first.status !== 401 || !isSameOrigin(first.url, url)) {
    await expectSuccess(first, host, url);
    return {};
  }
  discardBody(first);
  const challenges = parseChallenges(headerText(first, 'www-authenticate') ?? '');
  const bearer = challenges.find(({ scheme, params }) => scheme === 'bearer' && params.has('realm'));
  if (bearer === undefined) {
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      throw new StrataError('registry-invalid', { host, detail: 'it asks for a sign-in of an unknown kind' });
    }
    const authorization = basicAuthorization(credentials);
    await expectSuccess(await transport.request({ url, signal, authorization }), host, url);
    return {};
  }
  const tokens = new TokenService(transport, insecureHosts);
  const request = { host, name: host, scopes: [], credentials, login: true, signal };
  const { value, identityToken } = await tokens.fetch(bearer, request).catch((error: unknown) => {
    throw isStrataError(error, 'registry-unauthorized')
      ? refused(host, `Get "${url}": ${error.message}`)
      : error;
  });
  await expectSuccess(await transport.request({ url, signal, authorization: `Bearer ${value}` }), host, url);
  return identityToken === undefined ? {} : { identityToken };
}

async function expectSuccess(response: HttpResponse, host: string, url: string): Promise<void> {
  const { status } = response;
  if (status === 200) {
    discardBody(response);
    return;
  }
  const sentence = `login attempt to ${url} failed with status: ${status} ${STATUS_CODES[status] ?? ''}`;
  if (status === 401 || status === 403) {
    discardBody(response);
    throw refused(host, sentence);
  }
  const failure = await statusFailure(response, { host, name: host, what: 'api' });
  throw isStrataError(failure, 'registry-failed')
    ? new StrataError('registry-failed', { ...failure.params, sentence }, { retryable: failure.retryable })
    : failure;
}

function refused(host: string, sentence: string): StrataError {
  return new StrataError('registry-unauthorized', { host, name: host, signedIn: true, sentence });
}
