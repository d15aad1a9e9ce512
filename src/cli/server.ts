import { StrataError } from '../base/errors.ts';
import { HUB_KEY } from '../registry/index.ts';

/** A registry as `login` and `logout` name it. */
export interface Server {
  /** The name under which Docker's configuration keeps its credentials. */
  readonly key: string;
  /** As in image names: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  readonly isDefault: boolean;
}

const DEFAULT_DOMAIN = 'docker.io';
const DEFAULT_SERVER: Server = { key: HUB_KEY, domain: DEFAULT_DOMAIN, isDefault: true };

/**
 * Reads what a person gave: nothing, a host, or an address, of which the host counts (moby registry/auth.go, ConvertToHostname).
 * @throws StrataError `reference-invalid` for what is no host
 */
export function readServer(given: string): Server {
  if (given === '' || given === DEFAULT_DOMAIN || given === HUB_KEY) return DEFAULT_SERVER;
  const host = hostnameOf(given).toLowerCase();
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/.test(host) || !URL.canParse(`https://${host}/`)) {
    throw new StrataError('reference-invalid', { name: given, part: host, reason: 'host' });
  }
  return { key: host, domain: host, isDefault: false };
}

export function hostnameOf(given: string): string {
  return given.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
}
