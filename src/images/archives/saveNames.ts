import { StrataError } from '../../base/errors.ts';
import {
  canonicalName,
  canonicalString,
  familiarName,
  parseIdPrefix,
  parseReference,
} from '../../reference/index.ts';
import { findImage } from '../find.ts';
import { repositoryOf } from '../refs.ts';
import type { ImageSummary } from '../types.ts';

export interface SavedImage {
  readonly image: ImageSummary;
  /** Canonical, with tag: those that were asked for. */
  readonly names: readonly string[];
}

/** What Docker takes for a digest and not for the name of a repository (moby image/tarexport/save.go, parseNames). */
const DIGEST_NAME = 'sha256';

/**
 * The images that names mean, in their order: a repository alone means all its tags, an ID or a digest the image without a name.
 * @throws `image-not-found`, `id-ambiguous`, `reference-invalid`
 */
export function imagesToSave(
  images: readonly ImageSummary[],
  names: readonly string[],
): readonly SavedImage[] {
  const saved = new Map<ImageSummary, Set<string>>();
  for (const name of names) {
    for (const { image, names: own } of meant(images, name)) {
      const all = saved.get(image) ?? new Set();
      for (const each of own) all.add(each);
      saved.set(image, all);
    }
  }
  return [...saved].map(([image, own]) => ({ image, names: [...own] }));
}

function meant(images: readonly ImageSummary[], name: string): readonly SavedImage[] {
  if (parseIdPrefix(name)?.length === 64) return [{ image: byId(images, name), names: [] }];
  const reference = parseReference(name);
  if (familiarName(reference) === DIGEST_NAME) return [{ image: byId(images, name), names: [] }];
  if (reference.digest !== undefined) return [{ image: findImage(images, name), names: [] }];
  if (reference.tag !== undefined)
    return [{ image: findImage(images, name), names: [canonicalString(reference)] }];
  const repository = canonicalName(reference);
  const tagged = images.flatMap((image) => {
    const own = image.tags.filter((tag) => repositoryOf(tag) === repository);
    return own.length === 0 ? [] : [{ image, names: own }];
  });
  return tagged.length > 0 ? tagged : [{ image: byId(images, name), names: [] }];
}

/** @throws `image-not-found` with the name as it was given */
function byId(images: readonly ImageSummary[], text: string): ImageSummary {
  const prefix = parseIdPrefix(text);
  const found = prefix === undefined ? [] : images.filter(({ id }) => id.startsWith(`sha256:${prefix}`));
  if (found.length > 1) throw new StrataError('id-ambiguous', { prefix: text });
  const [image] = found;
  if (image === undefined) throw new StrataError('image-not-found', { name: text });
  return image;
}
