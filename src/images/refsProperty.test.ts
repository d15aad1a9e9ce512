import { expect, it } from 'vitest';
import { Random, testSeed } from '../../test/support/tarGenerator.ts';
import { isStrataError } from '../base/errors.ts';
import { sha256 } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { OCI_MANIFEST } from '../oci/mediaTypes.ts';
import type { RefEntry } from '../store/index.ts';
import { addDigestReference, entryTag, setTag } from './refs.ts';
import { applyRemoval, planRemoval } from './remove.ts';
import type { ImageSummary } from './types.ts';

/* Random pulls and removals on index.json's entries, against Docker's way to keep them: a map from names to images. */

const IMAGES = ['one', 'two', 'three', 'four'].map((text) => sha256(text));
const REPOSITORIES = ['docker.io/library/a', 'docker.io/library/b', 'localhost:5000/c'];
const TAGS = ['1', '2', 'latest'];
const DIGESTS = ['x', 'y', 'z'].map((text) => sha256(text));
const RUNS = 100;
const STEPS = 40;

/** Docker's store: reference store and image store, and image_delete.go without containers and parents. */
class Model {
  readonly names = new Map<string, Digest>();
  readonly images = new Set<Digest>();

  pullTag(tag: string, digestName: string, id: Digest): void {
    this.images.add(id);
    this.names.set(tag, id);
    if (!this.names.has(digestName)) this.names.set(digestName, id);
  }

  pullDigest(digestName: string, id: Digest): void {
    this.images.add(id);
    this.names.set(digestName, id);
  }

  namesOf(id: Digest): string[] {
    return [...this.names]
      .filter(([, other]) => other === id)
      .map(([name]) => name)
      .sort();
  }

  /** @returns false for a conflict */
  removeId(id: Digest, force: boolean): boolean {
    const names = this.namesOf(id);
    const repositories = new Set(names.map(repository));
    const tags = names.filter((name) => !name.includes('@'));
    const digests = names.length - tags.length;
    const single = names.length <= 1 || (repositories.size === 1 && tags.length <= 1 && digests > 0);
    if (!single && !force) return false;
    this.#delete(id);
    return true;
  }

  removeName(name: string): void {
    const id = this.names.get(name);
    if (id === undefined) throw new Error(`no ${name}`);
    this.names.delete(name);
    const same = this.namesOf(id).filter((other) => repository(other) === repository(name));
    if (!name.includes('@') && same.every((other) => other.includes('@'))) {
      for (const other of same) this.names.delete(other);
    }
    if (this.namesOf(id).length === 0) this.#delete(id);
  }

  #delete(id: Digest): void {
    for (const name of this.namesOf(id)) this.names.delete(name);
    this.images.delete(id);
  }
}

function repository(name: string): string {
  return name.includes('@') ? name.slice(0, name.indexOf('@')) : name.slice(0, name.lastIndexOf(':'));
}

function entryFor(id: Digest, digestName: string): RefEntry & { config: Digest } {
  const manifest = { mediaType: OCI_MANIFEST, digest: sha256(`manifest of ${id}`), size: 1 };
  return { manifest, config: id, repoDigests: [digestName] };
}

function summaries(entries: readonly RefEntry[]): ImageSummary[] {
  return IMAGES.flatMap((id) => {
    const own = entries.filter((entry) => entry.config === id);
    const [first] = own;
    if (first === undefined) return [];
    return {
      id,
      manifest: first.manifest,
      manifestDigest: first.manifest.digest,
      tags: own.map(entryTag).filter((tag) => tag !== undefined),
      repoDigests: [...new Set(own.flatMap((entry) => entry.repoDigests))],
      platform: { os: 'linux', architecture: 'amd64' },
      size: 0,
      compressedSize: 0,
      labels: {},
      layers: [],
    };
  });
}

function check(entries: readonly RefEntry[], model: Model): void {
  const images = summaries(entries);
  expect(images.map(({ id }) => id).sort()).toEqual([...model.images].sort());
  for (const { id, tags, repoDigests } of images) {
    expect([...tags, ...repoDigests].sort()).toEqual(model.namesOf(id));
    // One entry for each name, and a nameless one only where there is no name.
    const own = entries.filter((entry) => entry.config === id);
    expect(own).toHaveLength(Math.max(1, tags.length));
  }
}

function remove(
  entries: readonly RefEntry[],
  text: string,
  force: boolean,
): readonly RefEntry[] | 'conflict' {
  try {
    const removal = planRemoval(summaries(entries), text, { force }, () => []);
    return applyRemoval(entries, removal, (entry) => entry.config);
  } catch (error) {
    if (isStrataError(error, 'image-conflict')) return 'conflict';
    throw error;
  }
}

it('keeps names as Docker keeps them, whatever is pulled and removed', () => {
  const start = testSeed();
  for (let run = 0; run < RUNS; run++) {
    const seed = start + run;
    const random = new Random(seed);
    const pick = <T>(items: readonly T[]): T => {
      const item = items[random.below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    };
    const model = new Model();
    let entries: readonly RefEntry[] = [];
    const steps: string[] = [];
    try {
      for (let step = 0; step < STEPS; step++) {
        const at = pick(REPOSITORIES);
        const [tag, digestName, id] = [`${at}:${pick(TAGS)}`, `${at}@${pick(DIGESTS)}`, pick(IMAGES)];
        const force = random.below(2) === 0;
        const kind = random.below(6);
        if (kind <= 2) {
          steps.push(`pull ${tag} ${digestName} ${id}`);
          entries = setTag(entries, { ...entryFor(id, digestName), name: tag });
          model.pullTag(tag, digestName, id);
        } else if (kind === 3) {
          steps.push(`pull ${digestName} ${id}`);
          entries = addDigestReference(entries, entryFor(id, digestName));
          model.pullDigest(digestName, id);
        } else if (kind === 4 && model.names.size > 0) {
          const name = pick([...model.names.keys()]);
          steps.push(`rmi ${name}`);
          const after = remove(entries, name, force);
          if (after === 'conflict') throw new Error('a conflict without containers');
          entries = after;
          model.removeName(name);
        } else if (model.images.size > 0) {
          const removed = pick([...model.images]);
          steps.push(`rmi ${force ? '-f ' : ''}${removed}`);
          const after = remove(entries, removed.slice('sha256:'.length, 30), force);
          expect(after !== 'conflict').toBe(model.removeId(removed, force));
          if (after !== 'conflict') entries = after;
        }
        check(entries, model);
      }
    } catch (error) {
      throw new Error(`seed ${seed}, after\n${steps.join('\n')}`, { cause: error });
    }
  }
});
