import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildImage } from '../../../test/support/images.ts';
import { openTestStore } from '../../../test/support/storedImages.ts';
import { silentLogger } from '../../base/logger.ts';
import { shortDigest } from '../../oci/digest.ts';
import { parseImageConfig, parseManifest } from '../../oci/parse.ts';
import { parseReference } from '../../reference/index.ts';
import type { BlobRequest, Registry } from '../../registry/index.ts';
import type { PullEvent } from '../types.ts';
import { fetchLayers } from './fetchLayers.ts';
import type { ResolvedImage } from './resolve.ts';
import { LayerWorkers } from '../worker/workers.ts';

/** A thread that does what the name of its source says: `done:MS`, `fail:MS:TEXT`, `wait`. */
const SCRIPT = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', (message) => {
  const failed = (unknown) => parentPort.postMessage({ type: 'failed', error: { unknown } });
  if (message.type === 'cancel') {
    parentPort.postMessage({ type: 'progress', progress: { status: 'Waiting' } });
    return failed('an echo');
  }
  const [what, wait, text] = message.job.sources[0].name.split(':');
  parentPort.postMessage({ type: 'progress', progress: { status: 'Downloading', current: 1 } });
  const finish = () => what === 'done' ? parentPort.postMessage({ type: 'done', result: { fetched: 1 } }) : failed(text);
  if (what !== 'wait') setTimeout(finish, Number(wait));
});`;

interface Outcome {
  readonly result: Promise<void>;
  readonly events: PullEvent[];
  /** Twelve hex characters of each layer, in the image's order. */
  readonly ids: readonly string[];
}

/** Fetches an image with one layer for each of these; the later ones are smaller. */
async function fetchAll(
  orders: readonly string[],
  { concurrency = orders.length, signal }: { concurrency?: number; signal?: AbortSignal } = {},
): Promise<Outcome> {
  const store = await openTestStore();
  const path = join(store.root, 'worker.mjs');
  await writeFile(path, SCRIPT);
  const workers = new LayerWorkers(path, silentLogger);
  onTestFinished(() => workers.close());
  const image = imageOf(orders.length);
  const ids = image.layers.map(({ descriptor }) => shortDigest(descriptor.digest));
  const events: PullEvent[] = [];
  const registry: Pick<Registry, 'blobSources' | 'renewAuthorization'> = {
    blobSources: (_, { digest }) => {
      const source: BlobRequest = { url: '', host: '', name: orders[ids.indexOf(shortDigest(digest))] ?? '' };
      return Promise.resolve([source]);
    },
    renewAuthorization: () => Promise.resolve(undefined),
  };
  const deps = {
    store,
    registry: registry as Registry,
    workers,
    transport: { insecureHosts: [], userAgent: 'strata-test' },
    concurrency,
  };
  const emit = (event: PullEvent): void => void events.push(event);
  return { result: fetchLayers(deps, parseReference('app'), image, { signal, emit }), events, ids };
}

function imageOf(layers: number): ResolvedImage {
  const built = buildImage({
    layers: Array.from({ length: layers }, (_, i) => ({
      entries: [{ path: `${i}`, content: 'x'.repeat(1000 * (layers - i)) }],
      compression: 'none' as const,
    })),
  });
  const { manifest, config } = built;
  return {
    topDigest: manifest.descriptor.digest,
    descriptor: manifest.descriptor,
    manifest: parseManifest(manifest.bytes, 'test'),
    manifestBytes: manifest.bytes,
    config: parseImageConfig(config.bytes, 'test'),
    configBytes: config.bytes,
    layers: built.layers.map(({ descriptor, diffId }) => ({ descriptor, diffId })),
  };
}

/** `STATUS N` for the layers' events, N counting from 0. */
function said({ events, ids }: Outcome, ...statuses: readonly string[]): string[] {
  return events.flatMap((event) =>
    event.kind === 'layer' && statuses.includes(event.status)
      ? [`${event.status} ${ids.indexOf(event.id)}`]
      : [],
  );
}

describe('fetchLayers', () => {
  it('says that a layer is complete in the order of the image, whichever comes first', async () => {
    const outcome = await fetchAll(['done:60', 'done:1', 'done:30']);
    await outcome.result;
    expect(said(outcome, 'Pulling fs layer')).toEqual([0, 1, 2].map((i) => `Pulling fs layer ${i}`));
    expect(said(outcome, 'Pull complete')).toEqual([0, 1, 2].map((i) => `Pull complete ${i}`));
  });

  it('fetches so many at a time, and lets the others wait', async () => {
    const outcome = await fetchAll(['done:40', 'done:1', 'done:1'], { concurrency: 1 });
    await outcome.result;
    expect(said(outcome, 'Waiting', 'Downloading')).toEqual([
      'Waiting 1',
      'Waiting 2',
      'Downloading 0',
      'Downloading 1',
      'Downloading 2',
    ]);
  });

  it.each([
    ['in the first lane', ['fail:30:the first', 'wait', 'wait']],
    ['in the last lane', ['wait', 'wait', 'fail:30:the first']],
    ['before another', ['fail:400:the second', 'wait', 'fail:30:the first']],
  ])('stops the others at a failure, and throws that one: %s', async (_, orders) => {
    const outcome = await fetchAll(orders);
    await expect(outcome.result).rejects.toThrow('the first');
    expect(said(outcome, 'Pull complete')).toEqual([]);
  });

  it('begins no other layer after a failure', async () => {
    const outcome = await fetchAll(['fail:1:broken', 'done:1'], { concurrency: 1 });
    await expect(outcome.result).rejects.toThrow('broken');
    expect(said(outcome, 'Downloading')).toEqual(['Downloading 0']);
  });

  it('is cancelled with an AbortError, and says nothing afterwards', async () => {
    const controller = new AbortController();
    const outcome = await fetchAll(['wait', 'wait'], { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(outcome.result).rejects.toMatchObject({ name: 'AbortError' });
    const count = outcome.events.length;
    await sleep(50);
    expect(outcome.events).toHaveLength(count);
  });
});
