import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';

/** A request as handlers and fault rules see it. */
export interface ServiceRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Drained by the service where nobody reads it. */
  readonly body: Readable;
  /** Aborted when the connection closes: what waits for the client stops. */
  readonly gone: AbortSignal;
}

/** What is sent back. HEAD sends everything of it but the body. */
export interface Reply {
  readonly status: number;
  /** Lower-case names. `content-length` is set from the body unless it, or `transfer-encoding`, stands here. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body | undefined;
  /** Closes the connection (FIN) when the body has been sent, however much of it was promised. */
  readonly hangUp?: boolean;
}

/** Opened only when it is sent. A stream that fails ends in a reset of the connection. */
export interface Body {
  /** Bytes. */
  readonly size: number;
  open(): Readable;
}

export type Handler = (request: ServiceRequest) => Promise<Reply>;

/** Stands before a handler: may answer itself, change the request, or change the reply. */
export type Middleware = (request: ServiceRequest, next: Handler) => Promise<Reply>;

export const CHUNK_BYTES = 1024 * 1024;

export function bytesBody(bytes: Uint8Array): Body {
  return { size: bytes.length, open: () => Readable.from(slices(bytes), { objectMode: false }) };
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

export function emptyReply(status: number, headers: Record<string, string> = {}): Reply {
  return { status, headers };
}

export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: bytesBody(Buffer.from(JSON.stringify(value))),
  };
}

/** distribution-spec, "Error codes": `{"errors": [{code, message, detail}]}`. */
export function errorReply(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Reply {
  return jsonReply(status, { errors: [{ code, message, detail: null }] }, headers);
}

/** A failure that a handler throws and the router turns into its error reply. */
export class RegistryFailure extends Error {
  readonly reply: Reply;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.reply = errorReply(status, code, message, headers);
  }
}

/** Thrown by a handler or by a body's stream: the connection is reset (RST) without another word. */
export class ConnectionReset extends Error {}

/** The whole request body. @throws RegistryFailure 413 past the limit (bytes). */
export async function readRequest(request: ServiceRequest, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new RegistryFailure(413, 'SIZE_INVALID', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
