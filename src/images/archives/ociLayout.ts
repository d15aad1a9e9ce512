import { MAX_ARCHIVE_IMAGES, MAX_ARCHIVE_INDEX_BYTES } from '../../base/limits.ts';
import { digestAlgorithm, digestHex } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { OCI_INDEX } from '../../oci/mediaTypes.ts';
import { parseIndex } from '../../oci/parse.ts';
import { canonicalString, parseReference, withDefaultTag } from '../../reference/index.ts';
import { invalidArchive } from './paths.ts';
import type { ArchivedImage, ArchiveFiles } from './types.ts';

const INDEX_FILE = 'index.json';
/** image-spec annotations.md */
const REF_NAME = 'org.opencontainers.image.ref.name';
/** What containerd, and Docker since 25, write beside it: the whole name. */
const IMAGE_NAME = 'io.containerd.image.name';

/** image-spec image-layout.md, "Blobs". */
export const blobPath = (digest: Digest): string => `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;

/**
 * What index.json lists; entries of one digest with several names are one.
 * @returns undefined if there is no index.json
 * @throws `content-invalid`, `too-large`
 */
export async function readLayoutImages(files: ArchiveFiles): Promise<readonly ArchivedImage[] | undefined> {
  const file = await files.find(INDEX_FILE);
  if (file === undefined) return undefined;
  const bytes = await file.read(MAX_ARCHIVE_INDEX_BYTES);
  const { manifests } = parseIndex(bytes, `${INDEX_FILE} of ${files.name}`, OCI_INDEX);
  if (manifests.length > MAX_ARCHIVE_IMAGES) {
    throw invalidArchive(files.name, `it has more than ${MAX_ARCHIVE_IMAGES} images`);
  }
  return manifests.map(({ annotations, ...top }) => {
    const refName = annotations?.[REF_NAME];
    const name = wholeName(annotations?.[IMAGE_NAME], false) ?? wholeName(refName, true);
    return { names: name === undefined ? [] : [name], ...(refName === undefined ? {} : { refName }), top };
  });
}

/** @param mayBeTag `latest` alone is a tag of an image that nobody has named, and no image of that name */
function wholeName(text: string | undefined, mayBeTag: boolean): string | undefined {
  if (text === undefined || (mayBeTag && !/[/:]/.test(text))) return undefined;
  try {
    const { digest: _, ...reference } = withDefaultTag(parseReference(text));
    return canonicalString(reference);
  } catch {
    return undefined;
  }
}
