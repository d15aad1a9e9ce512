import { Worker } from 'node:worker_threads';
import { describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { BlobRequest } from '../../registry/index.ts';
import { fromFailure, toFailure } from './failure.ts';
import type {
  FromWorker,
  LayerJob,
  LayerProgress,
  LayerResult,
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
    options.signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const worker = this.#takeIdle() ?? this.#start();
    worker.ref();
    try {
      return await this.#converse(worker, job, options);
    } catch (error) {
      options.signal?.throwIfAborted();
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

  async #converse(worker: Worker, job: LayerJob, options: JobOptions): Promise<LayerResult> {
    let isOver = false;
    // An answer that comes late must not reach the worker's next job: it may be a token for another registry.
    const send = (message: ToWorker): void => {
      if (!isOver) worker.postMessage(message);
    };
    let grace: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      send({ type: 'cancel' });
      grace = setTimeout(() => {
        this.#all.delete(worker);
        void worker.terminate();
      }, CANCEL_GRACE_MS);
    };
    const answer = async (source: BlobRequest, challenge: string | undefined): Promise<void> => {
      try {
        send({ type: 'authorization', authorization: await options.renewAuthorization(source, challenge) });
      } catch (error) {
        send({ type: 'authorizationFailed', error: toFailure(error) });
      }
    };
    let stop = (): void => undefined;
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<LayerResult>((resolve, reject) => {
        const onMessage = (message: FromWorker): void => {
          switch (message.type) {
            case 'progress': {
              options.onProgress(message.progress);
              return;
            }
            case 'log': {
              this.#logger[message.level](message.message);
              return;
            }
            case 'unauthorized':
              return void answer(message.source, message.challenge);
            case 'done': {
              resolve(message.result);
              return;
            }
            case 'failed': {
              reject(fromFailure(message.error));
              return;
            }
          }
        };
        const onError = (error: Error): void => reject(error);
        const onExit = (code: number): void => reject(new Error(`the layer worker ended with code ${code}`));
        worker.on('message', onMessage).on('error', onError).on('exit', onExit);
        stop = () => void worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        send({ type: 'start', job });
      });
    } finally {
      isOver = true;
      stop();
      clearTimeout(grace);
      options.signal?.removeEventListener('abort', cancel);
    }
  }
}
