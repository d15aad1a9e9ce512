import { StrataError } from '../../base/errors.ts';
import { MAX_MANIFEST_BYTES } from '../../base/limits.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { openArchive } from '../archives/openArchive.ts';
import type { ArchivedImage, ImageArchive } from '../archives/types.ts';
import type { ContentPlace } from '../push/messages.ts';
import type { CopyPlace } from './place.ts';
import type { CopySource, Document } from './types.ts';

type ArchivePlace = Exclude<CopyPlace, { kind: 'registry' }>;

/**
 * An image of an archive or a layout. @throws StrataError `content-invalid` where the name leads to none, or there is no
 * name and there are several images; `file-unreadable`
 */
export async function archiveSource(
  place: ArchivePlace,
  signal: AbortSignal | undefined,
): Promise<CopySource> {
  const format = place.kind === 'docker-archive' ? 'docker-archive' : 'oci-archive';
  const archive = await openArchive(place.path, { format, signal });
  try {
    const { top } = choose(archive, place);
    return {
      mayCompress: place.kind === 'docker-archive',
      resolve: async () => await readDocument(archive, top),
      document: async (descriptor) => await readDocument(archive, descriptor),
      read: async ({ digest }, limit) => await archive.read(digest, limit),
      locate: async (descriptor) => await locate(archive, descriptor),
      mountFrom: () => [],
      close: async () => await archive.close(),
    };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

function choose(archive: ImageArchive, place: ArchivePlace): ArchivedImage {
  const { images, name } = archive;
  const wanted = place.kind === 'docker-archive' ? place.name : place.refName;
  const found = wanted === undefined ? images : images.filter((image) => isNamed(image, place));
  const [image] = found;
  if (image !== undefined && (found.length === 1 || wanted !== undefined)) return image;
  const detail =
    wanted !== undefined
      ? `it has no image ${wanted}`
      : images.length === 0
        ? 'it has no image'
        : `it has ${images.length} images: say which one behind a colon`;
  throw new StrataError('content-invalid', { what: name, detail });
}

function isNamed(image: ArchivedImage, place: ArchivePlace): boolean {
  if (place.kind === 'docker-archive') return place.name !== undefined && image.names.includes(place.name);
  return image.refName === place.refName;
}

async function readDocument(archive: ImageArchive, descriptor: Descriptor): Promise<Document> {
  const { mediaType, digest } = descriptor;
  return { mediaType, digest, bytes: await archive.read(digest, MAX_MANIFEST_BYTES) };
}

async function locate(archive: ImageArchive, { digest, size }: Descriptor): Promise<ContentPlace> {
  const file = await archive.locate(digest);
  if (file.slice === undefined) return { kind: 'bytes', bytes: await file.read(size), size, digest };
  const { path, offset } = file.slice;
  if (file.size !== size) {
    throw new StrataError('size-mismatch', { what: `blob ${digest}`, expected: size, actual: file.size });
  }
  return { kind: 'file', path, offset, size, digest };
}
