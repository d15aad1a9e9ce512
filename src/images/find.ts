import { StrataError } from '../base/errors.ts';
import type { Digest } from '../oci/digest.ts';
import {
  canonicalName,
  canonicalString,
  familiarString,
  parseIdPrefix,
  parseReference,
  withDefaultTag,
} from '../reference/index.ts';
import type { ImageSummary } from './types.ts';

type Findable = Pick<ImageSummary, 'id' | 'tags' | 'repoDigests'>;

/**
 * The image that a person means: by name first, then by ID or its prefix (moby daemon/images/image.go, GetImage).
 * @throws `image-not-found`, `id-ambiguous`, `reference-invalid`
 */
export function findImage<I extends Findable>(images: readonly I[], text: string): I {
  const prefix = parseIdPrefix(text);
  const isWholeId = prefix?.length === 64;
  const named = isWholeId ? undefined : findByName(images, text, prefix !== undefined);
  if (named !== undefined) return named;
  const found = prefix === undefined ? [] : images.filter((image) => hasIdPrefix(image.id, prefix));
  if (found.length > 1) throw new StrataError('id-ambiguous', { prefix: text });
  const [image] = found;
  if (image === undefined) throw new StrataError('image-not-found', { name: displayName(text) });
  return image;
}

/** True if the text is an ID or a prefix of the image's, so that the image is meant and not one of its names. */
export function meansId(image: Findable, text: string): boolean {
  const prefix = parseIdPrefix(text);
  return prefix !== undefined && hasIdPrefix(image.id, prefix);
}

function hasIdPrefix(id: Digest, prefix: string): boolean {
  return id.startsWith(`sha256:${prefix}`);
}

function findByName<I extends Findable>(images: readonly I[], text: string, mayBeId: boolean): I | undefined {
  let reference;
  try {
    reference = withDefaultTag(parseReference(text));
  } catch (error) {
    if (mayBeId) return undefined;
    throw error;
  }
  if (reference.digest !== undefined) {
    const wanted = `${canonicalName(reference)}@${reference.digest}`;
    return images.find((image) => image.repoDigests.includes(wanted));
  }
  const wanted = canonicalString(reference);
  return images.find((image) => image.tags.includes(wanted));
}

/** Docker names what it lacks in its short form, with the tag that it looked for. */
function displayName(text: string): string {
  if (/^[a-f0-9]{64}$/.test(text)) return `sha256:${text}`;
  try {
    return familiarString(withDefaultTag(parseReference(text)));
  } catch {
    return text;
  }
}
