import { createServer } from 'node:http';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { FaultList } from './faultList.ts';
import { ConnectionReset, errorReply } from './http.ts';
import type { Handler, Reply, ServiceRequest } from './http.ts';

/** One line of a service's log. */
interface RequestRecord {
  readonly method: string;
  /** With the query, as it came. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Milliseconds of `performance.now()` when it came. */
  readonly at: number;
  /** Undefined until it is answered. */
  readonly status: number | undefined;
  /** Bytes of the body handed to the kernel so far. */
  readonly bytesSent: number;
  /** Bytes of the request's body that the service has read. */
  readonly bytesReceived: number;
}

/** An HTTP server on loopback with a log and faults: the registry, its token service and its blob host are each one. */
export interface Service {
  /** `http://127.0.0.1:PORT`, or https. */
  readonly url: string;
  /** `127.0.0.1:PORT`, as it stands in an image name. */
  readonly host: string;
  readonly port: number;
  /** In the order in which they came; empty it between tests with `requests.length = 0`. */
  readonly requests: RequestRecord[];
  readonly faults: FaultList;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** PEM texts; absent means plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

type MutableRecord = { -readonly [K in keyof RequestRecord]: RequestRecord[K] };

export async function startService(handler: Handler, options: ServiceOptions = {}): Promise<Service> {
  const requests: RequestRecord[] = [];
  const faults = new FaultList();
  const handle = faults.wrap(handler);
  const listener: RequestListener = (incoming, response) => {
    const record: MutableRecord = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: incoming.headers,
      at: performance.now(),
      status: undefined,
      bytesSent: 0,
      bytesReceived: 0,
    };
    requests.push(record);
    void answer(handle, incoming, response, record);
  };
  const server =
    options.tls === undefined ? createServer(listener) : createTlsServer({ ...options.tls }, listener);
  server.requestTimeout = 0;
  // As patient as real registries are: a client whose thread was busy for seconds must not meet a closed connection.
  server.keepAliveTimeout = 75_000;
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}`,
    host,
    port,
    requests,
    faults,
    close: () => close(server),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  handle: Handler,
  incoming: IncomingMessage,
  response: ServerResponse,
  record: MutableRecord,
): Promise<void> {
  // A client that goes away is its own affair: the loop below ends on 'close'.
  response.on('error', () => undefined);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // Node lets go of a socket that is closed.
  const { socket } = incoming;
  let reply: Reply;
  try {
    reply = await handle(toRequest(incoming, gone.signal, record));
  } catch (error) {
    if (error instanceof ConnectionReset) socket.resetAndDestroy();
    if (socket.destroyed) return;
    reply = errorReply(500, 'UNKNOWN', String(error));
  }
  record.status = reply.status;
  incoming.resume();
  try {
    await send(reply, response, record);
  } catch {
    response.socket?.resetAndDestroy();
  }
}

function toRequest(incoming: IncomingMessage, gone: AbortSignal, record: MutableRecord): ServiceRequest {
  const url = new URL(incoming.url ?? '/', 'http://service');
  return {
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: incoming.headers,
    body: Readable.from(counted(incoming, record), { objectMode: false }),
    gone,
  };
}

async function* counted(incoming: IncomingMessage, record: MutableRecord): AsyncGenerator<Buffer> {
  // Who stops reading may still want to answer.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    record.bytesReceived += chunk.length;
    yield chunk;
  }
}

async function send(reply: Reply, response: ServerResponse, record: MutableRecord): Promise<void> {
  const { body } = reply;
  const headers: Record<string, string> = { ...reply.headers };
  if (!('content-length' in headers || 'transfer-encoding' in headers) && reply.status !== 204) {
    headers['content-length'] = String(body?.size ?? 0);
  }
  response.writeHead(reply.status, headers);
  if (body !== undefined && record.method !== 'HEAD') {
    response.flushHeaders();
    for await (const chunk of body.open() as AsyncIterable<Buffer>) {
      if (!(await write(response, chunk))) return;
      record.bytesSent += chunk.length;
    }
  }
  if (reply.hangUp === true) response.socket?.destroySoon();
  else response.end();
}

/** False when the client has gone. The callback says that the kernel took the bytes: a later reset does not lose them here. */
function write(response: ServerResponse, chunk: Buffer): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    response.once('close', gone);
    response.write(chunk, (error) => {
      response.off('close', gone);
      resolve(error === null || error === undefined);
    });
  });
}
