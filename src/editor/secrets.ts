import type { Credentials, CredentialSource } from '../registry/index.ts';

/** The part of VS Code's SecretStorage that is used. */
export interface SecretPort {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
}

/** One secret holds the list of hosts, one each the credentials of a host: SecretStorage cannot list its keys. */
const HOSTS_KEY = 'strata.registries';
const hostKey = (host: string): string => `strata.registry/${host}`;

/** Credentials that the person gave to Strata itself: asked before Docker's configuration. */
export class SecretCredentials implements CredentialSource {
  readonly #secrets: SecretPort;
  #revision = 0;

  constructor(secrets: SecretPort) {
    this.#secrets = secrets;
  }

  get revision(): number {
    return this.#revision;
  }

  async get(host: string): Promise<Credentials | undefined> {
    return parseCredentials(await this.#secrets.get(hostKey(canonicalHost(host))));
  }

  /** Hosts with credentials, in alphabetical order. */
  async hosts(): Promise<readonly string[]> {
    const stored = parseJson(await this.#secrets.get(HOSTS_KEY));
    return Array.isArray(stored) ? stored.filter((host) => typeof host === 'string') : [];
  }

  async store(host: string, credentials: Credentials): Promise<void> {
    const name = canonicalHost(host);
    await this.#secrets.store(hostKey(name), JSON.stringify(credentials));
    this.#revision += 1;
    const hosts = new Set([...(await this.hosts()), name]);
    await this.#secrets.store(HOSTS_KEY, JSON.stringify([...hosts].toSorted()));
  }

  async delete(host: string): Promise<void> {
    const name = canonicalHost(host);
    await this.#secrets.delete(hostKey(name));
    this.#revision += 1;
    const hosts = (await this.hosts()).filter((other) => other !== name);
    await this.#secrets.store(HOSTS_KEY, JSON.stringify(hosts));
  }
}

function parseCredentials(text: string | undefined): Credentials | undefined {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return undefined;
  if ('identityToken' in value && typeof value.identityToken === 'string') {
    return { identityToken: value.identityToken };
  }
  if (!('username' in value && 'password' in value)) return undefined;
  const { username, password } = value;
  return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As in image names: Docker Hub's other hosts are `docker.io`. */
function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? 'docker.io' : lower;
}
