/** How messages travel, whatever they say: requests with an id, one answer each, and events that want none. */

/** Methods of a panel: what each takes and answers. */
export type RequestMap = Record<string, { params: unknown; result: unknown }>;

/** Events that the host sends. */
export type EventMap = Record<string, unknown>;

/** Webview → host. */
export type RequestMessage<M extends RequestMap> = {
  [K in keyof M & string]: {
    readonly type: 'request';
    /** Counts up from 1 in one life of the webview. */
    readonly id: number;
    readonly method: K;
    readonly params: M[K]['params'];
  };
}[keyof M & string];

/** What went wrong, safe to show: `message` is already in the person's language. */
export interface RequestError {
  /** A StrataError's code, or one of ProtocolErrorCode. */
  readonly code: string;
  readonly message: string;
}

/** Codes that come from the channel itself. */
export type ProtocolErrorCode = 'invalid-request' | 'failed' | 'timeout' | 'closed';

/** Host → webview: the one answer to the request with this id. */
export type ResponseMessage =
  | { readonly type: 'response'; readonly id: number; readonly ok: unknown }
  | { readonly type: 'response'; readonly id: number; readonly error: RequestError };

/** Host → webview, unasked. */
export type EventMessage<E extends EventMap> = {
  [K in keyof E & string]: { readonly type: 'event'; readonly name: K; readonly value: E[K] };
}[keyof E & string];

/** A check for each method: true when `params` is what the method takes. */
export type ParamChecks<M extends RequestMap> = {
  readonly [K in keyof M]: (params: unknown) => params is M[K]['params'];
};

export type ParsedRequest<M extends RequestMap> =
  | { readonly kind: 'request'; readonly request: RequestMessage<M> }
  /** Wrong, but it has an id: answer with `invalid-request`. */
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string }
  /** No message of ours. */
  | { readonly kind: 'ignored' };

/** Checks a message from the webview before anything acts on it. */
export function parseRequest<M extends RequestMap>(
  message: unknown,
  checks: ParamChecks<M>,
): ParsedRequest<M> {
  if (!isRecord(message) || message['type'] !== 'request') return { kind: 'ignored' };
  const { id, method, params } = message;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) return { kind: 'ignored' };
  if (typeof method !== 'string' || !Object.hasOwn(checks, method)) {
    return { kind: 'refused', id, reason: 'unknown method' };
  }
  const check = checks[method];
  if (check === undefined || !check(params)) {
    return { kind: 'refused', id, reason: `wrong parameters for ${method}` };
  }
  // The check above has just proved that method and params belong together.
  return {
    kind: 'request',
    request: { type: 'request', id, method, params } as unknown as RequestMessage<M>,
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** For methods that take nothing: an object without keys. */
export function isEmpty(params: unknown): params is Record<string, never> {
  return isRecord(params) && Object.keys(params).length === 0;
}
