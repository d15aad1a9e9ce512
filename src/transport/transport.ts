import { describeError, StrataError } from '../base/errors.ts';
import { MAX_REDIRECTS } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { discardBody } from './body.ts';
import type { Dispatchers } from './dispatchers.ts';
import { exchange } from './exchange.ts';
import { nextHop } from './redirect.ts';
import { redactText, redactUrl } from './redact.ts';
import { allowedAttempts, delayAfterFailure, delayAfterResponse, wait } from './retry.ts';
import type { HttpRequest, HttpResponse, Transport, TransportConfig, TransportTuning } from './types.ts';

/** Cheap: nothing is loaded or opened before the first request. */
export function createTransport(
  config: TransportConfig,
  logger: Logger,
  tuning: TransportTuning = {},
): Transport {
  return new HttpTransport(config, logger, tuning);
}

class HttpTransport implements Transport {
  readonly #config: TransportConfig;
  readonly #logger: Logger;
  readonly #tuning: TransportTuning;
  #dispatchers: Promise<Dispatchers> | undefined;
  #closed = false;

  constructor(config: TransportConfig, logger: Logger, tuning: TransportTuning) {
    this.#config = config;
    this.#logger = logger;
    this.#tuning = tuning;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    let hop = request;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.#sendUntilAnswered(hop);
      let next: HttpRequest | undefined;
      try {
        next = nextHop(hop, response);
      } catch (error) {
        discardBody(response);
        throw error;
      }
      if (next === undefined) return response;
      discardBody(response);
      hop = next;
    }
    throw new StrataError('too-many-redirects', { host: new URL(request.url).host });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const dispatchers = await this.#dispatchers?.catch(() => undefined);
    await dispatchers?.destroy();
  }

  async #sendUntilAnswered(request: HttpRequest): Promise<HttpResponse> {
    const attempts = allowedAttempts(request);
    for (let attempt = 1; ; attempt += 1) {
      let delay: number | undefined;
      try {
        const response = await this.#send(request);
        if (attempt < attempts) delay = delayAfterResponse(response, attempt, this.#tuning.retryBaseMs);
        if (delay === undefined) return response;
        discardBody(response);
      } catch (error) {
        if (attempt < attempts) delay = delayAfterFailure(error, attempt, this.#tuning.retryBaseMs);
        if (delay === undefined || request.signal?.aborted === true) throw error;
      }
      this.#logger.debug(`trying again in ${Math.round(delay)} ms (${attempt + 1} of ${attempts})`);
      await wait(delay, request.signal);
    }
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    request.signal?.throwIfAborted();
    const method = request.method ?? 'GET';
    const url = new URL(request.url);
    const started = performance.now();
    let outcome = '';
    try {
      const dispatchers = await this.#open();
      request.signal?.throwIfAborted();
      const response = await exchange(dispatchers.route(url), {
        url,
        method,
        headers: this.#headers(request),
        body: request.body,
        signal: request.signal,
        answerTimeoutMs: request.answerTimeoutMs,
      });
      outcome = String(response.status);
      return response;
    } catch (error) {
      outcome = redactText(describeError(error));
      throw error;
    } finally {
      const ms = Math.round(performance.now() - started);
      this.#logger.debug(`${method} ${redactUrl(request.url)} ${outcome} ${ms} ms`);
    }
  }

  #headers(request: HttpRequest): Record<string, string> {
    return {
      'user-agent': this.#config.userAgent,
      // Digests are of the bytes as they are stored: nobody is to compress them on the way.
      'accept-encoding': 'identity',
      ...request.headers,
      ...(request.authorization === undefined ? {} : { authorization: request.authorization }),
    };
  }

  #open(): Promise<Dispatchers> {
    if (this.#closed) throw new Error('the transport is closed');
    this.#dispatchers ??= import('./dispatchers.ts').then(
      (module) => new module.Dispatchers(this.#config, this.#tuning),
    );
    return this.#dispatchers;
  }
}
