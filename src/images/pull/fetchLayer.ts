import { readLayerStats } from '../../layers/index.ts';
import type { LayerStats } from '../../layers/index.ts';
import { layerIndexFile, openPartial } from '../../store/index.ts';
import type { PartialBlob } from '../../store/index.ts';
import { Download } from './download.ts';
import type { FetchPorts } from './fetchPorts.ts';
import { indexStoredBlob } from './indexStoredBlob.ts';
import type { LayerJob, LayerResult } from '../worker/messages.ts';

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

/** The stored blob is believed to be this layer only where its index was made of it; else it is read again. */
async function indexOfStored(job: LayerJob, ports: FetchPorts): Promise<LayerStats> {
  const stats = await readLayerStats(layerIndexFile(job.root, job.diffId)).catch(() => undefined);
  return stats?.blob === job.digest ? stats : await indexStoredBlob(job, ports);
}

async function fetchInto(partial: PartialBlob, job: LayerJob, ports: FetchPorts): Promise<LayerResult> {
  const download = new Download(partial, job, ports);
  try {
    const resumed = await download.resume();
    try {
      return await download.run();
    } catch (error) {
      // Bytes of an earlier process may have been torn by a power cut: they get one fresh start.
      if (!resumed || !download.isWrongBlob(error)) throw error;
      return await download.run();
    }
  } finally {
    await download.close();
  }
}
