import { isIP } from 'node:net';
import type { Dispatcher, buildConnector } from 'undici';
import {
  BODY_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  HEADERS_TIMEOUT_MS,
  MAX_CONNECTIONS_PER_ORIGIN,
} from '../base/limits.ts';
import { trustedContext } from './certificates.ts';
import { HostList, portOf, splitHost } from './hosts.ts';
import type { Proxy } from './proxy.ts';
import { ProxyRules } from './proxy.ts';
import { tunnelConnector } from './tunnel.ts';
import type { TransportConfig, TransportTuning } from './types.ts';
import { Agent, buildConnector as connectorOf, Pool } from './undici.ts';

/** How one URL is reached. */
export interface Route {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  /** The path, or the whole URL when a proxy is asked for it (RFC 9112, section 3.2.2). */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For a plain request to a proxy, whose 407 and failures to connect are its own: the proxy's name, which its certificate is for. */
  readonly proxyName?: string;
}

/** One undici agent for each kind of route: direct or through a proxy, TLS verified or not. */
export class Dispatchers {
  readonly #config: TransportConfig;
  readonly #insecure: HostList;
  readonly #proxies: ProxyRules;
  readonly #secureContext: ReturnType<typeof trustedContext>;
  readonly #tuning: TransportTuning;
  readonly #open = new Map<string, Dispatcher>();

  constructor(config: TransportConfig, tuning: TransportTuning) {
    this.#config = config;
    this.#tuning = tuning;
    this.#insecure = new HostList(config.insecureHosts, { subdomains: false });
    this.#proxies = new ProxyRules(config.proxy);
    this.#secureContext = trustedContext(config.extraCa ?? []);
  }

  /** @throws StrataError `proxy-invalid` */
  route(url: URL): Route {
    const path = url.pathname + url.search;
    const proxy = this.#proxies.proxyFor(url);
    if (proxy && url.protocol === 'http:') {
      const authorization = proxy.authorization;
      return {
        dispatcher: this.#agent(this.#config.rejectUnauthorized !== false),
        origin: proxy.origin,
        path: `${url.origin}${path}`,
        headers: {
          host: url.host,
          ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
        },
        proxyName: new URL(proxy.origin).hostname,
      };
    }
    const verified =
      this.#config.rejectUnauthorized !== false && !this.#insecure.has(url.hostname, portOf(url));
    const dispatcher = proxy ? this.#tunnel(proxy, verified) : this.#agent(verified);
    return { dispatcher, origin: url.origin, path, headers: {} };
  }

  async destroy(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((dispatcher) => dispatcher.destroy()));
  }

  #agent(verified: boolean): Dispatcher {
    return this.#once(`direct ${verified}`, () => this.#newAgent(this.#connector(verified)));
  }

  #tunnel(proxy: Proxy, verified: boolean): Dispatcher {
    return this.#once(`${proxy.origin} ${proxy.authorization ?? ''} ${verified}`, () => {
      const connect = this.#connector(this.#config.rejectUnauthorized !== false);
      const pool = this.#once(
        `proxy ${proxy.origin}`,
        () => new Pool(proxy.origin, { connect, headersTimeout: this.#connectTimeout }),
      );
      return this.#newAgent(tunnelConnector(proxy, pool, this.#connector(verified)));
    });
  }

  #newAgent(connect: buildConnector.connector): Dispatcher {
    return new Agent({
      connect,
      connections: MAX_CONNECTIONS_PER_ORIGIN,
      headersTimeout: this.#tuning.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
      bodyTimeout: this.#tuning.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
    });
  }

  get #connectTimeout(): number {
    return this.#tuning.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  }

  #connector(verified: boolean): buildConnector.connector {
    const connect = connectorOf({
      timeout: this.#connectTimeout,
      rejectUnauthorized: verified,
      ...(this.#secureContext === undefined ? {} : { secureContext: this.#secureContext }),
    });
    // An address is no server name (RFC 6066, section 3); without one the certificate is checked for the address.
    return (options, callback) => {
      const isAddress = isIP(splitHost(options.servername ?? '').hostname) !== 0;
      connect(isAddress ? { ...options, servername: '' } : options, callback);
    };
  }

  #once(key: string, create: () => Dispatcher): Dispatcher {
    const known = this.#open.get(key);
    if (known) return known;
    const created = create();
    this.#open.set(key, created);
    return created;
  }
}
