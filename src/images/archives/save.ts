import { pipeline } from 'node:stream';
import type { Writable } from 'node:stream';
import { createDecompressor } from '../../archive/index.ts';
import { StrataError } from '../../base/errors.ts';
import { MAX_CONFIG_BYTES, PROGRESS_INTERVAL_MS } from '../../base/limits.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import type { Store } from '../../store/index.ts';
import type { TransportConfig } from '../../transport/index.ts';
import { indexLayer } from '../indexLayer.ts';
import type { LayerWorkers } from '../worker/workers.ts';
import type { ArchiveEvent, ImageSummary, LayerSummary, SaveRequest, TransferOptions } from '../types.ts';
import { guessLayer, LAYER_TYPES, readSlice } from './layerDescriptor.ts';
import { imagesToSave } from './saveNames.ts';
import type { SavedImage } from './saveNames.ts';
import { openTarSink } from './tarSink.ts';
import type { ArchiveSink, ListedImage, Slice } from './types.ts';

interface SaveDeps {
  readonly store: Store;
  readonly workers: LayerWorkers;
  readonly transport: TransportConfig;
  /** All images that the store lists now. */
  readonly images: readonly ImageSummary[];
}

/**
 * Writes an archive of images to a stream, at its pace; every blob once, however many images share it.
 * Layers are written as the store has them. A docker-archive gets zstd layers unpacked: Docker before 23 cannot read them.
 * The stream stays open: it is the caller's.
 * @throws `image-not-found`, `id-ambiguous`, `reference-invalid` before a byte is written; `blob-missing`,
 * `digest-mismatch`; what the stream fails with; the signal's reason
 */
export async function save(
  deps: SaveDeps,
  request: SaveRequest,
  stream: Writable,
  { signal, onProgress = () => undefined }: TransferOptions<ArchiveEvent> = {},
): Promise<void> {
  const { store } = deps;
  const saved = imagesToSave(deps.images, request.names);
  const locking = signal === undefined ? {} : { signal };
  const lease = await store.lease({ kind: 'save', name: request.names.join(' ') }, locking);
  try {
    await lease.protect(
      saved.flatMap(({ image }) => digestsOf(image)),
      locking,
    );
    const saver = new Saver(deps, saved, request, onProgress, signal);
    try {
      const sink = await openTarSink(stream, request.format, signal);
      try {
        await sink.finish(await saver.writeTo(sink));
      } catch (error) {
        await sink.abandon();
        throw error;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  } finally {
    await lease.release();
  }
}

function digestsOf({ id, manifest, layers }: ImageSummary): readonly Digest[] {
  return [id, manifest.digest, ...layers.flatMap(({ digest, diffId }) => [digest, diffId])];
}

class Saver {
  readonly #deps: SaveDeps;
  readonly #saved: readonly SavedImage[];
  readonly #request: SaveRequest;
  readonly #emit: (event: ArchiveEvent) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #total: number;
  #current = 0;
  #reportedAt = 0;

  constructor(
    deps: SaveDeps,
    saved: readonly SavedImage[],
    request: SaveRequest,
    emit: (event: ArchiveEvent) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#deps = deps;
    this.#saved = saved;
    this.#request = request;
    this.#emit = emit;
    this.#signal = signal;
    const layers = new Map(saved.flatMap(({ image }) => image.layers.map((layer) => [layer.digest, layer])));
    this.#total = [...layers.values()].reduce((sum, { compressedSize }) => sum + compressedSize, 0);
  }

  async writeTo(sink: ArchiveSink): Promise<readonly ListedImage[]> {
    const listed: ListedImage[] = [];
    for (const { image, names } of this.#saved) {
      if (this.#request.format !== 'docker-archive') await this.#blob(sink, image.manifest);
      await this.#config(sink, image.id);
      const layers: Digest[] = [];
      for (const layer of image.layers) layers.push(await this.#layer(sink, layer));
      const { parent } = image;
      const isSavedToo = this.#saved.some((other) => other.image.id === parent);
      const docker = { config: image.id, layers, ...(parent !== undefined && isSavedToo ? { parent } : {}) };
      listed.push({ names, top: image.manifest, docker });
    }
    this.#emit({ kind: 'bytes', current: this.#total, total: this.#total });
    return listed;
  }

  /** @returns the digest under which the archive has it */
  async #layer(sink: ArchiveSink, layer: LayerSummary): Promise<Digest> {
    const { digest, diffId, compressedSize: size } = layer;
    if (await sink.has(digest)) return digest;
    const path = this.#deps.store.blobPath(digest);
    await this.#mustHave(digest);
    const { mediaType } = await guessLayer({ path, offset: 0, size }, '', diffId);
    const isZstd = mediaType === LAYER_TYPES.zstd;
    if (isZstd && this.#request.format === 'docker-archive') {
      if (!(await sink.has(diffId))) await this.#unpacked(sink, layer);
      return diffId;
    }
    await this.#blob(sink, { digest, size });
    if (isZstd && this.#request.format === undefined) {
      const message = `layer ${digest} is compressed with zstd, which Docker before 23.0 cannot load: --format docker-archive writes it unpacked`;
      this.#emit({ kind: 'warning', message });
    }
    return digest;
  }

  async #unpacked(sink: ArchiveSink, { digest, diffId, compressedSize: size }: LayerSummary): Promise<void> {
    const { tarBytes } = await indexLayer(this.#deps, { digest, diffId, size });
    const slice = { path: this.#deps.store.blobPath(digest), offset: 0, size };
    await sink.blob({ digest: diffId, size: tarBytes }, this.#inflated(slice));
    this.#passed(size);
  }

  async #config(sink: ArchiveSink, digest: Digest): Promise<void> {
    const bytes = await this.#deps.store.readBlob(digest, MAX_CONFIG_BYTES);
    await sink.blob({ digest, size: bytes.length }, [bytes]);
  }

  async #blob(sink: ArchiveSink, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<void> {
    if (await sink.has(digest)) return;
    await this.#mustHave(digest);
    const slice = { path: this.#deps.store.blobPath(digest), offset: 0, size };
    await sink.blob({ digest, size }, this.#watched(slice));
  }

  async *#inflated(slice: Slice): AsyncGenerator<Buffer, void> {
    const inflater = createDecompressor('zstd');
    // A failure arrives through the loop; who leaves that lets the file go, too.
    pipeline(readSlice(slice, this.#signal), inflater, () => undefined);
    yield* inflater as AsyncIterable<Buffer>;
  }

  /** Opened when it is read: a stream that is cancelled before anybody listens would end the process. */
  async *#watched(slice: Slice): AsyncGenerator<Buffer, void> {
    for await (const chunk of readSlice(slice, this.#signal) as AsyncIterable<Buffer>) {
      this.#passed(chunk.length);
      yield chunk;
    }
  }

  #passed(bytes: number): void {
    this.#signal?.throwIfAborted();
    this.#current += bytes;
    if (performance.now() - this.#reportedAt < PROGRESS_INTERVAL_MS) return;
    this.#reportedAt = performance.now();
    this.#emit({ kind: 'bytes', current: Math.min(this.#current, this.#total), total: this.#total });
  }

  async #mustHave(digest: Digest): Promise<void> {
    if (!(await this.#deps.store.hasBlob(digest))) throw new StrataError('blob-missing', { digest });
  }
}
