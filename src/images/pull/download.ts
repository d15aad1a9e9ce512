import { setTimeout as sleep } from 'node:timers/promises';
import { isCancelled, isStrataError, StrataError } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES, MAX_ATTEMPTS, RETRY_BASE_MS } from '../../base/limits.ts';
import { openBlob } from '../../registry/index.ts';
import type { BlobAnswer, BlobRequest } from '../../registry/index.ts';
import { writeLayerIndex } from '../../store/index.ts';
import type { PartialBlob } from '../../store/index.ts';
import { Batch } from '../worker/batch.ts';
import type { FetchPorts } from './fetchPorts.ts';
import { LayerPipeline } from './layerPipeline.ts';
import type { LayerJob, LayerResult } from '../worker/messages.ts';
import { PartialWriter } from './partialWriter.ts';

type OpenAnswer = Exclude<BlobAnswer, { status: 'unauthorized' }>;

/** One layer on its way into a partial blob, from one source after the other, resumed where one breaks off. */
export class Download {
  readonly #partial: PartialBlob;
  readonly #job: LayerJob;
  readonly #ports: FetchPorts;
  readonly #writer: PartialWriter;
  /** Those that are still worth asking, best first. */
  readonly #sources: BlobRequest[];
  readonly #batch = new Batch(BLOB_BATCH_BYTES);
  #pipeline: LayerPipeline;
  /** Bytes that are written and have gone through the pipeline. */
  #offset = 0;
  #fetched = 0;
  #reportedAt = 0;

  constructor(partial: PartialBlob, job: LayerJob, ports: FetchPorts) {
    this.#partial = partial;
    this.#job = job;
    this.#ports = ports;
    this.#sources = [...job.sources];
    this.#writer = new PartialWriter(partial);
    this.#pipeline = new LayerPipeline(job.digest, job.diffId);
  }

  /** Takes up the bytes that an earlier attempt left. @returns true if there were some */
  async resume(): Promise<boolean> {
    const { size, handle } = this.#partial;
    if (size > this.#job.size) {
      await this.restart();
      return false;
    }
    const buffer = Buffer.allocUnsafe(Math.min(BLOB_BATCH_BYTES, size));
    while (this.#offset < size) {
      this.#ports.signal.throwIfAborted();
      const { bytesRead } = await handle.read(
        buffer,
        0,
        Math.min(buffer.length, size - this.#offset),
        this.#offset,
      );
      if (bytesRead === 0) break;
      await this.#pipeline.push(buffer.subarray(0, bytesRead));
      this.#offset += bytesRead;
      this.#report();
    }
    return size > 0;
  }

  /** Forgets all bytes. */
  async restart(): Promise<void> {
    this.#pipeline.close();
    this.#pipeline = new LayerPipeline(this.#job.digest, this.#job.diffId);
    this.#offset = 0;
    await this.#partial.discard();
  }

  /** To be called before the partial blob is closed. */
  async close(): Promise<void> {
    this.#pipeline.close();
    await this.#writer.settle();
  }

  /** Fetches what is missing, verifies all, and lands the blob with its index. */
  async run(): Promise<LayerResult> {
    for (;;) {
      await this.#fetchAll();
      this.#ports.report({ status: 'Verifying Checksum' });
      try {
        return await this.#land();
      } catch (error) {
        // Wrong bytes are of no use to the next attempt; those that only met a full disk are.
        if (!isStrataError(error, 'digest-mismatch') && !isStrataError(error, 'content-invalid')) throw error;
        await this.restart();
        // A mirror that holds other bytes must not stand in the way of the origin.
        if (!this.isWrongBlob(error) || this.#sources.length < 2) throw error;
        this.#sources.shift();
      }
    }
  }

  /** True if the bytes are not the blob, and false if the blob is not what its image says. */
  isWrongBlob(error: unknown): boolean {
    return isStrataError(error, 'digest-mismatch') && error.params.expected === this.#job.digest;
  }

  async #land(): Promise<LayerResult> {
    const { index, stats } = await this.#pipeline.finish();
    await writeLayerIndex(this.#job.root, this.#job.diffId, index);
    await this.#writer.settle();
    await this.#partial.commit(this.#job.size);
    this.#ports.report({ status: 'Download complete' });
    return { stats, fetched: this.#fetched };
  }

  /** Goes through the sources until all bytes are here. */
  async #fetchAll(): Promise<void> {
    let attempt = 0;
    // Bytes that come a second time, after a restart, are no progress: a blob shorter than it should be would never end.
    let furthest = this.#offset;
    while (this.#offset < this.#job.size) {
      const [source] = this.#sources;
      if (source === undefined) throw new StrataError('blob-missing', { digest: this.#job.digest });
      try {
        const { request, answer } = await this.#open(source);
        this.#sources[0] = request;
        const broken = await this.#read(answer, source);
        if (broken === undefined) return;
        attempt = this.#offset > furthest ? 1 : attempt + 1;
        furthest = Math.max(furthest, this.#offset);
        if (attempt >= MAX_ATTEMPTS) throw broken;
        await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt, undefined, { signal: this.#ports.signal });
      } catch (error) {
        if (this.#ports.signal.aborted || isCancelled(error) || this.#sources.length < 2) throw error;
        if (!isStrataError(error) || isOfStore(error)) throw error;
        this.#sources.shift();
        attempt = 0;
        // What a source sent of something larger is not the layer's beginning.
        if (isStrataError(error, 'size-mismatch')) await this.restart();
      }
    }
  }

  /**
   * Reads what one answer gives.
   * @returns why it ended early, undefined if all bytes are here; what a second request would not mend is thrown
   */
  async #read(answer: OpenAnswer, source: BlobRequest): Promise<StrataError | undefined> {
    if (answer.status === 'restart') {
      await this.restart();
      return this.#cutShort(source);
    }
    if (answer.size !== undefined && answer.size !== this.#job.size) {
      answer.body.destroy();
      throw this.#wrongSize(source, answer.size);
    }
    if (answer.status === 'full' && this.#offset > 0) await this.restart();
    try {
      for await (const chunk of answer.body) {
        const length = this.#offset + this.#batch.length + chunk.length;
        if (length > this.#job.size) throw this.#wrongSize(source, length);
        for (let used = 0; used < chunk.length;) {
          used += this.#batch.fill(used === 0 ? chunk : chunk.subarray(used));
          if (this.#batch.isFull) await this.#take(this.#batch.take());
        }
      }
    } catch (error) {
      if (!isStrataError(error) || !error.retryable) throw error;
      return error;
    } finally {
      // What arrived before a break is kept, so that the next attempt goes on behind it.
      await this.#take(this.#batch.take());
    }
    return this.#offset < this.#job.size ? this.#cutShort(source) : undefined;
  }

  /** Asks with the source's authorization, and once more with a fresh one after a 401. */
  async #open(source: BlobRequest): Promise<{ request: BlobRequest; answer: OpenAnswer }> {
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
    if (chunk.length === 0) return;
    await this.#writer.write(chunk, this.#offset);
    await this.#pipeline.push(chunk);
    this.#offset += chunk.length;
    this.#fetched += chunk.length;
    this.#report();
  }

  #report(): void {
    const now = performance.now();
    if (now - this.#reportedAt < this.#job.progressIntervalMs) return;
    this.#reportedAt = now;
    this.#ports.report({ status: 'Downloading', current: this.#offset });
  }

  #wrongSize(source: BlobRequest, actual: number): StrataError {
    const { digest, size } = this.#job;
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

/** True for what no other source would mend. */
function isOfStore(error: StrataError): boolean {
  return error.code === 'disk-full' || error.code.startsWith('store-');
}
