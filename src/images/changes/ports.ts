import { isIP } from 'node:net';
import { ChangeError } from './parseChanges.ts';

const MAX_PORT = 65_535;
const PROTOCOLS = ['tcp', 'udp', 'sctp'];

/**
 * The ports inside a container that one word of EXPOSE names, `80/tcp` (docker/go-connections nat, ParsePortSpec).
 * @throws ChangeError
 */
export function exposedPorts(word: string): readonly string[] {
  const [, address = '', host = '', rest = ''] = /^(?:(?:(.*):)?([^:]*):)?([^:]*)$/s.exec(word) ?? [];
  const [container = '', protocol = 'tcp'] = splitProtocol(rest);
  const ip = address.replace(/^\[(.*)\]$/, '$1');
  if (ip !== '' && isIP(ip) === 0) throw new ChangeError(`Invalid ip address: ${ip}`);
  if (container === '') throw new ChangeError(`No port specified: ${word}<empty>`);
  const range = parseRange(container);
  if (range === undefined) throw new ChangeError(`Invalid containerPort: ${container}`);
  const hostRange = host === '' ? undefined : parseRange(host);
  if (host !== '' && hostRange === undefined) throw new ChangeError(`Invalid hostPort: ${host}`);
  if (hostRange !== undefined && length(hostRange) !== length(range) && length(range) !== 1) {
    throw new ChangeError(`Invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  if (!PROTOCOLS.includes(protocol.toLowerCase())) throw new ChangeError(`Invalid proto: ${protocol}`);
  const [start, end] = range;
  return Array.from({ length: end - start + 1 }, (_, i) => `${start + i}/${protocol.toLowerCase()}`);
}

function splitProtocol(text: string): readonly string[] {
  const at = text.indexOf('/');
  if (at === -1 || at === text.length - 1) return [at === -1 ? text : text.slice(0, at)];
  return [text.slice(0, at), text.slice(at + 1)];
}

function parseRange(text: string): readonly [number, number] | undefined {
  const [start = '', end = start, ...more] = text.split('-');
  if (more.length > 0 || !/^\d+$/.test(start) || !/^\d+$/.test(end)) return undefined;
  const range = [Number(start), Number(end)] as const;
  return range[0] > range[1] || range[1] > MAX_PORT ? undefined : range;
}

function length([start, end]: readonly [number, number]): number {
  return end - start + 1;
}
