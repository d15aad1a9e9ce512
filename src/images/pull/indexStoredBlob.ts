import { createReadStream } from 'node:fs';
import { BLOB_BATCH_BYTES } from '../../base/limits.ts';
import type { LayerStats } from '../../layers/index.ts';
import { blobFile, writeLayerIndex } from '../../store/index.ts';
import { LayerPipeline } from './layerPipeline.ts';
import type { LayerJob, LayerProgress } from '../worker/messages.ts';

/**
 * Makes the index of a layer whose blob the store has: indexes are derived data and may be deleted at any time.
 * @throws `digest-mismatch`, `content-invalid` if the blob is damaged; the blob is left as it is
 */
export async function indexStoredBlob(
  job: Pick<LayerJob, 'root' | 'digest' | 'diffId' | 'progressIntervalMs'>,
  ports: { readonly signal: AbortSignal; readonly report: (progress: LayerProgress) => void },
): Promise<LayerStats> {
  const pipeline = new LayerPipeline(job.digest, job.diffId);
  const file = createReadStream(blobFile(job.root, job.digest), {
    highWaterMark: BLOB_BATCH_BYTES,
    signal: ports.signal,
  }) as AsyncIterable<Buffer>;
  let current = 0;
  let reportedAt = 0;
  try {
    for await (const chunk of file) {
      await pipeline.push(chunk);
      current += chunk.length;
      if (performance.now() - reportedAt < job.progressIntervalMs) continue;
      reportedAt = performance.now();
      ports.report({ status: 'Indexing', current });
    }
    const { index, stats } = await pipeline.finish();
    await writeLayerIndex(job.root, job.diffId, index);
    return stats;
  } finally {
    pipeline.close();
  }
}
