import { describe, expect, it } from 'vitest';
import { HostList, isLoopbackHost, splitHost } from './hosts.ts';

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LOCALHOST:5000', '127.0.0.1', '127.8.9.1:80', '::1', '[::1]', '[::1]:5000'])(
    'takes %s',
    (host) => expect(isLoopbackHost(host)).toBe(true),
  );
  it.each(['127.0.0.1.example.com', 'localhost.example.com', '10.0.0.1', '128.0.0.1', '[::2]:5000', ''])(
    'refuses %s',
    (host) => expect(isLoopbackHost(host)).toBe(false),
  );
});

describe('splitHost', () => {
  it.each([
    ['Reg.Example:5000', 'reg.example', '5000'],
    ['reg.example', 'reg.example', undefined],
    ['[2001:DB8::1]:5000', '2001:db8::1', '5000'],
    ['[2001:db8::1]', '2001:db8::1', undefined],
    ['2001:db8::1', '2001:db8::1', undefined],
  ])('%s', (host, hostname, port) => expect(splitHost(host)).toEqual({ hostname, port }));
});

describe('HostList as NO_PROXY', () => {
  const has = (entry: string, hostname: string, port = '443'): boolean =>
    new HostList(entry.split(','), { subdomains: true }).has(hostname, port);

  it.each([
    ['*', 'anything.test', true],
    ['example.com', 'example.com', true],
    ['example.com', 'registry.EXAMPLE.com', true],
    ['example.com', 'notexample.com', false],
    ['.example.com', 'a.example.com', true],
    ['.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', true],
    ['a.test, b.test', 'b.test', true],
    ['10.0.0.0/8', '10.200.3.4', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', 'ten.example.com', false],
    ['fd00::/8', '[fd12::1]', true],
    ['10.0.0.0/99', '10.0.0.1', false],
    ['1.2.3.4', '1.2.3.4', true],
    ['3.4', '1.2.3.4', false],
    ['', 'example.com', false],
  ])('%s and %s: %s', (entry, hostname, expected) => expect(has(entry, hostname)).toBe(expected));

  it('compares the port where the entry has one', () => {
    expect(has('example.com:8443', 'example.com', '8443')).toBe(true);
    expect(has('example.com:8443', 'example.com', '443')).toBe(false);
    expect(has('[::1]:5000', '[::1]', '5000')).toBe(true);
  });
});

describe('HostList of insecure hosts', () => {
  const list = new HostList(['reg.test', 'other.test:5000', '192.168.0.0/16', '*', '.wild.test'], {
    subdomains: false,
  });
  it('takes the host itself at any port, an exact port, and a block', () => {
    expect(list.has('reg.test', '5000')).toBe(true);
    expect(list.has('other.test', '5000')).toBe(true);
    expect(list.has('192.168.7.7', '443')).toBe(true);
  });
  it('takes nothing else: no subdomain, no wildcard, no other port', () => {
    expect(list.has('a.reg.test', '443')).toBe(false);
    expect(list.has('other.test', '5001')).toBe(false);
    expect(list.has('a.wild.test', '443')).toBe(false);
    expect(list.has('example.com', '443')).toBe(false);
  });
});
