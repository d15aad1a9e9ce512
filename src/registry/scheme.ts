import { isStrataError, StrataError } from '../base/errors.ts';
import { PROBE_ATTEMPTS } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import type { Transport } from '../transport/index.ts';
import { discardBody, HostList, isLoopbackHost, splitHost } from '../transport/index.ts';
import { SingleFlight } from './auth/singleFlight.ts';

type Scheme = 'http' | 'https';

/**
 * Whether a host speaks HTTPS or plain HTTP. HTTPS for all but loopback, which is tried by HTTP first (unless its port is 443),
 * and hosts listed as insecure, which are tried by HTTPS first. What was found out is kept.
 */
export class Schemes {
  readonly #transport: Transport;
  readonly #insecure: HostList;
  readonly #logger: Logger;
  readonly #known = new Map<string, Scheme>();
  readonly #flights = new SingleFlight<Scheme>();

  constructor(options: { transport: Transport; insecureHosts: readonly string[]; logger: Logger }) {
    this.#transport = options.transport;
    this.#insecure = new HostList(options.insecureHosts, { subdomains: false });
    this.#logger = options.logger;
  }

  /** `https://host` or `http://host`. */
  async base(host: string, signal: AbortSignal | undefined): Promise<string> {
    const candidates = this.#candidates(host);
    const [only] = candidates;
    if (candidates.length === 1 && only !== undefined) return `${only}://${host}`;
    const known =
      this.#known.get(host) ??
      (await this.#flights.run(host, signal, (flightSignal) => this.#probe(host, candidates, flightSignal)));
    this.#known.set(host, known);
    return `${known}://${host}`;
  }

  #candidates(host: string): readonly Scheme[] {
    const { hostname, port } = splitHost(host);
    if (this.#insecure.has(hostname, port ?? '443')) return ['https', 'http'];
    if (isLoopbackHost(host) && port !== '443') return ['http', 'https'];
    return ['https'];
  }

  async #probe(host: string, candidates: readonly Scheme[], signal: AbortSignal): Promise<Scheme> {
    let failure: StrataError | undefined;
    for (const scheme of candidates) {
      try {
        if (await this.#speaks(scheme, host, signal)) return scheme;
      } catch (error) {
        if (!isStrataError(error) || signal.aborted) throw error;
        this.#logger.debug(`${host} does not answer by ${scheme}: ${error.message}`);
        // Trouble with a certificate says more than that plain HTTP did not work either.
        if (failure === undefined || error.code === 'registry-tls') failure = error;
      }
    }
    throw (
      failure ?? new StrataError('registry-invalid', { host, detail: 'it speaks neither HTTP nor HTTPS' })
    );
  }

  async #speaks(scheme: Scheme, host: string, signal: AbortSignal): Promise<boolean> {
    const response = await this.#transport.request({
      url: `${scheme}://${host}/v2/`,
      followRedirects: false,
      attempts: PROBE_ATTEMPTS,
      signal,
    });
    discardBody(response);
    // Servers that expect TLS answer plain HTTP so ("Client sent an HTTP request to an HTTPS server").
    return scheme === 'https' || response.status !== 400;
  }
}
