import { BlockList, isIP, isIPv4 } from 'node:net';

export interface HostAndPort {
  /** Lower case, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: string | undefined;
}

/** Splits `host`, `host:port`, `[v6]`, `[v6]:port` and a bare IPv6 address. */
export function splitHost(host: string): HostAndPort {
  const text = host.toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  if (bracketed) return { hostname: bracketed[1] ?? '', port: bracketed[2] };
  if (isIP(text) !== 0) return { hostname: text, port: undefined };
  const colon = text.lastIndexOf(':');
  if (colon === -1) return { hostname: text, port: undefined };
  return { hostname: text.slice(0, colon), port: text.slice(colon + 1) };
}

/** True for `localhost`, 127.0.0.0/8 and ::1, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const { hostname } = splitHost(host);
  return hostname === 'localhost' || hostname === '::1' || (isIPv4(hostname) && hostname.startsWith('127.'));
}

interface Rule {
  readonly matches: (hostname: string) => boolean;
  readonly port: string | undefined;
}

/**
 * Hosts as NO_PROXY and Docker's insecure-registries list them: `host`, `host:port`, an address, a CIDR block;
 * with `subdomains` also what NO_PROXY adds: `host` stands for its subdomains too, `.host` and `*.host` for those alone,
 * and `*` for every host.
 */
export class HostList {
  readonly #rules: readonly Rule[];

  constructor(entries: readonly string[], options: { readonly subdomains: boolean }) {
    this.#rules = entries
      .map((entry) => entry.trim().toLowerCase())
      .filter((entry) => entry !== '')
      .map((entry) => rule(entry, options.subdomains));
  }

  /** `port` is the port in use, the scheme's default one included. */
  has(hostname: string, port: string | undefined): boolean {
    const name = splitHost(hostname).hostname;
    return this.#rules.some((r) => (r.port === undefined || r.port === port) && r.matches(name));
  }
}

function rule(entry: string, subdomains: boolean): Rule {
  if (entry === '*') return { matches: () => subdomains, port: undefined };
  const block = cidrBlock(entry);
  if (block) {
    return {
      matches: (name) => isIP(name) !== 0 && block.check(name, isIPv4(name) ? 'ipv4' : 'ipv6'),
      port: undefined,
    };
  }
  const { hostname, port } = splitHost(entry);
  const suffix = /^\*?(\..+)$/.exec(hostname)?.[1];
  if (suffix !== undefined) return { matches: (name) => subdomains && name.endsWith(suffix), port };
  const below = `.${hostname}`;
  return {
    matches: (name) => name === hostname || (subdomains && isIP(name) === 0 && name.endsWith(below)),
    port,
  };
}

function cidrBlock(entry: string): BlockList | undefined {
  const slash = entry.indexOf('/');
  if (slash === -1) return undefined;
  const address = entry.slice(0, slash);
  const bits = entry.slice(slash + 1);
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return block;
}

/** The port a URL is reached at. */
export function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'http:' ? '80' : '443';
}
