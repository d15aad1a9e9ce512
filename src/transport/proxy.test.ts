import { describe, expect, it } from 'vitest';
import { ProxyRules, proxyFromEnvironment } from './proxy.ts';

describe('proxyFromEnvironment', () => {
  it('prefers upper case and leaves out what is not set', () => {
    expect(
      proxyFromEnvironment({ HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:1', no_proxy: 'x.test' }),
    ).toEqual({ https: 'http://a:1', noProxy: 'x.test' });
    expect(proxyFromEnvironment({ http_proxy: ' http://b:1 ' })).toEqual({ http: 'http://b:1' });
    expect(proxyFromEnvironment({ NO_PROXY: '*', HTTPS_PROXY: '' })).toBeUndefined();
  });
  it('does not take a CGI client’s Proxy header for HTTP_PROXY', () => {
    expect(proxyFromEnvironment({ HTTP_PROXY: 'http://evil:1', REQUEST_METHOD: 'GET' })).toBeUndefined();
  });
});

describe('ProxyRules', () => {
  const proxyOf = (settings: ConstructorParameters<typeof ProxyRules>[0], url: string): unknown =>
    new ProxyRules(settings).proxyFor(new URL(url));

  it('chooses by scheme, and adds http:// to a bare address', () => {
    const settings = { http: 'plain.test:3128', https: 'https://tls.test' };
    expect(proxyOf(settings, 'http://r.test')).toEqual({
      origin: 'http://plain.test:3128',
      authorization: undefined,
    });
    expect(proxyOf(settings, 'https://r.test')).toEqual({
      origin: 'https://tls.test',
      authorization: undefined,
    });
    expect(proxyOf({ http: 'http://p.test' }, 'https://r.test')).toBeUndefined();
  });
  it('takes the user and password out of the address', () => {
    expect(proxyOf({ https: 'http://us%40er:p%3Aw@p.test:1' }, 'https://r.test')).toEqual({
      origin: 'http://p.test:1',
      authorization: `Basic ${Buffer.from('us@er:p:w').toString('base64')}`,
    });
    expect(proxyOf({ https: 'http://only@p.test' }, 'https://r.test')).toMatchObject({
      authorization: `Basic ${Buffer.from('only:').toString('base64')}`,
    });
  });
  it('goes straight to loopback and to what noProxy lists', () => {
    const settings = { https: 'http://p.test', http: 'http://p.test', noProxy: 'a.test,b.test:8443' };
    expect(proxyOf(settings, 'http://127.0.0.1:5000')).toBeUndefined();
    expect(proxyOf(settings, 'http://[::1]:5000')).toBeUndefined();
    expect(proxyOf(settings, 'https://x.a.test')).toBeUndefined();
    expect(proxyOf(settings, 'https://b.test:8443')).toBeUndefined();
    expect(proxyOf(settings, 'https://b.test')).toBeDefined();
  });
  it.each(['http://', 'socks5://p.test:1080', 'http://[bad', 'ftp://p.test', 'http://u:%zz@p.test'])(
    'refuses %s',
    (proxy) => {
      expect(() => proxyOf({ https: proxy }, 'https://r.test')).toThrow(
        expect.objectContaining({ code: 'proxy-invalid' }),
      );
    },
  );
  it('does not tell the password of an address that it refuses', () => {
    expect(() => proxyOf({ https: 'socks5://me:secret@p.test' }, 'https://r.test')).toThrow(
      expect.not.stringContaining('secret'),
    );
  });
});
