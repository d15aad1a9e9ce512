import { PROGRESS_INTERVAL_MS } from '../../base/limits.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { LAYER_TYPES } from './layerDescriptor.ts';
import type { LoadContext } from './loadContext.ts';
import type { Slice, StoredLayer } from './types.ts';

type Takers = Pick<LoadContext, 'store' | 'workers' | 'lease' | 'signal' | 'emit' | 'concurrency'>;

interface Wanted {
  readonly slice?: Slice;
  /** Bytes of a stream, given away. */
  readonly chunks?: AsyncIterable<Uint8Array>;
  /** Bytes, where they are known. */
  readonly size?: number;
  readonly digest?: Digest;
  readonly diffId?: Digest;
}

/** Brings a layer whose digest nobody knows, or only claims, into the store, by a worker. */
export async function takeUnknown(context: Takers, wanted: Wanted): Promise<StoredLayer> {
  const { store, workers, lease, signal, emit } = context;
  const { slice, chunks, size, digest, diffId } = wanted;
  const job = {
    root: store.root,
    ...(slice === undefined ? {} : { slice }),
    ...(digest === undefined ? {} : { digest }),
    ...(diffId === undefined ? {} : { diffId }),
    progressIntervalMs: PROGRESS_INTERVAL_MS * context.concurrency,
  };
  const result = await workers.take(job, {
    signal,
    onProgress: ({ current = 0 }) => {
      if (diffId !== undefined && size !== undefined) {
        emit({ kind: 'layer', id: shortDigest(diffId), current, total: size });
      }
    },
    ...(chunks === undefined ? {} : { chunks }),
    protect: async (digests) => await lease.protect(digests),
  });
  if (result === undefined) throw new Error('a layer without a digest cannot be there already');
  emit({ kind: 'layer', id: shortDigest(result.diffId), current: result.size, total: result.size });
  const mediaType = LAYER_TYPES[result.compression];
  return { descriptor: { mediaType, digest: result.digest, size: result.size }, diffId: result.diffId };
}

/** Brings a layer into the store that must be this one. The lease protects it. */
export async function takeKnown(
  context: Takers,
  slice: Slice,
  { digest }: Descriptor,
  diffId: Digest,
): Promise<void> {
  const { store, workers, signal, emit, lease } = context;
  const id = shortDigest(diffId);
  const job = {
    root: store.root,
    slice,
    digest,
    diffId,
    progressIntervalMs: PROGRESS_INTERVAL_MS * context.concurrency,
  };
  await workers.take(job, {
    signal,
    onProgress: ({ current = 0 }) => emit({ kind: 'layer', id, current, total: slice.size }),
    protect: async (digests) => await lease.protect(digests),
  });
  emit({ kind: 'layer', id, current: slice.size, total: slice.size });
}
