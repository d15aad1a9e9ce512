import { PROGRESS_INTERVAL_MS, UPLOAD_WHOLE_BYTES } from '../../base/limits.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Registry, RepositoryWriter } from '../../registry/index.ts';
import type { Transport, TransportConfig } from '../../transport/index.ts';
import type { LayerWorkers } from '../worker/workers.ts';
import type { ContentPlace, UploadResult } from './messages.ts';
import { sendBlob } from './sendBlob.ts';

export interface BlobDeps {
  readonly registry: Registry;
  readonly workers: LayerWorkers;
  /** The host thread's own, for small blobs. */
  readonly transport: Transport;
  /** The workers'. */
  readonly transportConfig: TransportConfig;
}

export type BlobOutcome =
  | { readonly status: 'exists' }
  | { readonly status: 'mounted'; readonly from: string }
  | { readonly status: 'sent'; readonly result: UploadResult };

export interface BlobRequestOptions {
  /** What the registry is asked for first; undefined where nobody knows yet what it will be. */
  readonly digest: Digest | undefined;
  /** Repositories of the same registry that may have it. */
  readonly mountFrom: readonly string[];
  /** Asked only if the blob must be sent. */
  readonly place: () => Promise<ContentPlace>;
  readonly signal: AbortSignal;
  readonly onProgress: (current: number) => void;
}

/**
 * Sees to it that a repository has a blob: asks for it, has it mounted, or sends it. Large blobs go by a worker, as those
 * of a pull do: at 100 MB/s their bytes would take a third of the host's thread.
 * @throws StrataError `registry-*`, `push-denied`, and what its place fails with
 */
export async function putBlob(
  deps: BlobDeps,
  writer: RepositoryWriter,
  options: BlobRequestOptions,
): Promise<BlobOutcome> {
  const { digest, mountFrom, signal, onProgress } = options;
  let request;
  if (digest !== undefined) {
    if (await writer.hasBlob(digest, signal)) return { status: 'exists' };
    for (const from of mountFrom) {
      const answer = await writer.mount(digest, from, signal);
      if (answer === 'mounted') return { status: 'mounted', from };
      request = answer;
    }
  }
  request ??= await writer.uploadRequest(signal);
  const content = await options.place();
  const job = { request, content, progressIntervalMs: PROGRESS_INTERVAL_MS };
  const renewAuthorization: SendRenew = async (source, challenge) =>
    await deps.registry.renewAuthorization(source, challenge, signal);
  const result =
    content.size <= UPLOAD_WHOLE_BYTES
      ? await sendBlob(job, { transport: deps.transport, signal, onProgress, renewAuthorization })
      : await deps.workers.upload(
          { ...job, transport: deps.transportConfig },
          { signal, onProgress, renewAuthorization },
        );
  return { status: 'sent', result };
}

type SendRenew = Parameters<typeof sendBlob>[1]['renewAuthorization'];

/** Runs a step on every item, `width` at a time. The first failure stops the others, and is what is thrown. */
export async function inLanes<T>(
  items: readonly T[],
  width: number,
  signal: AbortSignal | undefined,
  step: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    try {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await step(item, either);
    } catch (error) {
      failures.push(error);
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  signal?.throwIfAborted();
  // The others' failures are only the echo of the first.
  if (failures.length > 0) throw failures[0];
}
