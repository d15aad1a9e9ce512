import { StrataError } from '../base/errors.ts';
import { chainIds } from '../oci/chainId.ts';
import { shortDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import {
  canonicalName,
  canonicalString,
  familiarString,
  parseReference,
  withDefaultTag,
} from '../reference/index.ts';
import type { RefEntry } from '../store/index.ts';
import { findImage, meansId } from './find.ts';
import { entryTag, inherit, repositoryOf, withoutDigests, withoutName } from './refs.ts';
import type { ContainerUse, ImageSummary, RemoveOptions, RemoveRecord } from './types.ts';

/** What a removal does, decided before anything is written. Names are canonical. */
export interface Removal {
  readonly records: readonly RemoveRecord[];
  readonly names: ReadonlySet<string>;
  readonly images: ReadonlySet<Digest>;
}

type UsersOf = (id: Digest) => readonly ContainerUse[];

/** The names that each image still has while a removal is being decided. */
class RemovalPlan implements Removal {
  readonly records: RemoveRecord[] = [];
  readonly names = new Set<string>();
  readonly images = new Set<Digest>();
  readonly #all: readonly ImageSummary[];

  constructor(all: readonly ImageSummary[]) {
    this.#all = all;
  }

  /** Tags and digest references that stand, sorted as Docker sorts them. */
  namesOf(image: ImageSummary): readonly string[] {
    return [...image.tags, ...image.repoDigests].filter((name) => !this.names.has(name)).sort();
  }

  childrenOf(image: ImageSummary): readonly ImageSummary[] {
    return this.#all.filter((other) => other.parent === image.id && !this.images.has(other.id));
  }

  parentOf(image: ImageSummary): ImageSummary | undefined {
    return this.#all.find((other) => other.id === image.parent && !this.images.has(other.id));
  }

  untag(name: string): void {
    this.names.add(name);
    this.records.push({ kind: 'untagged', name: familiarString(parseReference(name)) });
  }

  /** Records the image and, topmost first, the chains that no other image stands on. */
  delete(image: ImageSummary): void {
    this.images.add(image.id);
    this.records.push({ kind: 'deleted', id: image.id });
    const kept = new Set(this.#all.filter((other) => !this.images.has(other.id)).flatMap(chainsOf));
    const freed = chainsOf(image).filter((chain) => !kept.has(chain));
    this.records.push(...freed.reverse().map((id): RemoveRecord => ({ kind: 'deleted', id })));
  }
}

function chainsOf(image: ImageSummary): readonly Digest[] {
  return chainIds(image.layers.map((layer) => layer.diffId));
}

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
  const image = findImage(images, text);
  const plan = new RemovalPlan(images);
  const force = options.force ?? false;
  const prune = !(options.noPrune ?? false);
  if (meansId(image, text)) {
    if (isSingleReference(plan.namesOf(image))) {
      const conflict = findConflict(plan, image, usersOf, { soft: !force, names: false });
      if (conflict !== undefined) throw conflict;
      for (const name of plan.namesOf(image)) plan.untag(name);
    }
    deleteImage(plan, image, usersOf, { force, prune, quiet: false });
    return plan;
  }
  untagByName(plan, image, text, usersOf, force);
  if (plan.namesOf(image).length === 0) deleteImage(plan, image, usersOf, { force, prune, quiet: true });
  return plan;
}

function untagByName(
  plan: RemovalPlan,
  image: ImageSummary,
  text: string,
  usersOf: UsersOf,
  force: boolean,
): void {
  const [user] = usersOf(image.id);
  if (!force && user !== undefined && isSingleReference(plan.namesOf(image))) {
    throw new StrataError('image-conflict', {
      name: text,
      detail:
        `unable to remove repository reference "${text}" (must force) - ` +
        `container ${shortDigest(user.id)} is using its referenced image ${shortDigest(image.id)}`,
      forceable: true,
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
  usersOf: UsersOf,
  look: { readonly soft: boolean; readonly names: boolean },
): StrataError | undefined {
  const conflict = (why: string, forceable: boolean): StrataError => {
    const id = shortDigest(image.id);
    const remedy = forceable ? 'must be forced' : 'cannot be forced';
    const detail = `unable to delete ${id} (${remedy}) - ${why}`;
    return new StrataError('image-conflict', { name: id, detail, forceable });
  };
  const users = usersOf(image.id);
  const running = users.find((user) => user.running);
  const stopped = users.find((user) => !user.running);
  if (plan.childrenOf(image).length > 0) return conflict('image has dependent child images', false);
  if (running !== undefined) {
    return conflict(`image is being used by running container ${shortDigest(running.id)}`, false);
  }
  if (!look.soft) return undefined;
  if (look.names && plan.namesOf(image).length > 0) {
    return conflict('image is referenced in multiple repositories', true);
  }
  if (stopped !== undefined) {
    return conflict(`image is being used by stopped container ${shortDigest(stopped.id)}`, true);
  }
  return undefined;
}

/** Deletes the image, then parents that nothing else needs. `quiet`: a conflict stops it without an error. */
function deleteImage(
  plan: RemovalPlan,
  image: ImageSummary,
  usersOf: UsersOf,
  options: { readonly force: boolean; readonly prune: boolean; readonly quiet: boolean },
): void {
  const conflict = findConflict(plan, image, usersOf, { soft: !options.force, names: true });
  if (conflict !== undefined) {
    if (options.quiet) return;
    throw conflict;
  }
  const parent = plan.parentOf(image);
  for (const name of plan.namesOf(image)) plan.untag(name);
  plan.delete(image);
  if (options.prune && parent !== undefined) {
    deleteImage(plan, parent, usersOf, { force: false, prune: true, quiet: true });
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
