import { Worker } from 'node:worker_threads';
import { describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobRequest } from '../../registry/index.ts';
import type { ReadJob, UploadJob, UploadResult } from '../push/messages.ts';
import { ChunkQueue } from './chunkQueue.ts';
import { fromFailure, toFailure } from './failure.ts';
import type {
  FromWorker,
  LayerJob,
  LayerProgress,
  LayerResult,
  TakeJob,
  TakeResult,
  ToWorker,
  WorkerSettings,
} from './messages.ts';

/** A worker that nobody needs goes after so many milliseconds: starting one again costs 40. */
const IDLE_MS = 30_000;
/** How long a cancelled job may take to let go of its files before its thread is ended. */
const CANCEL_GRACE_MS = 2_000;

/** What streams through is dead at once: a small young generation stays in the processor's cache and spares 45 MB. */
const YOUNG_GENERATION_MB = 4;

export interface JobOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: LayerProgress) => void;
  readonly renewAuthorization: (
    source: BlobRequest,
    challenge: string | undefined,
  ) => Promise<string | undefined>;
}

export interface UploadOptions extends Omit<JobOptions, 'onProgress'> {
  /** Bytes that have left. */
  readonly onProgress: (current: number) => void;
}

export interface TakeOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: LayerProgress) => void;
  /** The bytes of a job without a slice. Each chunk is given away: it must not be used again. */
  readonly chunks?: AsyncIterable<Uint8Array>;
  /** Resolves once no sweep takes these. */
  readonly protect: (digests: readonly Digest[]) => Promise<void>;
}

/** Threads for layers: started on demand, reused, ended when idle. As many run as jobs are given at once. */
export class LayerWorkers {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #settings: WorkerSettings;
  readonly #idle = new Map<Worker, NodeJS.Timeout>();
  readonly #all = new Set<Worker>();
  readonly #closing = new AbortController();

  /** @param path the worker's entry file */
  constructor(path: string, logger: Logger, settings: WorkerSettings = { background: false }) {
    this.#path = path;
    this.#logger = logger;
    this.#settings = settings;
  }

