import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

export interface LocalServer {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly host: string;
  /** `http://127.0.0.1:port` or `https://…` */
  readonly url: string;
  /** Every request in order: `GET /path`. */
  readonly seen: string[];
  readonly requests: IncomingMessage[];
}

export type CertificateName = 'server' | 'expired' | 'selfSigned';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');

/** The certificate authority behind `server.pem` and `expired.pem`. */
export const testCa = fixture('ca.pem');

/** A real server on an ephemeral port of 127.0.0.1, gone when the test is. */
export async function startServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  certificate?: CertificateName,
): Promise<LocalServer> {
  const seen: string[] = [];
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    requests.push(request);
    handler(request, response);
  };
  const server =
    certificate === undefined
      ? createServer(listener)
      : createTlsServer({ key: fixture('server.key'), cert: fixture(`${certificate}.pem`) }, listener);
  const port = await listen(server);
  const host = `127.0.0.1:${port}`;
  return { port, host, url: `${certificate === undefined ? 'http' : 'https'}://${host}`, seen, requests };
}

export interface LocalProxy extends LocalServer {
  /** The authority of every CONNECT. */
  readonly tunnels: string[];
}

/**
 * A real HTTP proxy: CONNECT and absolute URLs. Every name leads to 127.0.0.1: `resolve` says to which port.
 * With `authorization` all else is answered by 407.
 */
export async function startProxy(options: {
  resolve: (authority: string) => number;
  authorization?: string;
  certificate?: CertificateName;
  refuseWith?: number;
}): Promise<LocalProxy> {
  const tunnels: string[] = [];
  const seen: string[] = [];
  const requests: IncomingMessage[] = [];
  const allowed = (request: IncomingMessage): boolean =>
    options.authorization === undefined || request.headers['proxy-authorization'] === options.authorization;
  const listener: RequestListener = (request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    requests.push(request);
    response.writeHead(allowed(request) ? 200 : 407, { via: 'test-proxy' }).end('by proxy');
  };
  const server =
    options.certificate === undefined
      ? createServer(listener)
      : createTlsServer(
          { key: fixture('server.key'), cert: fixture(`${options.certificate}.pem`) },
          listener,
        );
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const authority = request.url ?? '';
    tunnels.push(authority);
    requests.push(request);
    const status = allowed(request) ? options.refuseWith : 407;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\n\r\n`);
      return;
    }
    const upstream = connect(options.resolve(authority), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  const port = await listen(server);
  const host = `127.0.0.1:${port}`;
  const url = `${options.certificate === undefined ? 'http' : 'https'}://${host}`;
  return { port, host, url, seen, requests, tunnels };
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
