import { StrataError } from '../../base/errors.ts';
import type { CopySide } from '../../base/errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Platform } from '../../oci/documents.ts';
import { isIndexType } from '../../oci/mediaTypes.ts';
import { parseIndex, parseManifest } from '../../oci/parse.ts';
import {
  formatPlatform,
  hostPlatform,
  isAttestation,
  parsePlatform,
  pickPlatform,
} from '../../oci/platform.ts';
import { inLanes } from '../push/blobs.ts';
import type { BlobDeps } from '../push/blobs.ts';
import type { CopyEvent, CopyRequest, CopyResult } from '../types.ts';
import { archiveSink } from './archiveSink.ts';
import { archiveSource } from './archiveSource.ts';
import { checkTarget } from './checkTarget.ts';
import { parsePlace } from './place.ts';
import type { CopyPlace } from './place.ts';
import { RegistrySink, registrySource } from './registrySide.ts';
import { reindexed, rewritten } from './rewrite.ts';
import { onSide } from './sides.ts';
import type { Names } from './sides.ts';
import type { CopySink, CopySource, Document, TopImage } from './types.ts';

export interface CopyContext {
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: CopyEvent) => void;
}

/** An index may lead to indexes; no tool makes more than two storeys. */
const MAX_DEPTH = 4;

/**
 * Copies an image, or an index with all that it leads to, from one place to another without a stop in the store. What it
 * leads to goes first, so that a copy that breaks off leaves no name with nothing behind it.
 * @throws StrataError `copy-place-invalid`, `reference-invalid`, `platform-missing`; else `copy-failed` with its side
 */
export async function copy(deps: BlobDeps, request: CopyRequest, context: CopyContext): Promise<CopyResult> {
  const from = parsePlace(request.source, 'source');
  const to = parsePlace(request.target, 'target');
  const wanted = request.platform === undefined ? undefined : parsePlatform(request.platform);
  await checkTarget(to, request.target);
  const names = { source: request.source, target: request.target };
  const source = await onSide('source', names, async () => await openSource(deps, from, context.signal));
  try {
    const top = await onSide('source', names, async () => await source.resolve());
    const sink = await onSide('target', names, async () => await openSink(deps, to, context.signal));
    try {
      return await new Copy(source, sink, names, context).run(top, wanted);
    } catch (error) {
      await sink.abandon();
      throw error;
    }
  } finally {
    await source.close();
  }
}

async function openSource(
  deps: BlobDeps,
  place: CopyPlace,
  signal: AbortSignal | undefined,
): Promise<CopySource> {
  return place.kind === 'registry'
    ? registrySource(deps, place.reference, signal)
    : await archiveSource(place, signal);
}

async function openSink(
  deps: BlobDeps,
  place: CopyPlace,
  signal: AbortSignal | undefined,
): Promise<CopySink> {
  return place.kind === 'registry'
    ? new RegistrySink(deps, place.reference, signal)
    : await archiveSink(deps, place);
}

class Copy {
  readonly #source: CopySource;
  readonly #sink: CopySink;
  readonly #names: Names;
  readonly #context: CopyContext;

  constructor(source: CopySource, sink: CopySink, names: Names, context: CopyContext) {
    this.#source = source;
    this.#sink = sink;
    this.#names = names;
    this.#context = context;
  }

  async run(found: Document, wanted: Platform | undefined): Promise<CopyResult> {
    // An archive of Docker's holds images only: it gets that of this machine, as with skopeo.
    const platform = wanted ?? (this.#sink.takesIndexes ? undefined : hostPlatform());
    const top =
      isIndexType(found.mediaType) && platform !== undefined ? await this.#pick(found, platform) : found;
    const { document, image } = await this.#copy(top, 0);
    await this.#on('target', async () => await this.#sink.finish(document, image));
    return { digest: document.digest };
  }

  async #pick(index: Document, platform: Platform): Promise<Document> {
    const { manifests } = parseIndex(index.bytes, this.#names.source, index.mediaType);
    const picked = pickPlatform(manifests, platform);
    if (picked !== undefined)
      return await this.#on('source', async () => await this.#source.document(picked));
    const available = manifests
      .filter((entry) => !isAttestation(entry))
      .flatMap((entry) => (entry.platform === undefined ? [] : [formatPlatform(entry.platform)]));
    throw new StrataError('platform-missing', {
      name: this.#names.source,
      platform: formatPlatform(platform),
      available: available.length === 0 ? 'none' : available.join(', '),
    });
  }

  /** @returns the document as the target has it */
  async #copy(
    document: Document,
    depth: number,
  ): Promise<{ document: Document; image: TopImage | undefined }> {
    const isTop = depth === 0;
    if (!isIndexType(document.mediaType)) return await this.#copyImage(document, isTop);
    if (depth >= MAX_DEPTH) {
      const detail = `its indexes lead to indexes more than ${MAX_DEPTH} times`;
      throw new StrataError('content-invalid', { what: this.#names.source, detail });
    }
    const { manifests } = await this.#on('source', () =>
      Promise.resolve(parseIndex(document.bytes, document.digest, document.mediaType)),
    );
    const changes = new Map<Digest, Document>();
    for (const child of manifests) {
      this.#context.signal?.throwIfAborted();
      if (await this.#on('target', async () => await this.#sink.hasDocument(child.digest))) continue;
      const inner = await this.#on('source', async () => await this.#source.document(child));
      const { document: there } = await this.#copy(inner, depth + 1);
      if (there.digest !== child.digest) changes.set(child.digest, there);
    }
    const result = reindexed(document, changes, this.#sink.ociOnly);
    await this.#on('target', async () => await this.#sink.putDocument(result, isTop));
    return { document: result, image: undefined };
  }

  async #copyImage(document: Document, isTop: boolean): Promise<{ document: Document; image: TopImage }> {
    const { config, layers } = await this.#on('source', () =>
      Promise.resolve(parseManifest(document.bytes, document.digest, document.mediaType)),
    );
    const blobs = [...new Map([...layers, config].map((blob) => [blob.digest, blob])).values()];
    const changed = new Map<string, Descriptor>();
    await inLanes(blobs, this.#sink.width, this.#context.signal, async (blob, signal) => {
      const there = await this.#copyBlob(blob, signal);
      if (there !== blob) changed.set(blob.digest, there);
    });
    const copied = layers.map((layer) => changed.get(layer.digest) ?? layer);
    const result = rewritten(document, changed.size === 0 ? undefined : copied, this.#sink.ociOnly);
    await this.#on('target', async () => await this.#sink.putDocument(result, isTop));
    return { document: result, image: { config, layers: copied } };
  }

  async #copyBlob(blob: Descriptor, signal: AbortSignal): Promise<Descriptor> {
    const { digest, size: total } = blob;
    const emit = (status: CopyEvent['status'], current: number): void =>
      this.#context.emit({ kind: 'blob', digest, status, current, total });
    emit('Copying', 0);
    const { status, descriptor } = await this.#on(
      'target',
      async () =>
        await this.#sink.put(blob, this.#source, {
          signal,
          onProgress: (current) => emit('Copying', current),
        }),
    );
    emit(status, total);
    return descriptor;
  }

  async #on<T>(side: CopySide, step: () => Promise<T>): Promise<T> {
    return await onSide(side, this.#names, step);
  }
}
