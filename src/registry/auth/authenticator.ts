import { describeError, isStrataError, StrataError } from '../../base/errors.ts';
import { TOKEN_RENEW_EARLY_MS, TOKEN_TRIAL_MS } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { Transport } from '../../transport/index.ts';
import type { Challenge } from './challenge.ts';
import { parseChallenges } from './challenge.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { SingleFlight } from './singleFlight.ts';
import { basicAuthorization, TokenService } from './token.ts';

/** What access is wanted to. */
export interface AuthTarget {
  readonly host: string;
  readonly repository: string;
  /** The repository as a person writes it, for messages. */
  readonly name: string;
  /** What a token is asked for where pulling is not enough; each such set has a token of its own. */
  readonly scopes?: readonly string[];
}

interface Pass {
  readonly authorization: string;
  readonly challenge: string;
  readonly scheme: 'basic' | 'bearer';
  readonly signedIn: boolean;
  readonly issuedAt: number;
  readonly renewAt: number;
  /** A request with it was answered: what it lacks is not the right to this repository. */
  accepted: boolean;
}

export interface AuthenticatorOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  readonly insecureHosts: readonly string[];
  readonly logger: Logger;
}

/** Answers challenges and keeps what it got, by host and repository. */
export class Authenticator {
  readonly #credentials: CredentialSource;
  readonly #logger: Logger;
  readonly #tokens: TokenService;
  readonly #passes = new Map<string, Pass>();
  readonly #flights = new SingleFlight<Pass>();

  constructor(options: AuthenticatorOptions) {
    this.#credentials = options.credentials;
    this.#logger = options.logger;
    this.#tokens = new TokenService(options.transport, options.insecureHosts);
  }

  /** What to send unasked: undefined before the first challenge; a token about to run out is renewed first. */
  async current(target: AuthTarget, signal: AbortSignal | undefined): Promise<string | undefined> {
    const pass = this.#passes.get(keyOf(target));
    if (pass === undefined || isFresh(pass)) return pass?.authorization;
    return (await this.#renew(target, pass.challenge, signal)).authorization;
  }

  /** Tells that a request with this Authorization was not answered by 401. */
  accept(target: AuthTarget, authorization: string | undefined): void {
    const pass = this.#passes.get(keyOf(target));
    if (pass && pass.authorization === authorization) pass.accepted = true;
  }

  /**
   * An Authorization in answer to a 401.
   * @param rejected what that request carried
   * @throws StrataError `registry-unauthorized`, or `registry-forbidden` when the credentials are right but do not suffice
   */
  async answer(
    target: AuthTarget,
    challenge: string | undefined,
    rejected: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const key = keyOf(target);
    const pass = this.#passes.get(key);
    if (pass && isFresh(pass)) {
      // Another request has renewed it meanwhile.
      if (pass.authorization !== rejected) return pass.authorization;
      if (pass.scheme === 'basic' || (!pass.accepted && Date.now() - pass.issuedAt < TOKEN_TRIAL_MS)) {
        // Forgotten, so that a person who now signs in begins anew.
        this.#passes.delete(key);
        throw refused(target, pass);
      }
    }
    return (await this.#renew(target, challenge, signal)).authorization;
  }

  #renew(target: AuthTarget, challenge: string | undefined, signal: AbortSignal | undefined): Promise<Pass> {
    const key = keyOf(target);
    return this.#flights.run(key, signal, async (flightSignal) => {
      try {
        const pass = await this.#obtain(target, challenge ?? '', flightSignal);
        this.#passes.set(key, pass);
        return pass;
      } catch (error) {
        this.#passes.delete(key);
        throw error;
      }
    });
  }

  async #obtain(target: AuthTarget, header: string, signal: AbortSignal): Promise<Pass> {
    const challenges = parseChallenges(header);
    const bearer = challenges.find((c) => c.scheme === 'bearer' && c.params.has('realm'));
    const basic = challenges.some((c) => c.scheme === 'basic');
    const { credentials, trouble } = await this.#lookUp(target.host);
    const { host, name } = target;
    try {
      if (bearer) {
        const scopes = scopesOf(bearer, target);
        const token = await this.#tokens.fetch(bearer, { host, name, scopes, credentials, signal });
        return {
          authorization: `Bearer ${token.value}`,
          challenge: header,
          scheme: 'bearer',
          signedIn: credentials !== undefined,
          issuedAt: Date.now(),
          renewAt: Date.now() + token.lifeMs - Math.min(TOKEN_RENEW_EARLY_MS, token.lifeMs / 5),
          accepted: false,
        };
      }
      if (!basic || credentials === undefined) {
        throw new StrataError('registry-unauthorized', {
          host,
          name,
          signedIn: credentials !== undefined,
          ...(isPush(target) && basic ? { sentence: 'no basic auth credentials' } : {}),
        });
      }
    } catch (error) {
      // What kept us from signing in is the better message than that we are not signed in.
      if (trouble && isStrataError(error, 'registry-unauthorized')) throw trouble;
      throw error;
    }
    return {
      authorization: basicAuthorization(credentials),
      challenge: header,
      scheme: 'basic',
      signedIn: true,
      issuedAt: Date.now(),
      renewAt: Number.POSITIVE_INFINITY,
      accepted: false,
    };
  }

  /** A source that fails is no reason not to try without: most images are public. */
  async #lookUp(
    host: string,
  ): Promise<{ credentials: Credentials | undefined; trouble: StrataError | undefined }> {
    try {
      return { credentials: await this.#credentials.get(host), trouble: undefined };
    } catch (error) {
      this.#logger.warn(`no credentials for ${host}: ${describeError(error)}`);
      return { credentials: undefined, trouble: isStrataError(error) ? error : undefined };
    }
  }
}

