import { Readable } from 'node:stream';
import { sha256, verifyDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../oci/mediaTypes.ts';
import { toOciManifest } from '../../oci/ociManifest.ts';
import type { ArchiveFormat } from '../types.ts';
import { readDockerImages } from './dockerArchive.ts';
import type { DockerImage } from './dockerArchive.ts';
import { describeLayer, readSlice } from './layerDescriptor.ts';
import { blobPath, readLayoutImages } from './ociLayout.ts';
import { openFiles } from './openFiles.ts';
import { invalidArchive } from './paths.ts';
import { withReadBudget } from './readBudget.ts';
import type { ArchivedImage, ArchiveFile, ArchiveFiles, ImageArchive } from './types.ts';

interface OpenOptions {
  /** Of an archive that is both, the part to read; the OCI layout unless given. */
  readonly format?: ArchiveFormat | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a docker-archive, an oci-archive or the folder of a layout. Of a docker-archive a manifest is made for each
 * image, from its layers as they lie there.
 * @throws `file-unreadable`; `content-invalid` for what is neither, and for a tar that is compressed as a whole
 */
export async function openArchive(path: string, options: OpenOptions = {}): Promise<ImageArchive> {
  const files = await openFiles(path, options.signal);
  if (files === undefined) throw invalidArchive(path, 'it is compressed as a whole: unpack it first');
  const archive = new FileArchive(files);
  try {
    await archive.readImages(options);
    return archive;
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/** A document that is no file of the archive. */
function inMemory(bytes: Buffer): ArchiveFile {
  return { size: bytes.length, read: () => Promise.resolve(bytes) };
}

class FileArchive implements ImageArchive {
  readonly #files: ArchiveFiles;
  readonly #blobs = new Map<Digest, ArchiveFile>();
  images: readonly ArchivedImage[] = [];

  constructor(files: ArchiveFiles) {
    this.#files = files;
  }

  get name(): string {
    return this.#files.name;
  }

  async readImages({ format, signal }: OpenOptions): Promise<void> {
    const files = withReadBudget(this.#files);
    const layout = format === 'docker-archive' ? undefined : await readLayoutImages(files);
    if (layout !== undefined) {
      this.images = layout;
      return;
    }
    const images = format === 'oci-archive' ? undefined : await readDockerImages(files);
    if (images === undefined) throw invalidArchive(this.name, await this.#whatIsMissing(format));
    const made: ArchivedImage[] = [];
    for (const image of images) made.push(await this.#addImage(image, signal));
    this.images = made;
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.#find(digest)) !== undefined;
  }

  async locate(digest: Digest): Promise<ArchiveFile> {
    const file = await this.#find(digest);
    if (file === undefined) throw invalidArchive(this.name, `it lacks blob ${digest}`);
    return file;
  }

  async read(digest: Digest, limit: number): Promise<Buffer> {
    const bytes = await (await this.locate(digest)).read(limit);
    verifyDigest(bytes, digest, `${digest} of ${this.name}`);
    return bytes;
  }

  async open(digest: Digest): Promise<Readable> {
    const file = await this.locate(digest);
    return file.slice === undefined ? Readable.from([await file.read(file.size)]) : readSlice(file.slice);
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  async #find(digest: Digest): Promise<ArchiveFile | undefined> {
    return this.#blobs.get(digest) ?? (await this.#files.find(blobPath(digest)));
  }

  async #addImage(image: DockerImage, signal: AbortSignal | undefined): Promise<ArchivedImage> {
    const layers: Descriptor[] = [];
    for (const { path, diffId, file } of image.layers) {
      const { slice } = file ?? {};
      if (file === undefined || slice === undefined)
        throw invalidArchive(this.name, `it lacks the layer ${path}`);
      const descriptor = await describeLayer({ ...file, slice }, path, diffId, signal);
      this.#blobs.set(descriptor.digest, file);
      layers.push(descriptor);
    }
    const config = { mediaType: OCI_CONFIG, digest: image.id, size: image.configBytes.length };
    const manifest = Buffer.from(toOciManifest({ mediaType: OCI_MANIFEST, config, layers }));
    const digest = sha256(manifest);
    this.#blobs.set(image.id, inMemory(Buffer.from(image.configBytes)));
    this.#blobs.set(digest, inMemory(manifest));
    const { os, architecture, variant } = image.config;
    return {
      names: image.names,
      top: {
        mediaType: OCI_MANIFEST,
        digest,
        size: manifest.length,
        platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
      },
      ...(image.parent === undefined ? {} : { parent: image.parent }),
    };
  }

  async #whatIsMissing(format: ArchiveFormat | undefined): Promise<string> {
    if (format === 'oci-archive') return 'it has no index.json';
    const isOld = (await this.#files.find('repositories')) !== undefined;
    return isOld
      ? 'it was written by a Docker before 1.10: load it first'
      : 'it has neither an index.json nor a manifest.json';
  }
}
