import { MAX_CONCURRENT_UPLOADS } from '../../base/limits.ts';
import { StrataError } from '../../base/errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { DOCKER_LAYER, DOCKER_LAYER_GZIP, OCI_LAYER, OCI_LAYER_GZIP } from '../../oci/mediaTypes.ts';
import type { Reference } from '../../reference/index.ts';
import { familiarString } from '../../reference/index.ts';
import type { RepositoryWriter } from '../../registry/index.ts';
import { putBlob } from '../push/blobs.ts';
import type { BlobDeps } from '../push/blobs.ts';
import type { ContentPlace } from '../push/messages.ts';
import type { CopySink, CopySource, Document, PutOptions, PutStatus } from './types.ts';

/** An image of a registry. Mirrors are asked first, as by a pull. */
export function registrySource(
  deps: BlobDeps,
  reference: Reference,
  signal: AbortSignal | undefined,
): CopySource {
  const { tag: _, ...repository } = reference;
  return {
    mayCompress: false,
    resolve: async () => await deps.registry.manifest(reference, signal),
    document: async ({ digest }) => await deps.registry.manifest({ ...repository, digest }, signal),
    read: async (descriptor, limit) => await deps.registry.blob(reference, descriptor, limit, signal),
    locate: async (descriptor) => ({
      kind: 'registry',
      sources: await deps.registry.blobSources(reference, descriptor, signal),
      size: descriptor.size,
      digest: descriptor.digest,
    }),
    mountFrom: (domain) => (domain === reference.domain ? [reference.path] : []),
    close: () => Promise.resolve(),
  };
}

export class RegistrySink implements CopySink {
  readonly width = MAX_CONCURRENT_UPLOADS;
  readonly takesIndexes = true;
  readonly ociOnly = false;
  readonly #deps: BlobDeps;
  readonly #reference: Reference;
  readonly #writer: RepositoryWriter;
  readonly #signal: AbortSignal | undefined;

  constructor(deps: BlobDeps, reference: Reference, signal: AbortSignal | undefined) {
    this.#deps = deps;
    this.#reference = reference;
    this.#writer = deps.registry.writer(reference);
    this.#signal = signal;
  }

  async hasDocument(digest: Digest): Promise<boolean> {
    return await this.#writer.hasManifest(digest, this.#signal);
  }

  async put(
    descriptor: Descriptor,
    source: CopySource,
    { signal, onProgress }: PutOptions,
  ): Promise<{ status: PutStatus; descriptor: Descriptor }> {
    if ((descriptor.urls ?? []).length > 0) return { status: 'Already exists', descriptor };
    const compress = source.mayCompress && isUncompressed(descriptor);
    const outcome = await putBlob(this.#deps, this.#writer, {
      digest: compress ? undefined : descriptor.digest,
      mountFrom: source.mountFrom(this.#reference.domain).filter((path) => path !== this.#reference.path),
      place: async () => asGzip(await source.locate(descriptor), compress),
      signal,
      onProgress,
    });
    if (outcome.status === 'exists') return { status: 'Already exists', descriptor };
    if (outcome.status === 'mounted') return { status: 'Mounted', descriptor };
    if (!compress) return { status: 'Copied', descriptor };
    const mediaType = descriptor.mediaType === DOCKER_LAYER ? DOCKER_LAYER_GZIP : OCI_LAYER_GZIP;
    return { status: 'Copied', descriptor: { ...descriptor, mediaType, ...outcome.result } };
  }

  async putDocument(document: Document, isTop: boolean): Promise<void> {
    const { digest, tag } = this.#reference;
    if (isTop && digest !== undefined && digest !== document.digest) {
      const what = `what is copied to ${familiarString(this.#reference)}`;
      throw new StrataError('digest-mismatch', { what, expected: digest, actual: document.digest });
    }
    const name = isTop && digest === undefined ? tag : undefined;
    await this.#writer.putManifest(name ?? document.digest, document, this.#signal);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  abandon(): Promise<void> {
    return Promise.resolve();
  }
}

function isUncompressed({ mediaType }: Descriptor): boolean {
  return mediaType === OCI_LAYER || mediaType === DOCKER_LAYER;
}

function asGzip(place: ContentPlace, compress: boolean): ContentPlace {
  if (!compress || place.kind !== 'file') return place;
  const { path, offset, size } = place;
  return { kind: 'gzip', path, offset, size };
}
