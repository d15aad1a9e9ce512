import { StrataError } from '../base/errors.ts';
import { HostList, isLoopbackHost, portOf } from './hosts.ts';
import { redactUrl } from './redact.ts';
import type { ProxySettings } from './types.ts';

export interface Proxy {
  /** Scheme, host and port; no userinfo. */
  readonly origin: string;
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

/** Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go does, and so Docker: upper case first, then lower. */
export function proxyFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): ProxySettings | undefined {
  const read = (name: string): string | undefined => {
    const value = env[name] ?? env[name.toLowerCase()];
    return value === undefined || value.trim() === '' ? undefined : value.trim();
  };
  // A CGI script's HTTP_PROXY is a header sent by its client (httpoxy).
  const http = env['REQUEST_METHOD'] === undefined ? read('HTTP_PROXY') : undefined;
  const https = read('HTTPS_PROXY');
  const noProxy = read('NO_PROXY');
  if (http === undefined && https === undefined) return undefined;
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/** Says which proxy a URL goes through. Loopback never does, as in Go. */
export class ProxyRules {
  readonly #settings: ProxySettings;
  readonly #direct: HostList;

  constructor(settings: ProxySettings = {}) {
    this.#settings = settings;
    this.#direct = new HostList((settings.noProxy ?? '').split(/[,\s]+/), { subdomains: true });
  }

  /** @throws StrataError `proxy-invalid` */
  proxyFor(url: URL): Proxy | undefined {
    const address = url.protocol === 'http:' ? this.#settings.http : this.#settings.https;
    if (address === undefined || address.trim() === '') return undefined;
    if (isLoopbackHost(url.hostname) || this.#direct.has(url.hostname, portOf(url))) return undefined;
    return parseProxy(address.trim());
  }
}

function parseProxy(address: string): Proxy {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  const invalid = (): StrataError => new StrataError('proxy-invalid', { proxy: redactUrl(text) });
  if (!URL.canParse(text)) throw invalid();
  const url = new URL(text);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') throw invalid();
  if (url.username === '' && url.password === '') return { origin: url.origin, authorization: undefined };
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return { origin: url.origin, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  } catch {
    throw invalid();
  }
}
