import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { isStrataError } from '../base/errors.ts';
import type { StrataError } from '../base/errors.ts';
import { BLOB_BATCH_BYTES } from '../base/limits.ts';
import type { Route } from './dispatchers.ts';
import { connectionFailure, proxyFailure } from './failures.ts';
import type { HttpMethod, HttpRequest, HttpResponse } from './types.ts';

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpRequest['body'];
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; the dispatcher's own unless given. */
  readonly answerTimeoutMs: number | undefined;
}

/** Sends one request and resolves with its headers; no retry, no redirect. Every failure is mapped, the body's too. */
export function exchange(route: Route, request: ExchangeRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const handler = new ResponseHandler(route, request, resolve, reject);
    route.dispatcher.dispatch(
      {
        origin: route.origin,
        path: route.path,
        method: request.method,
        headers: { ...request.headers, ...route.headers },
        body: request.body ?? null,
        ...(request.answerTimeoutMs === undefined ? {} : { headersTimeout: request.answerTimeoutMs }),
        ...(route.proxyName === undefined ? {} : { servername: route.proxyName }),
      },
      handler,
    );
  });
}

class ResponseHandler implements Dispatcher.DispatchHandler {
  readonly #route: Route;
  readonly #request: ExchangeRequest;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #body: Readable | undefined;
  #ended = false;

  constructor(
    route: Route,
    request: ExchangeRequest,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#route = route;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#request.signal?.aborted === true) controller.abort(abortError(this.#request.signal));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpResponse['headers'],
  ): void {
    if (status < 200) return;
    if (status === 407 && this.#route.proxyName !== undefined) {
      this.#settle(proxyFailure(this.#request.url.host, 'it wants a user name and a password (407)'));
      controller.abort(new Error('proxy authentication required'));
      return;
    }
    const body = new Readable({
      // What is buffered comes in one piece: a reader that is busy gets batches of the size it wants.
      highWaterMark: BLOB_BATCH_BYTES,
      read: () => controller.resume(),
      destroy: (error, done) => {
        this.#stopListening();
        if (!this.#ended) controller.abort(error ?? new Error('the answer was not wanted'));
        done(error);
      },
    });
    // A body that breaks before anyone reads it must not end the process; its reader still gets the error.
    body.on('error', () => undefined);
    this.#body = body;
    this.#resolve({ status, headers, url: this.#request.url.href, body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#body?.push(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#ended = true;
    const { signal, url } = this.#request;
    if (signal?.aborted === true) {
      this.#settle(signal.reason);
      return;
    }
    const failure = connectionFailure(error, url.host);
    this.#settle(this.#isOfProxy(failure) ? proxyFailure(url.host, failure, failure) : failure);
  }

  /** Behind a proxy a connection that fails is the proxy's; what breaks later may be the registry's. */
  #isOfProxy(failure: StrataError): boolean {
    if (this.#route.proxyName === undefined || this.#body !== undefined) return false;
    return !isStrataError(failure, 'registry-unreachable') || failure.params.reason !== 'broken';
  }

  /** At once, though undici may still be connecting and cannot be told yet. */
  readonly #onAbort = (): void => {
    const { signal } = this.#request;
    if (signal === undefined) return;
    this.#settle(signal.reason);
    this.#controller?.abort(abortError(signal));
  };

  #settle(error: unknown): void {
    this.#stopListening();
    this.#reject(error);
    this.#body?.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  #stopListening(): void {
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
  }
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
