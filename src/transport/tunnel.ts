import type { buildConnector, Dispatcher } from 'undici';
import type { StrataError } from '../base/errors.ts';
import { connectionFailure, proxyFailure } from './failures.ts';
import type { Proxy } from './proxy.ts';
import { openTunnel } from './undici.ts';

/**
 * A connector that reaches an https origin through a proxy's CONNECT (RFC 9110, section 9.3.6).
 * Its failures are StrataErrors: undici takes an error with a code of its own for one that reconnecting mends,
 * and would try for ever.
 */
export function tunnelConnector(
  proxy: Proxy,
  proxyPool: Dispatcher,
  secure: buildConnector.connector,
): buildConnector.connector {
  return (options, callback) => {
    const host = options.host ?? options.hostname;
    const authority = options.port === '' ? `${host}:443` : host;
    const fail = (error: StrataError): void => callback(error, null);
    openTunnel
      .call(proxyPool, {
        path: authority,
        // Else undici would take the registry's name for the one that the proxy's certificate is for.
        servername: new URL(proxy.origin).hostname,
        headers: {
          host: authority,
          ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
        },
      })
      .then(
        ({ socket, statusCode }) => {
          if (statusCode < 200 || statusCode > 299) {
            socket.on('error', () => undefined).destroy();
            const why =
              statusCode === 407 ? 'it wants a user name and a password (407)' : `it answered ${statusCode}`;
            fail(proxyFailure(host, why));
            return;
          }
          secure({ ...options, httpSocket: socket }, callback);
        },
        (error: unknown) => {
          const cause = connectionFailure(error, host);
          fail(proxyFailure(host, cause, cause));
        },
      );
  };
}
