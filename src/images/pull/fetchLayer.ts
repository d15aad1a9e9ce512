import { setTimeout as sleep } from 'node:timers/promises';
import { isCancelled, isStrataError, StrataError } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES, MAX_ATTEMPTS, RETRY_BASE_MS } from '../../base/limits.ts';
import { readLayerStats } from '../../layers/index.ts';
import type { LayerStats } from '../../layers/index.ts';
import { openBlob } from '../../registry/index.ts';
import type { BlobAnswer, BlobRequest } from '../../registry/index.ts';
import { layerIndexFile, openPartial, withStoreErrors, writeLayerIndex } from '../../store/index.ts';
import type { PartialBlob } from '../../store/index.ts';
import type { Transport } from '../../transport/index.ts';
import { indexStoredBlob } from './indexStoredBlob.ts';
import { LayerPipeline } from './layerPipeline.ts';
import type { LayerJob, LayerProgress, LayerResult } from './messages.ts';

/** What a job needs of its thread. */
export interface FetchPorts {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly report: (progress: LayerProgress) => void;
  /** A fresh Authorization for a source that answered 401, undefined if there is none. */
  readonly renewAuthorization: (
    source: BlobRequest,
    challenge: string | undefined,
  ) => Promise<string | undefined>;
}

/**
 * Brings one layer into the store: streamed once, verified, indexed; resumed where an earlier attempt stopped.
 * The index is written before the blob lands, so that a blob in the store can be browsed.
 * @throws `digest-mismatch`, `size-mismatch`, `content-invalid`, the registry's errors, `disk-full`, `store-unwritable`
 */
export async function fetchLayer(job: LayerJob, ports: FetchPorts): Promise<LayerResult> {
  const partial = await openPartial(job.root, job.digest, {
    signal: ports.signal,
    size: job.size,
    onWait: () => ports.report({ status: 'Waiting' }),
  });
  if (partial === 'complete') return { stats: await indexOfStored(job, ports), fetched: 0 };
  try {
    return await fetchInto(partial, job, ports);
  } finally {
    await partial.close();
  }
}

async function indexOfStored(job: LayerJob, ports: FetchPorts): Promise<LayerStats> {
  try {
    return await readLayerStats(layerIndexFile(job.root, job.diffId));
  } catch {
    return await indexStoredBlob(job, ports);
  }
}

async function fetchInto(partial: PartialBlob, job: LayerJob, ports: FetchPorts): Promise<LayerResult> {
  const download = new Download(partial, job, ports);
  const resumed = await download.resume();
  try {
    return await download.run();
  } catch (error) {
    // Bytes of an earlier process may have been torn by a power cut: they get one fresh start.
    if (!resumed || !isStrataError(error, 'digest-mismatch')) throw error;
    await download.restart();
    return await download.run();
  } finally {
    download.destroy();
  }
}

class Download {
  readonly #partial: PartialBlob;
  readonly #job: LayerJob;
  readonly #ports: FetchPorts;
  #pipeline: LayerPipeline;
  #offset = 0;
  #fetched = 0;
  #reportedAt = 0;

  constructor(partial: PartialBlob, job: LayerJob, ports: FetchPorts) {
    this.#partial = partial;
    this.#job = job;
    this.#ports = ports;
    this.#pipeline = new LayerPipeline(job.digest, job.diffId);
  }

