import { describeError, isCancelled, isStrataError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { parseRequest } from '../../protocol/envelope.ts';
import type {
  ParamChecks,
  RequestError,
  RequestMap,
  RequestMessage,
  ResponseMessage,
} from '../../protocol/envelope.ts';

/** One function for each method of the panel. */
export type Handlers<M extends RequestMap> = {
  readonly [K in keyof M]: (params: M[K]['params']) => Promise<M[K]['result']>;
};

export interface MessageHandlerOptions<M extends RequestMap> {
  readonly checks: ParamChecks<M>;
  readonly handlers: Handlers<M>;
  /** Sends to the webview; never called once the panel has closed. */
  readonly post: (message: ResponseMessage) => void;
  /** A failure as one sentence in the person's language. */
  readonly describe: (error: unknown) => string;
  readonly logger: Logger;
  /** Aborted when the panel closes. */
  readonly closed: AbortSignal;
}

/**
 * Takes whatever the webview sends and answers every request exactly once, also when its handler throws.
 * What is no request of ours is logged and dropped.
 */
export function createMessageHandler<M extends RequestMap>(
  options: MessageHandlerOptions<M>,
): (message: unknown) => Promise<void> {
  const answer = (message: ResponseMessage): void => {
    if (!options.closed.aborted) options.post(message);
  };
  return async (message) => {
    const parsed = parseRequest(message, options.checks);
    if (parsed.kind === 'ignored') {
      options.logger.warn('panel: a message that is no request was dropped');
    } else if (parsed.kind === 'refused') {
      options.logger.warn(`panel: request refused: ${parsed.reason}`);
      answer({
        type: 'response',
        id: parsed.id,
        error: { code: 'invalid-request', message: parsed.reason },
      });
    } else {
      const { id } = parsed.request;
      try {
        answer({ type: 'response', id, ok: await dispatch(options.handlers, parsed.request) });
      } catch (error) {
        if (!isCancelled(error)) {
          options.logger.error(`panel: ${parsed.request.method}: ${describeError(error)}`);
        }
        answer({ type: 'response', id, error: toRequestError(error, options.describe) });
      }
    }
  };
}

/** A failure as the webview may see it. */
export function toRequestError(error: unknown, describe: (error: unknown) => string): RequestError {
  return { code: isStrataError(error) ? error.code : 'failed', message: describe(error) };
}

/** Awaits inside, so that a handler that throws before its promise is caught as well. */
async function dispatch<M extends RequestMap>(
  handlers: Handlers<M>,
  request: RequestMessage<M>,
): Promise<unknown> {
  return await handlers[request.method](request.params);
}
