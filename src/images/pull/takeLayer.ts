import { createReadStream } from 'node:fs';
import { StrataError, systemCode } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES, MAX_BLOB_BYTES } from '../../base/limits.ts';
import type { Digest } from '../../oci/digest.ts';
import { openPartial, TempBlob, writeLayerIndex } from '../../store/index.ts';
import type { PartialBlob } from '../../store/index.ts';
import { indexStoredBlob } from './indexStoredBlob.ts';
import { LayerPipeline } from './layerPipeline.ts';
import type { PipelineResult } from './layerPipeline.ts';
import type { LayerProgress, TakeJob, TakeResult } from '../worker/messages.ts';
import { PartialWriter } from './partialWriter.ts';

interface TakePorts {
  readonly signal: AbortSignal;
  readonly report: (progress: LayerProgress) => void;
  /** The bytes of a job without a slice. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Resolves once these may land. */
  readonly protect: (digests: readonly Digest[]) => Promise<void>;
}

/**
 * Brings one layer of an archive into the store in one pass: hashed, unpacked to be indexed, and written as it is.
 * @returns what it proved to be; undefined if the store had it
 * @throws `digest-mismatch`, `content-invalid`, `too-large`, `file-unreadable`, `disk-full`, `store-unwritable`
 */
export async function takeLayer(job: TakeJob, ports: TakePorts): Promise<TakeResult | undefined> {
  const { root, digest, diffId, slice } = job;
  if (digest === undefined || diffId === undefined || slice === undefined)
    return await takeUnknown(job, ports);
  const partial = await openPartial(root, digest, { signal: ports.signal, size: slice.size });
  if (partial === 'complete') {
    // Read even where there is an index: that may be of another blob, and this one is to prove what it unpacks to.
    await indexStoredBlob({ ...job, digest, diffId }, ports);
    return undefined;
  }
  try {
    if (partial.size > 0) await partial.discard();
    const result = await pour(partial, job, ports);
    await partial.commit(result.size);
    return result;
  } catch (error) {
    // Half a layer of an archive is of no use: the archive has it still.
    await partial.discard().catch(() => undefined);
    throw error;
  } finally {
    await partial.close();
  }
}

async function takeUnknown(job: TakeJob, ports: TakePorts): Promise<TakeResult> {
  const temp = await TempBlob.create(job.root);
  try {
    const result = await pour(temp, job, ports, async ({ digest, diffId }) => {
      await ports.protect([digest, diffId]);
    });
    await temp.land(result.digest, result.size);
    return result;
  } finally {
    await temp.discard();
  }
}

/** Writes all bytes, and the index where they are a layer. */
async function pour(
  target: Pick<PartialBlob, 'handle' | 'path'>,
  job: TakeJob,
  ports: TakePorts,
  beforeIndex: (result: PipelineResult) => Promise<void> = () => Promise.resolve(),
): Promise<TakeResult> {
  const pipeline = new LayerPipeline(job.digest, job.diffId);
  const writer = new PartialWriter(target);
  let current = 0;
  let reportedAt = 0;
  try {
    for await (const chunk of job.slice === undefined ? ports.chunks : readSlice(job.slice, ports.signal)) {
      ports.signal.throwIfAborted();
      if (current + chunk.length > MAX_BLOB_BYTES) {
        throw new StrataError('too-large', { what: 'layer', limit: MAX_BLOB_BYTES });
      }
      await writer.write(chunk, current);
      await pipeline.push(chunk);
      current += chunk.length;
      if (performance.now() - reportedAt < job.progressIntervalMs) continue;
      reportedAt = performance.now();
      ports.report({ status: 'Indexing', current });
    }
    const result = await pipeline.finish();
    await beforeIndex(result);
    await writeLayerIndex(job.root, result.diffId, result.index);
    const { digest, diffId, size, compression } = result;
    return { digest, diffId, size, compression };
  } finally {
    pipeline.close();
    await writer.settle();
  }
}

async function* readSlice(slice: NonNullable<TakeJob['slice']>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { path, offset, size } = slice;
  if (size === 0) return;
  const file = createReadStream(path, {
    start: offset,
    end: offset + size - 1,
    highWaterMark: BLOB_BATCH_BYTES,
    signal,
  }) as AsyncIterable<Buffer>;
  let actual = 0;
  try {
    for await (const chunk of file) {
      actual += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const detail = systemCode(error);
    if (detail === undefined || signal.aborted) throw error;
    throw new StrataError('file-unreadable', { path, detail }, { cause: error });
  }
  if (actual !== size) throw new StrataError('size-mismatch', { what: path, expected: size, actual });
}
