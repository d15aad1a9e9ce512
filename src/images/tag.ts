import { StrataError } from '../base/errors.ts';
import { canonicalString, familiarName, parseReference, withDefaultTag } from '../reference/index.ts';
import type { RefEntry } from '../store/index.ts';
import { findImage } from './find.ts';
import { setTag } from './refs.ts';
import type { ImageSummary } from './types.ts';

/** moby reference/store.go: such a name could be read as a digest. */
const AMBIGUOUS_NAME = 'sha256';

/**
 * Gives an image another name; the name leaves the image that had it.
 * @param now milliseconds since 1970: the image's time of tagging
 * @returns index.json's entries, with the name
 * @throws `image-not-found`, `id-ambiguous`, `reference-invalid`, `tag-invalid`
 */
export function tagImage(
  entries: readonly RefEntry[],
  images: readonly ImageSummary[],
  source: string,
  target: string,
  now: number,
): readonly RefEntry[] {
  const reference = parseReference(target);
  if (reference.digest !== undefined) {
    throw new StrataError('tag-invalid', { name: target, reason: 'digest' });
  }
  const image = findImage(images, source);
  if (familiarName(reference) === AMBIGUOUS_NAME) {
    throw new StrataError('tag-invalid', { name: target, reason: 'algorithm' });
  }
  return setTag(entries, {
    name: canonicalString(withDefaultTag(reference)),
    manifest: image.manifest,
    config: image.id,
    ...(image.manifestDigest === image.manifest.digest ? {} : { source: image.manifestDigest }),
    repoDigests: [],
    taggedAt: new Date(now).toISOString(),
    ...(image.parent === undefined ? {} : { parent: image.parent }),
  });
}
