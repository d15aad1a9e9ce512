import { StrataError } from '../base/errors.ts';
import type { ConflictReason } from '../base/errors.ts';
import { shortDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { canonicalName, canonicalString, parseReference, withDefaultTag } from '../reference/index.ts';
import type { RefEntry } from '../store/index.ts';
import { findImage, meansId } from './find.ts';
import { entryTag, inherit, repositoryOf, withoutDigests, withoutName } from './refs.ts';
import { RemovalPlan } from './removalPlan.ts';
import type { Removal, UsersOf } from './removalPlan.ts';
import type { ImageSummary, RemoveOptions } from './types.ts';

const isDigestName = (name: string): boolean => name.includes('@');

/** One repository with at most one tag (moby daemon/images/image_delete.go, isSingleReference). */
function isSingleReference(names: readonly string[]): boolean {
  if (names.length <= 1) return true;
  const tags = names.filter((name) => !isDigestName(name));
  if (tags.length > 1) return false;
  const repositories = new Set(names.filter(isDigestName).map(repositoryOf));
  const single = tags[0] ?? names[0];
  return single !== undefined && repositories.size === 1 && repositories.has(repositoryOf(single));
}

/**
 * Decides what `rmi NAME` does, by Docker's rules (moby daemon/images/image_delete.go).
 * @throws `image-not-found`, `id-ambiguous`, `image-conflict`: then nothing is to be done
 */
export function planRemoval(
  images: readonly ImageSummary[],
  text: string,
  options: RemoveOptions,
  usersOf: UsersOf,
): Removal {
  const plan = new RemovalPlan(images, usersOf);
  const image = findImage(images, text);
  if (meansId(image, text)) removeImage(plan, image, options);
  else removeName(plan, image, text, options);
  return plan;
}

/** Removes an image that its ID or a prefix of it named. @throws `image-conflict` */
export function removeImage(plan: RemovalPlan, image: ImageSummary, options: RemoveOptions): void {
  const { force = false, noPrune = false } = options;
  if (isSingleReference(plan.namesOf(image))) {
    const conflict = findConflict(plan, image, { soft: !force, names: false });
    if (conflict !== undefined) throw conflict;
    for (const name of plan.namesOf(image)) plan.untag(name);
  }
  deleteImage(plan, image, { force, prune: !noPrune, quiet: false });
}

/** Removes one name of an image, and the image with its last. @throws `image-conflict` */
export function removeName(
  plan: RemovalPlan,
  image: ImageSummary,
  text: string,
  options: RemoveOptions,
): void {
  const { force = false, noPrune = false } = options;
  untagByName(plan, image, text, force);
  if (plan.namesOf(image).length === 0) deleteImage(plan, image, { force, prune: !noPrune, quiet: true });
}

function untagByName(plan: RemovalPlan, image: ImageSummary, text: string, force: boolean): void {
  const [user] = plan.usersOf(image.id);
  if (!force && user !== undefined && isSingleReference(plan.namesOf(image))) {
    throw new StrataError('image-conflict', {
      name: text,
      detail:
        `unable to remove repository reference "${text}" (must force) - ` +
        `container ${shortDigest(user.id)} is using its referenced image ${shortDigest(image.id)}`,
      forceable: true,
      reason: 'container',
      container: shortDigest(user.id),
    });
  }
  const reference = withDefaultTag(parseReference(text));
  const repository = canonicalName(reference);
  if (reference.digest !== undefined) {
    plan.untag(`${repository}@${reference.digest}`);
    return;
  }
  plan.untag(canonicalString(reference));
  const sameRepository = plan.namesOf(image).filter((name) => repositoryOf(name) === repository);
  // With its last tag in a repository an image loses its digest references there too.
  if (sameRepository.every(isDigestName)) for (const name of sameRepository) plan.untag(name);
}

/** The first conflict in Docker's order. `soft`: look for those that force would override; `names`: names among them. */
function findConflict(
  plan: RemovalPlan,
  image: ImageSummary,
  look: { readonly soft: boolean; readonly names: boolean },
): StrataError | undefined {
  const conflict = (
    why: string,
    forceable: boolean,
    more: { readonly reason: ConflictReason; readonly container?: string },
  ): StrataError => {
    const id = shortDigest(image.id);
    const remedy = forceable ? 'must be forced' : 'cannot be forced';
    const detail = `unable to delete ${id} (${remedy}) - ${why}`;
    return new StrataError('image-conflict', { name: id, detail, forceable, ...more });
  };
  const users = plan.usersOf(image.id);
  const running = users.find((user) => user.running);
  const stopped = users.find((user) => !user.running);
  if (plan.childrenOf(image).length > 0)
    return conflict('image has dependent child images', false, { reason: 'children' });
  if (running !== undefined) {
    const container = shortDigest(running.id);
    return conflict(`image is being used by running container ${container}`, false, {
      reason: 'running-container',
      container,
    });
  }
  if (!look.soft) return undefined;
  if (look.names && plan.namesOf(image).length > 0) {
    return conflict('image is referenced in multiple repositories', true, { reason: 'names' });
  }
  if (stopped !== undefined) {
    const container = shortDigest(stopped.id);
    return conflict(`image is being used by stopped container ${container}`, true, {
      reason: 'stopped-container',
      container,
    });
  }
  return undefined;
}

/** Deletes the image, then parents that nothing else needs. `quiet`: a conflict stops it without an error. */
function deleteImage(
  plan: RemovalPlan,
  image: ImageSummary,
  options: { readonly force: boolean; readonly prune: boolean; readonly quiet: boolean },
): void {
  const conflict = findConflict(plan, image, { soft: !options.force, names: true });
  if (conflict !== undefined) {
    if (options.quiet) return;
    throw conflict;
  }
  const parent = plan.parentOf(image);
  for (const name of plan.namesOf(image)) plan.untag(name);
  plan.delete(image);
  if (options.prune && parent !== undefined) {
    deleteImage(plan, parent, { force: false, prune: true, quiet: true });
  }
}

/**
 * Carries a removal out on the entries of index.json.
 * @param idOf the image of each entry, undefined for what is no image and stays
 */
export function applyRemoval(
  entries: readonly RefEntry[],
  removal: Removal,
  idOf: (entry: RefEntry) => Digest | undefined,
): readonly RefEntry[] {
  const result: { readonly id: Digest | undefined; entry: RefEntry }[] = [];
  const untagged: { readonly id: Digest; readonly entry: RefEntry }[] = [];
  for (const entry of entries) {
    const id = idOf(entry);
    if (id === undefined) result.push({ id, entry });
    else if (removal.images.has(id)) continue;
    else if (removal.names.has(entryTag(entry) ?? '')) untagged.push({ id, entry });
    else result.push({ id, entry: withoutDigests(entry, removal.names) });
  }
  for (const { id, entry } of untagged) {
    const rest = withoutName(withoutDigests(entry, removal.names));
    const heir = result.find((other) => other.id === id);
    if (heir === undefined) result.push({ id, entry: rest });
    else heir.entry = inherit(heir.entry, rest);
  }
  return result.map(({ entry }) => entry);
}
