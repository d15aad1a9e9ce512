import { describeError, isStrataError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { redactText } from '../transport/index.ts';
import type { CredentialSource } from './auth/credentials.ts';
import type { RegistryClient } from './client.ts';
import type { Endpoint } from './endpoints.ts';
import type { HubApi } from './search/hub.ts';
import { gitlabTimes, harborTimes, hubTimes, quayTimes } from './tagTimesSources.ts';
import type { TagTime, TimesRequest } from './tagTimesSources.ts';

const HUB_HOST = 'docker.io';

type Kind = 'gitlab' | 'quay' | 'harbor';

const SOURCES: Readonly<Record<Kind, (request: TimesRequest) => Promise<TagTime[]>>> = {
  gitlab: gitlabTimes,
  quay: quayTimes,
  harbor: harborTimes,
};

/**
 * When tags were last set: the distribution spec does not tell, but the own APIs of Docker Hub, GitLab, Quay and Harbor do.
 * Which of them a host is, is found out by asking, and kept.
 */
export class TagTimes {
  readonly #client: RegistryClient;
  readonly #hub: HubApi;
  readonly #credentials: CredentialSource;
  readonly #logger: Logger;
  readonly #kinds = new Map<string, Kind>();
  /** Repositories of whose times nobody told. */
  readonly #without = new Set<string>();

  constructor(options: {
    readonly client: RegistryClient;
    readonly hub: HubApi;
    readonly credentials: CredentialSource;
    readonly logger: Logger;
  }) {
    this.#client = options.client;
    this.#hub = options.hub;
    this.#credentials = options.credentials;
    this.#logger = options.logger;
  }

  /** RFC 3339 by tag; empty where the registry does not tell. Never fails but by the signal: times are an extra. */
  async of(
    endpoint: Endpoint,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, string>> {
    const { host, repository } = endpoint;
    if (host === HUB_HOST) {
      return new Map(await this.#orNothing(hubTimes(this.#hub, repository, signal), host, signal));
    }
    const known = this.#kinds.get(host);
    const kinds: readonly Kind[] = known === undefined ? ['gitlab', 'quay', 'harbor'] : [known];
    const request = { client: this.#client, credentials: this.#credentials, endpoint, name, signal };
    if (this.#without.has(name)) return new Map();
    for (const kind of kinds) {
      const times = await this.#orNothing(SOURCES[kind](request), host, signal);
      if (times === undefined) continue;
      this.#kinds.set(host, kind);
      return new Map(times);
    }
    this.#without.add(name);
    return new Map();
  }

  async #orNothing(
    times: Promise<TagTime[]>,
    host: string,
    signal: AbortSignal | undefined,
  ): Promise<TagTime[] | undefined> {
    try {
      return await times;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isStrataError(error)) throw error;
      this.#logger.debug(`${host} does not tell times so: ${redactText(describeError(error))}`);
      return undefined;
    }
  }
}
