import type { Writable } from 'node:stream';
import { TarWriter } from '../../archive/index.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import type { ArchiveFormat } from '../types.ts';
import {
  dockerDocument,
  indexDocument,
  LAYOUT_DOCUMENT,
  LAYOUT_FILE,
  layoutEntries,
  repositoriesDocument,
} from './archiveDocuments.ts';
import { blobPath } from './ociLayout.ts';
import type { ArchiveSink, ListedImage } from './types.ts';
import { verified } from './verified.ts';

/**
 * An archive in the making: the hybrid of Docker's and the OCI layout unless a format is given. The same blobs in the
 * same order make the same bytes. The stream stays open at the end: it is the caller's.
 */
export async function openTarSink(
  stream: Writable,
  format?: ArchiveFormat,
  signal?: AbortSignal,
): Promise<ArchiveSink> {
  const tar = await TarWriter.open(stream);
  // The stream may take no more bytes, and nothing else would wake who waits for that.
  signal?.addEventListener('abort', () => void tar.abandon(), { once: true });
  const sink = new TarSink(tar, format);
  await sink.begin();
  return sink;
}

class TarSink implements ArchiveSink {
  readonly #tar: TarWriter;
  readonly #format: ArchiveFormat | undefined;
  readonly #written = new Set<Digest>();
  readonly #folders = new Set<string>();

  constructor(tar: TarWriter, format: ArchiveFormat | undefined) {
    this.#tar = tar;
    this.#format = format;
  }

  async begin(): Promise<void> {
    await this.#folder('blobs');
    await this.#folder('blobs/sha256');
  }

  has(digest: Digest): Promise<boolean> {
    return Promise.resolve(this.#written.has(digest));
  }

  async blob(
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    const { digest, size } = descriptor;
    if (this.#written.has(digest)) return;
    const path = blobPath(digest);
    await this.#folder(path.slice(0, path.lastIndexOf('/')));
    await this.#tar.file(path, size, verified(descriptor, content));
    this.#written.add(digest);
  }

  async finish(images: readonly ListedImage[]): Promise<void> {
    const isOci = this.#format !== 'docker-archive';
    const isDocker = this.#format !== 'oci-archive';
    if (isOci) await this.#document('index.json', indexDocument(layoutEntries(images)));
    if (isDocker) await this.#document('manifest.json', dockerDocument(images));
    if (isOci) await this.#document(LAYOUT_FILE, LAYOUT_DOCUMENT);
    const repositories = isDocker ? repositoriesDocument(images) : undefined;
    if (repositories !== undefined) await this.#document('repositories', repositories);
    await this.#tar.finish();
  }

  async abandon(): Promise<void> {
    await this.#tar.abandon();
  }

  async #folder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    this.#folders.add(path);
    await this.#tar.folder(path);
  }

  async #document(path: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#tar.file(path, bytes.length, [bytes]);
  }
}
