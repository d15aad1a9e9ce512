import { StrataError } from '../base/errors.ts';
import { MIRROR_ATTEMPTS, MIRROR_REST_MS } from '../base/limits.ts';
import type { Reference } from '../reference/index.ts';
import { registryHost } from '../reference/index.ts';
import { redactUrl } from '../transport/index.ts';
import { canonicalHost } from './auth/credentials.ts';

/** One place where a repository can be asked for. */
export interface Endpoint {
  /** Whom credentials and messages are for. */
  readonly host: string;
  /** The host in URLs: `registry-1.docker.io` for docker.io. */
  readonly apiHost: string;
  /** Given by the configuration; otherwise it is found out. */
  readonly scheme?: 'http' | 'https';
  /** The repository's name there. */
  readonly repository: string;
  readonly mirror: boolean;
  readonly attempts?: number;
}

/** The mirrors of a domain and the domain itself, in the order to ask them. */
export class Endpoints {
  readonly #mirrors: Readonly<Record<string, readonly string[]>>;
  /** Places that could not be reached, until when. */
  readonly #resting = new Map<string, number>();

  constructor(mirrors: Readonly<Record<string, readonly string[]>>) {
    this.#mirrors = Object.fromEntries(
      Object.entries(mirrors).map(([domain, list]) => [canonicalHost(domain), list]),
    );
  }

  /** The origin is last, and always there. @throws StrataError `config-invalid` for a mirror that is no address */
  of(ref: Reference): readonly Endpoint[] {
    return [...this.mirrors(ref), this.origin(ref)];
  }

  /** Without those that rest. @throws StrataError `config-invalid` for one that is no address */
  mirrors(ref: Reference): readonly Endpoint[] {
    const mirrors = (this.#mirrors[canonicalHost(ref.domain)] ?? []).map((text) => parseMirror(text, ref));
    return mirrors.filter((mirror) => !this.isResting(mirror));
  }

  origin(ref: Reference): Endpoint {
    return {
      host: ref.domain,
      apiHost: registryHost(ref.domain),
      repository: ref.path,
      mirror: false,
    };
  }

  /** Leaves a place that could not be reached alone for a while. */
  rest(endpoint: Endpoint): void {
    this.#resting.set(endpoint.apiHost, Date.now() + MIRROR_REST_MS);
  }

  isResting(endpoint: Endpoint): boolean {
    return Date.now() < (this.#resting.get(endpoint.apiHost) ?? 0);
  }
}

/** `host[:port][/prefix]`, with or without a scheme; a prefix stands before the repository's name, as in Podman. */
function parseMirror(text: string, ref: Reference): Endpoint {
  const explicit = /^(https?):\/\//i.exec(text);
  const address = explicit ? text : `https://${text}`;
  const invalid = (): StrataError =>
    new StrataError('config-invalid', {
      path: `the mirrors of ${ref.domain}`,
      detail: `"${redactUrl(text)}" is no address of a registry`,
    });
  if (!URL.canParse(address)) throw invalid();
  const url = new URL(address);
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') throw invalid();
  const prefix = url.pathname.replace(/^\/(?:v2(?:\/|$))?/, '').replace(/\/+$/, '');
  return {
    host: canonicalHost(url.host),
    apiHost: registryHost(canonicalHost(url.host)),
    ...(explicit ? { scheme: url.protocol === 'http:' ? 'http' : 'https' } : {}),
    repository: prefix === '' ? ref.path : `${prefix}/${ref.path}`,
    mirror: true,
    attempts: MIRROR_ATTEMPTS,
  };
}
