import type { Readable } from 'node:stream';

/** Addresses of proxies as a person or an environment writes them; `noProxy` is a comma-separated list. */
export interface ProxySettings {
  readonly http?: string;
  readonly https?: string;
  readonly noProxy?: string;
}

/** Plain data: crosses to worker threads by structured clone. */
export interface TransportConfig {
  readonly proxy?: ProxySettings;
  /** PEM texts, trusted in addition to Node's own roots. */
  readonly extraCa?: readonly string[];
  /** `host`, `host:port` or CIDR: plain HTTP allowed, TLS unverified. */
  readonly insecureHosts: readonly string[];
  /** `false` leaves TLS unverified everywhere (VS Code's `http.proxyStrictSSL`). */
  readonly rejectUnauthorized?: boolean;
  readonly userAgent: string;
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly url: string;
  readonly method?: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | Readable;
  readonly signal?: AbortSignal;
  /** Sent only to the origin of `url`; dropped on a redirect to another. */
  readonly authorization?: string;
  /** GET and HEAD follow redirects unless this is false. */
  readonly followRedirects?: boolean;
  /** Tries in all after passing failures; MAX_ATTEMPTS unless given. */
  readonly attempts?: number;
  /** Milliseconds that the answer may take once the request is sent; HEADERS_TIMEOUT_MS unless given. */
  readonly answerTimeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The address that answered, after redirects. */
  readonly url: string;
  /** Must be read, destroyed or handed to `discardBody`: it holds a connection. */
  readonly body: Readable & AsyncIterable<Buffer>;
}

export interface Transport {
  /**
   * Resolves once the headers are there, whatever the status.
   * @throws StrataError `registry-unreachable`, `registry-tls`, `registry-invalid`, `too-many-redirects`,
   * `proxy-invalid`, `certificate-unreadable`; the signal's reason when aborted.
   * The body fails with the same errors; a break in mid-body is `registry-unreachable` with reason `broken`.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends every connection, those in use too. */
  close(): Promise<void>;
}

/** What tests shorten. Milliseconds. */
export interface TransportTuning {
  readonly retryBaseMs?: number;
  readonly connectTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  readonly bodyTimeoutMs?: number;
}
