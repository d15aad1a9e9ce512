import { randomBytes } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { renameReplacing, TEMP_PREFIX } from '../../base/atomicFile.ts';
import { describeError, StrataError, systemCode } from '../../base/errors.ts';
import { MAX_CONCURRENT_UPLOADS, PROGRESS_INTERVAL_MS, UPLOAD_WHOLE_BYTES } from '../../base/limits.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { openLayoutSink } from '../archives/layoutSink.ts';
import { openTarSink } from '../archives/tarSink.ts';
import type { ArchiveSink } from '../archives/types.ts';
import type { BlobDeps } from '../push/blobs.ts';
import type { ContentPlace } from '../push/messages.ts';
import { readContent } from '../push/readContent.ts';
import type { RemotePorts } from '../push/remoteBytes.ts';
import type { CopyPlace } from './place.ts';
import type { CopySink, CopySource, Document, PutOptions, PutStatus, TopImage } from './types.ts';

type ArchivePlace = Exclude<CopyPlace, { kind: 'registry' }>;

/** An archive that is written beside its place and moved there at the end, or the folder of a layout. */
export async function archiveSink(deps: BlobDeps, place: ArchivePlace): Promise<CopySink> {
  if (place.kind === 'oci') {
    return new FilesSink(deps, place, await openLayoutSink(place.path, place.refName), noFile);
  }
  const file = await openFile(place.path);
  const sink = await openTarSink(file.stream, place.kind);
  return new FilesSink(deps, place, sink, file);
}

interface OutputFile {
  /** It is whole: it gets its name. */
  land(): Promise<void>;
  discard(): Promise<void>;
}

const noFile: OutputFile = { land: () => Promise.resolve(), discard: () => Promise.resolve() };

class FilesSink implements CopySink {
  readonly width: number;
  readonly takesIndexes: boolean;
  readonly ociOnly: boolean;
  readonly #deps: BlobDeps;
  readonly #place: ArchivePlace;
  readonly #sink: ArchiveSink;
  readonly #file: OutputFile;

  constructor(deps: BlobDeps, place: ArchivePlace, sink: ArchiveSink, file: OutputFile) {
    this.width = place.kind === 'oci' ? MAX_CONCURRENT_UPLOADS : 1;
    this.takesIndexes = place.kind !== 'docker-archive';
    this.ociOnly = place.kind !== 'docker-archive';
    this.#deps = deps;
    this.#place = place;
    this.#sink = sink;
    this.#file = file;
  }

  hasDocument(): Promise<boolean> {
    // Another tool may have left an index whose children it never had.
    return Promise.resolve(false);
  }

  async put(
    descriptor: Descriptor,
    source: CopySource,
    { signal, onProgress }: PutOptions,
  ): Promise<{ status: PutStatus; descriptor: Descriptor }> {
    if (await this.#sink.has(descriptor.digest)) return { status: 'Already exists', descriptor };
    const content = this.#open(await source.locate(descriptor), signal);
    let current = 0;
    let reportedAt = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        signal.throwIfAborted();
        yield chunk;
        current += chunk.length;
        const now = performance.now();
        if (now - reportedAt < PROGRESS_INTERVAL_MS) continue;
        reportedAt = now;
        onProgress(current);
      }
    }
    await this.#sink.blob(descriptor, counted());
    return { status: 'Copied', descriptor };
  }

  /** Large blobs by a worker: their bytes kept the host's thread from all else for 50 ms at a time. */
  #open(place: ContentPlace, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { registry, transport, transportConfig, workers } = this.#deps;
    const renewAuthorization: RemotePorts['renewAuthorization'] = async (request, challenge) =>
      await registry.renewAuthorization(request, challenge, signal);
    return place.size <= UPLOAD_WHOLE_BYTES
      ? readContent(place, { transport, signal, renewAuthorization })
      : workers.read({ content: place, transport: transportConfig }, { signal, renewAuthorization });
  }

  async putDocument({ digest, bytes }: Document): Promise<void> {
    await this.#sink.blob({ digest, size: bytes.length }, [bytes]);
  }

  async finish({ mediaType, digest, bytes }: Document, image: TopImage | undefined): Promise<void> {
    const top = { mediaType, digest, size: bytes.length };
    await this.#sink.finish([
      {
        names:
          this.#place.kind === 'docker-archive' && this.#place.name !== undefined ? [this.#place.name] : [],
        top: this.#place.kind === 'oci-archive' ? named(top, this.#place.refName) : top,
        ...(image === undefined ? {} : { docker: dockerPart(image) }),
      },
    ]);
    await this.#file.land();
  }

  async abandon(): Promise<void> {
    await this.#sink.abandon();
    await this.#file.discard();
  }
}

function named(top: Descriptor, refName: string | undefined): Descriptor {
  return refName === undefined
    ? top
    : { ...top, annotations: { 'org.opencontainers.image.ref.name': refName } };
}

function dockerPart({ config, layers }: TopImage): { config: Digest; layers: readonly Digest[] } {
  return { config: config.digest, layers: layers.map(({ digest }) => digest) };
}

async function openFile(path: string): Promise<OutputFile & { stream: WriteStream }> {
  const temp = join(dirname(path), `${TEMP_PREFIX}${randomBytes(8).toString('hex')}`);
  return await withFileErrors(path, async () => {
    const handle = await open(temp, 'wx');
    const stream = handle.createWriteStream();
    return {
      stream,
      land: async () =>
        await withFileErrors(path, async () => {
          stream.end();
          await finished(stream);
          await renameReplacing(temp, path);
        }),
      discard: async () => {
        stream.destroy();
        await finished(stream).catch(() => undefined);
        await rm(temp, { force: true });
      },
    };
  });
}

async function withFileErrors<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new StrataError('file-unwritable', { path, detail: describeError(error) }, { cause: error });
  }
}
