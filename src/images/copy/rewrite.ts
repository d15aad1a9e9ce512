import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/mediaTypes.ts';
import { toOciManifest } from '../../oci/ociManifest.ts';
import { parseJsonObject, parseManifest } from '../../oci/parse.ts';
import type { Document } from './types.ts';

/**
 * The manifest as its target is to have it: the very same, unless layers became other blobs there.
 * @param ociOnly the target wants image-spec's media types
 */
export function rewritten(
  document: Document,
  layers: readonly Descriptor[] | undefined,
  ociOnly: boolean,
): Document {
  const { mediaType, digest, bytes } = document;
  const changed =
    layers === undefined
      ? document
      : printed(mediaType, JSON.stringify({ ...parseJsonObject(bytes, digest), layers }));
  if (!ociOnly || mediaType === OCI_MANIFEST) return changed;
  return printed(OCI_MANIFEST, toOciManifest(parseManifest(changed.bytes, digest, mediaType)));
}

/** The index over what its children became; the very same if nothing changed. */
export function reindexed(
  index: Document,
  changes: ReadonlyMap<Digest, Document>,
  ociOnly: boolean,
): Document {
  const mediaType = ociOnly ? OCI_INDEX : index.mediaType;
  if (changes.size === 0 && mediaType === index.mediaType) return index;
  const raw = parseJsonObject(index.bytes, index.digest);
  const entries: readonly unknown[] = Array.isArray(raw.manifests) ? raw.manifests : [];
  const manifests = entries.map((entry) => {
    const known = [...changes].find(([digest]) => isOf(entry, digest));
    if (known === undefined || typeof entry !== 'object') return entry;
    const [, child] = known;
    return { ...entry, mediaType: child.mediaType, digest: child.digest, size: child.bytes.length };
  });
  return printed(mediaType, JSON.stringify({ ...raw, mediaType, manifests }));
}

function isOf(entry: unknown, digest: Digest): boolean {
  return typeof entry === 'object' && entry !== null && 'digest' in entry && entry.digest === digest;
}

function printed(mediaType: string, content: string | Uint8Array): Document {
  const bytes = Buffer.from(content);
  return { mediaType, bytes, digest: sha256(bytes) };
}