function keyOf(target: AuthTarget): string {
  return [target.host, target.repository, ...(target.scopes ?? [])].join(' ');
}

function isFresh(pass: Pass): boolean {
  return Date.now() < pass.renewAt;
}

/**
 * The registry's own scope where it asks for pulling only (a proxy's names differ from ours), else the usual one. What deleting
 * takes is called by many names, so there the registry's own words count as long as they are about this repository.
 */
function scopesOf(challenge: Challenge, { repository, scopes }: AuthTarget): readonly string[] {
  const asked = challenge.params.get('scope');
  if (scopes !== undefined) {
    const deleting = scopes.includes(deleteScope(repository));
    const start = `repository:${repository}:`;
    const fits =
      asked?.startsWith(start) === true && /^(?:pull|push|delete|[*,])+$/.test(asked.slice(start.length));
    return deleting && fits ? [asked] : scopes;
  }
  return asked !== undefined && /^repository:[^\s:]+(?::\d+[^\s:]*)?:pull$/.test(asked)
    ? [asked]
    : [`repository:${repository}:pull`];
}

/** distribution's docs/spec/auth/scope.md */
export function deleteScope(repository: string): string {
  return `repository:${repository}:delete`;
}

function isPush({ scopes }: AuthTarget): boolean {
  return scopes?.some((scope) => scope.endsWith('push')) === true;
}

function refused(target: AuthTarget, pass: Pass): StrataError {
  const { host, name } = target;
  if (isPush(target)) {
    return pass.scheme === 'bearer'
      ? new StrataError('push-denied', { host, name, detail: '' })
      : new StrataError('registry-unauthorized', {
          host,
          name,
          signedIn: true,
          sentence: 'unauthorized: authentication required',
        });
  }
  // A token service that took the credentials, and a registry that refuses the token: they are right, but do not suffice.
  if (pass.scheme === 'bearer' && pass.signedIn) return new StrataError('registry-forbidden', { host, name });
  return new StrataError('registry-unauthorized', { host, name, signedIn: pass.signedIn });
}
