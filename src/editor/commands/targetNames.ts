import { familiarTag, imageLabel } from '../trees/imageNodes.ts';
import type { ImageTarget } from './targets.ts';

/** What a person reads. */
export function targetName(target: ImageTarget): string {
  if (target.kind === 'tag') return familiarTag(target.tag);
  const [first] = targetTags(target);
  return first === undefined ? imageLabel(target.image) : familiarTag(first);
}

/** Canonical tags: the clicked one, those that a row is about, else all of the image. */
export function targetTags(target: ImageTarget): readonly string[] {
  if (target.kind === 'tag') return [target.tag];
  return target.kind === 'image' ? (target.names ?? target.image.tags) : target.image.tags;
}