  /** Does one layer. Rejects with the signal's reason when cancelled, after the thread has let go of its files. */
  async run(job: LayerJob, options: JobOptions): Promise<LayerResult> {
    return await this.#with(options.signal, async (worker) => {
      return await this.#converse<LayerResult>(
        worker,
        { type: 'start', job },
        options.signal,
        (message, talk) => {
          switch (message.type) {
            case 'progress':
              options.onProgress(message.progress);
              break;
            case 'unauthorized':
              void answer(message.source, message.challenge, options, talk.send);
              break;
            case 'done':
              talk.resolve(message.result);
              break;
            default:
          }
        },
      );
    });
  }

  /**
   * Takes one layer of an archive into the store.
   * @returns what it proved to be; undefined if the store had it
   */
  async take(job: TakeJob, options: TakeOptions): Promise<TakeResult | undefined> {
    return await this.#with(options.signal, async (worker) => {
      const feeder = new Feeder(options.chunks);
      try {
        return await this.#converse<TakeResult | undefined>(
          worker,
          { type: 'take', job },
          options.signal,
          (message, talk) => {
            switch (message.type) {
              case 'progress':
                options.onProgress(message.progress);
                break;
              case 'ready':
                feeder.next(talk);
                break;
              case 'found':
                options.protect(message.digests).then(() => talk.send({ type: 'protected' }), talk.reject);
                break;
              case 'taken':
                talk.resolve(message.result);
                break;
              default:
            }
          },
        );
      } finally {
        feeder.stop();
      }
    });
  }

  /** Sends one blob to a registry. */
  async upload(job: UploadJob, options: UploadOptions): Promise<UploadResult> {
    return await this.#with(options.signal, async (worker) => {
      return await this.#converse<UploadResult>(
        worker,
        { type: 'upload', job },
        options.signal,
        (message, talk) => {
          switch (message.type) {
            case 'sent':
              options.onProgress(message.current);
              break;
            case 'unauthorized':
              void answer(message.source, message.challenge, options, talk.send);
              break;
            case 'uploaded':
              talk.resolve(message.result);
              break;
            default:
          }
        },
      );
    });
  }

  /**
   * The bytes of a place, in batches that the host's thread only has to hand on: connections, hashes and compression are
   * the worker's. Who stops reading ends the job.
   */
  async *read(job: ReadJob, options: Omit<JobOptions, 'onProgress'>): AsyncGenerator<Buffer, void> {
    const stop = new AbortController();
    const signal =
      options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
    let owed = 0;
    let ask = (): void => void (owed += 1);
    const queue = new ChunkQueue(() => ask());
    const work = this.#with(signal, async (worker) => {
      await this.#converse<undefined>(
        worker,
        { type: 'read', job },
        signal,
        (message, { send, resolve }) => {
          switch (message.type) {
            case 'bytes':
              queue.push(message.bytes);
              break;
            case 'unauthorized':
              void answer(message.source, message.challenge, options, send);
              break;
            case 'read':
              resolve(undefined);
              break;
            default:
          }
        },
        ({ send }) => {
          ask = () => send({ type: 'more' });
          for (; owed > 0; owed -= 1) ask();
        },
      );
    });
    const ended = work.then(
      () => queue.push(undefined),
      (error: unknown) => queue.fail(error instanceof Error ? error : new Error(describeError(error))),
    );
    try {
      yield* queue;
    } finally {
      stop.abort();
      await ended;
    }
  }

  async #with<T>(signal: AbortSignal | undefined, step: (worker: Worker) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const worker = this.#takeIdle() ?? this.#start();
    worker.ref();
    try {
      return await step(worker);
    } catch (error) {
      signal?.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      throw error;
    } finally {
      if (this.#all.has(worker)) this.#rest(worker);
    }
  }

  /** Ends all threads. Jobs under way reject as cancelled; what they wrote is kept. */
  async close(): Promise<void> {
    this.#closing.abort();
    const workers = [...this.#all];
    this.#all.clear();
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    await Promise.all(workers.map(async (worker) => await worker.terminate()));
  }

  #takeIdle(): Worker | undefined {
    const [idle] = this.#idle;
    if (idle === undefined) return undefined;
    clearTimeout(idle[1]);
    this.#idle.delete(idle[0]);
    return idle[0];
  }

  #start(): Worker {
    const worker = new Worker(this.#path, {
      workerData: this.#settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#all.add(worker);
    const forget = (): void => {
      this.#all.delete(worker);
      clearTimeout(this.#idle.get(worker));
      this.#idle.delete(worker);
    };
    worker.once('exit', forget);
    // Without a listener a thread that fails while it rests would end this process.
    worker.on('error', (error) => {
      forget();
      this.#logger.error(`a layer worker failed: ${describeError(error)}`);
    });
    return worker;
  }

  #rest(worker: Worker): void {
    worker.unref();
    const timer = setTimeout(() => void worker.terminate(), IDLE_MS).unref();
    this.#idle.set(worker, timer);
  }

  async #converse<T>(
    worker: Worker,
    start: ToWorker,
    signal: AbortSignal | undefined,
    hear: (message: FromWorker, talk: Talk<T>) => void,
    begin: (talk: Talk<T>) => void = () => undefined,
  ): Promise<T> {
    let isOver = false;
    // An answer that comes late must not reach the worker's next job: it may be a token for another registry.
    const send = (message: ToWorker, transfer: readonly ArrayBuffer[] = []): void => {
      if (!isOver) worker.postMessage(message, transfer);
    };
    let grace: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      send({ type: 'cancel' });
      grace = setTimeout(() => {
        this.#all.delete(worker);
        void worker.terminate();
      }, CANCEL_GRACE_MS);
    };
    let stop = (): void => undefined;
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<T>((resolve, reject) => {
        // The worker must let go of its files before its job is over.
        const fail = (error: unknown): void => {
          cancel();
          failure ??= error instanceof Error ? error : new Error(describeError(error));
        };
        let failure: Error | undefined;
        const talk: Talk<T> = { send, resolve, reject: fail };
        const onMessage = (message: FromWorker): void => {
          if (message.type === 'log') this.#logger[message.level](message.message);
          else if (message.type === 'failed') reject(failure ?? fromFailure(message.error));
          else hear(message, talk);
        };
        const onError = (error: Error): void => reject(error);
        const onExit = (code: number): void => reject(new Error(`the layer worker ended with code ${code}`));
        worker.on('message', onMessage).on('error', onError).on('exit', onExit);
        stop = () => void worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        send(start);
        begin(talk);
      });
    } finally {
      isOver = true;
      stop();
      clearTimeout(grace);
      signal?.removeEventListener('abort', cancel);
    }
  }
}

/** What a conversation with a worker offers to who listens. */
interface Talk<T> {
  readonly send: (message: ToWorker, transfer?: readonly ArrayBuffer[]) => void;
  readonly resolve: (result: T) => void;
  /** Ends the job as failed, once the worker has let go of its files. */
  readonly reject: (error: unknown) => void;
}

async function answer(
  source: BlobRequest,
  challenge: string | undefined,
  options: Pick<JobOptions, 'renewAuthorization'>,
  send: (message: ToWorker) => void,
): Promise<void> {
  try {
    send({ type: 'authorization', authorization: await options.renewAuthorization(source, challenge) });
  } catch (error) {
    send({ type: 'authorizationFailed', error: toFailure(error) });
  }
}

/** Hands a job its chunks, one for each that the worker asks for. */
class Feeder {
  readonly #chunks: AsyncIterator<Uint8Array> | undefined;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(chunks: AsyncIterable<Uint8Array> | undefined) {
    this.#chunks = chunks?.[Symbol.asyncIterator]();
  }

  next(talk: Pick<Talk<never>, 'send' | 'reject'>): void {
    this.#last = this.#last.then(async () => {
      if (this.#stopped) return;
      try {
        const next = await this.#chunks?.next();
        const bytes: Uint8Array | undefined =
          next === undefined || next.done === true ? undefined : next.value;
        talk.send({ type: 'chunk', bytes }, ownBuffer(bytes));
      } catch (error) {
        talk.reject(error);
      }
    });
  }

  /** Lets the source go where the job has ended before it. Not awaited: it may be waiting for bytes that never come. */
  stop(): void {
    this.#stopped = true;
    this.#chunks?.return?.().catch(() => undefined);
  }
}

/** A buffer that the chunk alone uses moves to the worker instead of being copied. */
function ownBuffer(bytes: Uint8Array | undefined): readonly ArrayBuffer[] {
  if (bytes === undefined || bytes.byteLength !== bytes.buffer.byteLength) return [];
  return bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}
