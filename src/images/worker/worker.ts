import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Logger } from '../../base/logger.ts';
import type { BlobRequest } from '../../registry/index.ts';
import { createTransport } from '../../transport/index.ts';
import type { Transport, TransportConfig } from '../../transport/index.ts';
import { ChunkQueue } from './chunkQueue.ts';
import { Demand } from './demand.ts';
import { fromFailure, toFailure } from './failure.ts';
import { fetchLayer } from '../pull/fetchLayer.ts';
import type { FromWorker, LayerJob, TakeJob, ToWorker, WorkerSettings } from './messages.ts';
import { readContent } from '../push/readContent.ts';
import { sendBlob } from '../push/sendBlob.ts';
import type { ReadJob, UploadJob } from '../push/messages.ts';
import { takeLayer } from '../pull/takeLayer.ts';
import { lowerThreadPriority } from './threadPriority.ts';

/** The thread that owns a layer's bytes, from the socket to the store. One job at a time; kept for the next. */
class LayerWorker {
  readonly #port: MessagePort;
  readonly #logger: Logger;
  #transport: { key: string; transport: Transport } | undefined;
  #abort = new AbortController();
  #authorization:
    { resolve: (value: string | undefined) => void; reject: (error: Error) => void } | undefined;

  #chunks = new ChunkQueue();
  #demand = new Demand();
  #protected: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    const log =
      (level: Extract<FromWorker, { type: 'log' }>['level']) =>
      (message: string): void =>
        this.#send({ type: 'log', level, message });
    this.#logger = {
      trace: log('trace'),
      debug: log('debug'),
      info: log('info'),
      warn: log('warn'),
      error: log('error'),
    };
  }

  take(message: ToWorker): void {
    switch (message.type) {
      case 'start':
        void this.#run(message.job);
        return;
      case 'take':
        void this.#take(message.job);
        return;
      case 'upload':
        void this.#upload(message.job);
        return;
      case 'read':
        void this.#read(message.job);
        return;
      case 'more':
        this.#demand.ask();
        return;
      case 'chunk':
        this.#chunks.push(message.bytes);
        return;
      case 'protected':
        this.#protected?.resolve();
        return;
      case 'cancel':
        this.#abort.abort();
        this.#authorization?.reject(this.#abort.signal.reason as Error);
        this.#protected?.reject(this.#abort.signal.reason as Error);
        this.#chunks.fail(this.#abort.signal.reason as Error);
        this.#demand.fail(this.#abort.signal.reason as Error);
        return;
      case 'authorization':
        this.#authorization?.resolve(message.authorization);
        return;
      case 'authorizationFailed':
        this.#authorization?.reject(fromFailure(message.error));
        return;
    }
  }

  #send(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  async #run(job: LayerJob): Promise<void> {
    this.#abort = new AbortController();
    try {
      const result = await fetchLayer(job, {
        transport: await this.#transportFor(job.transport),
        signal: this.#abort.signal,
        report: (progress) => this.#send({ type: 'progress', progress }),
        renewAuthorization: async (source, challenge) => await this.#renew(source, challenge),
      });
      this.#send({ type: 'done', result });
    } catch (error) {
      this.#send({ type: 'failed', error: toFailure(error) });
    }
  }

  async #upload(job: UploadJob): Promise<void> {
    this.#abort = new AbortController();
    try {
      const result = await sendBlob(job, {
        transport: await this.#transportFor(job.transport),
        signal: this.#abort.signal,
        onProgress: (current) => this.#send({ type: 'sent', current }),
        renewAuthorization: async (request, challenge) => await this.#renew(request, challenge),
      });
      this.#send({ type: 'uploaded', result });
    } catch (error) {
      this.#send({ type: 'failed', error: toFailure(error) });
    }
  }

  async #read(job: ReadJob): Promise<void> {
    this.#abort = new AbortController();
    this.#demand = new Demand();
    try {
      const batches = readContent(job.content, {
        transport: await this.#transportFor(job.transport),
        signal: this.#abort.signal,
        renewAuthorization: async (request, challenge) => await this.#renew(request, challenge),
      });
      for await (const bytes of batches) {
        await this.#demand.next();
        this.#send({ type: 'bytes', bytes }, [bytes.buffer]);
      }
      this.#send({ type: 'read' });
    } catch (error) {
      this.#send({ type: 'failed', error: toFailure(error) });
    }
  }

  async #renew(source: BlobRequest, challenge: string | undefined): Promise<string | undefined> {
    return await new Promise((resolve, reject) => {
      this.#authorization = { resolve, reject };
      this.#send({ type: 'unauthorized', source, challenge });
    });
  }

  async #take(job: TakeJob): Promise<void> {
    this.#abort = new AbortController();
    this.#chunks = new ChunkQueue(() => this.#send({ type: 'ready' }));
    try {
      const result = await takeLayer(job, {
        signal: this.#abort.signal,
        report: (progress) => this.#send({ type: 'progress', progress }),
        chunks: this.#chunks,
        protect: async (digests) => {
          await new Promise<void>((resolve, reject) => {
            this.#protected = { resolve, reject };
            this.#send({ type: 'found', digests });
          });
        },
      });
      this.#send({ type: 'taken', result });
    } catch (error) {
      this.#send({ type: 'failed', error: toFailure(error) });
    }
  }

  /** Kept between jobs, so that connections stay open. */
  async #transportFor(config: TransportConfig): Promise<Transport> {
    const key = JSON.stringify(config);
    if (this.#transport?.key !== key) {
      await this.#transport?.transport.close();
      this.#transport = { key, transport: createTransport(config, this.#logger) };
    }
    return this.#transport.transport;
  }
}

if (parentPort !== null) {
  if ((workerData as WorkerSettings).background) lowerThreadPriority();
  const worker = new LayerWorker(parentPort);
  parentPort.on('message', (message: ToWorker) => worker.take(message));
}