  /** Takes up the bytes that an earlier attempt left. @returns true if there were some */
  async resume(): Promise<boolean> {
    const { size } = this.#partial;
    if (size > this.#job.size) {
      await this.restart();
      return false;
    }
    const { signal } = this.#ports;
    for await (const chunk of readAhead(this.#partial, size, signal)) {
      await this.#pipeline.push(chunk);
      this.#offset += chunk.length;
      this.#report();
    }
    return size > 0;
  }

  /** Forgets all bytes. */
  async restart(): Promise<void> {
    this.#pipeline.destroy();
    this.#pipeline = new LayerPipeline(this.#job.digest, this.#job.diffId);
    this.#offset = 0;
    await this.#partial.discard();
  }

  destroy(): void {
    this.#pipeline.destroy();
  }

  async run(): Promise<LayerResult> {
    await this.#download();
    this.#ports.report({ status: 'Verifying Checksum' });
    try {
      const { index, stats } = await this.#pipeline.finish();
      await writeLayerIndex(this.#job.root, this.#job.diffId, index);
      await this.#partial.commit(this.#job.size);
      this.#ports.report({ status: 'Download complete' });
      return { stats, fetched: this.#fetched };
    } catch (error) {
      // Wrong bytes are of no use to the next attempt; a full disk's are.
      if (isStrataError(error, 'digest-mismatch') || isStrataError(error, 'content-invalid')) {
        await this.#partial.discard();
      }
      throw error;
    }
  }

  /** Goes through the sources until all bytes are here. Progress resets the count of attempts. */
  async #download(): Promise<void> {
    const sources = [...this.#job.sources];
    let attempt = 0;
    while (this.#offset < this.#job.size || (this.#job.size === 0 && attempt === 0)) {
      const [source] = sources;
      if (source === undefined) throw new StrataError('blob-missing', { digest: this.#job.digest });
      const before = this.#offset;
      try {
        sources[0] = await this.#fetch(source);
        if (this.#offset < this.#job.size) throw this.#cutShort(source);
      } catch (error) {
        if (this.#ports.signal.aborted || isCancelled(error)) throw error;
        attempt = this.#offset > before ? 1 : attempt + 1;
        if (isRetryable(error) && attempt < MAX_ATTEMPTS) {
          await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt, undefined, {
            signal: this.#ports.signal,
          });
        } else if (sources.length > 1) {
          sources.shift();
          attempt = 0;
        } else {
          throw error;
        }
      }
      if (this.#job.size === 0) return;
    }
  }

  /** Reads what one answer gives. @returns the source, with the authorization that worked */
  async #fetch(source: BlobRequest): Promise<BlobRequest> {
    const { request, answer } = await this.#open(source);
    if (answer.status === 'restart' || (answer.status === 'full' && this.#offset > 0)) await this.restart();
    if (answer.status === 'restart') return request;
    let batch: Buffer[] = [];
    let pending = 0;
    try {
      for await (const chunk of answer.body) {
        batch.push(chunk);
        pending += chunk.length;
        if (this.#offset + pending > this.#job.size) throw this.#tooLong(source, pending);
        if (pending < BLOB_BATCH_BYTES) continue;
        const full = batch;
        batch = [];
        pending = 0;
        await this.#take(join(full));
      }
    } finally {
      // What arrived before a break is kept, so that the next attempt goes on behind it.
      if (pending > 0 && this.#offset + pending <= this.#job.size) await this.#take(join(batch));
    }
    return request;
  }

  /** Asks with the source's authorization, and once more with a fresh one after a 401. */
  async #open(
    source: BlobRequest,
  ): Promise<{ request: BlobRequest; answer: Exclude<BlobAnswer, { status: 'unauthorized' }> }> {
    const { transport, signal } = this.#ports;
    const options = { offset: this.#offset, signal };
    const first = await openBlob(transport, source, options);
    if (first.status !== 'unauthorized') return { request: source, answer: first };
    const authorization = await this.#ports.renewAuthorization(source, first.challenge);
    if (authorization !== undefined) {
      const request = { ...source, authorization };
      const second = await openBlob(transport, request, options);
      if (second.status !== 'unauthorized') return { request, answer: second };
    }
    const { host, name } = source;
    throw new StrataError('registry-unauthorized', { host, name, signedIn: authorization !== undefined });
  }

  async #take(chunk: Buffer): Promise<void> {
    this.#ports.signal.throwIfAborted();
    await Promise.all([this.#write(chunk, this.#offset), this.#pipeline.push(chunk)]);
    this.#offset += chunk.length;
    this.#fetched += chunk.length;
    this.#report();
  }

  async #write(chunk: Buffer, position: number): Promise<void> {
    await withStoreErrors(this.#partial.path, 'write', async () => {
      for (let written = 0; written < chunk.length;) {
        const { bytesWritten } = await this.#partial.handle.write(
          chunk,
          written,
          chunk.length - written,
          position + written,
        );
        written += bytesWritten;
      }
    });
  }

  #report(): void {
    const now = performance.now();
    if (now - this.#reportedAt < this.#job.progressIntervalMs) return;
    this.#reportedAt = now;
    this.#ports.report({ status: 'Downloading', current: this.#offset });
  }

  #tooLong(source: BlobRequest, more: number): StrataError {
    const { digest, size } = this.#job;
    const actual = this.#offset + more;
    return new StrataError('size-mismatch', {
      what: `layer ${digest} from ${source.host}`,
      expected: size,
      actual,
    });
  }

  #cutShort(source: BlobRequest): StrataError {
    const detail = 'the connection closed before the layer was complete';
    return new StrataError(
      'registry-unreachable',
      { host: source.host, reason: 'broken', detail },
      { retryable: true },
    );
  }
}

function join(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

function isRetryable(error: unknown): boolean {
  return error instanceof StrataError && error.retryable;
}

async function* readAhead(partial: PartialBlob, size: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < size;) {
    signal.throwIfAborted();
    const buffer = Buffer.allocUnsafe(Math.min(BLOB_BATCH_BYTES, size - offset));
    const { bytesRead } = await partial.handle.read(buffer, 0, buffer.length, offset);
    if (bytesRead === 0) return;
    offset += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
