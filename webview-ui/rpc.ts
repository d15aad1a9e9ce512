import { isRecord } from '../src/protocol/envelope.ts';
import type {
  EventMap,
  EventMessage,
  ProtocolErrorCode,
  RequestMap,
  RequestMessage,
  ResponseMessage,
} from '../src/protocol/envelope.ts';

/** A request that failed: a StrataError's code or one of the channel's own, and a sentence to show. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface RpcOptions<M extends RequestMap, E extends EventMap> {
  readonly post: (message: RequestMessage<M>) => void;
  readonly onEvent: (event: EventMessage<E>) => void;
  /** The sentence for a failure of the channel itself. */
  readonly textOf: (code: ProtocolErrorCode) => string;
  /** Milliseconds until a request without an answer is given up. */
  readonly timeoutMs: number;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RpcError) => void;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

/** The webview's end of the channel. Every request ends: answered, out of time, or closed with the page. */
export class Rpc<M extends RequestMap, E extends EventMap> {
  readonly #options: RpcOptions<M, E>;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #closed = false;

  constructor(options: RpcOptions<M, E>) {
    this.#options = options;
  }

  /**
   * Asks the host.
   * @param timeoutMs Infinity for what takes as long as it takes.
   * @throws RpcError with the host's code, `timeout` or `closed`
   */
  request<K extends keyof M & string>(
    method: K,
    params: M[K]['params'],
    timeoutMs: number = this.#options.timeoutMs,
  ): Promise<M[K]['result']> {
    if (this.#closed) return Promise.reject(this.#own('closed'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(timeoutMs)
        ? setTimeout(() => {
            this.#pending.delete(id);
            reject(this.#own('timeout'));
          }, timeoutMs)
        : undefined;
      this.#pending.set(id, { resolve, reject, timer });
      this.#options.post({ type: 'request', id, method, params } as unknown as RequestMessage<M>);
    });
  }

  /** Takes what came from the host; anything else that reaches the window is left alone. */
  receive(message: unknown): void {
    if (this.#closed || !isRecord(message)) return;
    if (message['type'] === 'response') this.#settle(message as unknown as ResponseMessage);
    else if (message['type'] === 'event') this.#options.onEvent(message as unknown as EventMessage<E>);
  }

  /** The page goes away: whatever still waits is rejected with `closed`. */
  close(): void {
    this.#closed = true;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#own('closed'));
    }
    this.#pending.clear();
  }

  #settle(response: ResponseMessage): void {
    const pending = this.#pending.get(response.id);
    // Late, after its time ran out.
    if (pending === undefined) return;
    this.#pending.delete(response.id);
    clearTimeout(pending.timer);
    if ('error' in response) pending.reject(new RpcError(response.error.code, response.error.message));
    else pending.resolve(response.ok);
  }

  #own(code: ProtocolErrorCode): RpcError {
    return new RpcError(code, this.#options.textOf(code));
  }
}
