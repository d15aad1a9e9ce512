import { describe, expect, it } from 'vitest';
import { chainIds } from '../oci/chainId.ts';
import { sha256 } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { OCI_LAYER, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import type { RefEntry } from '../store/index.ts';
import { applyRemoval, planRemoval } from './remove.ts';
import type { ContainerUse, ImageSummary, RemoveOptions } from './types.ts';

const A = 'docker.io/library/a';
const B = 'docker.io/library/b';
const digestName = (repository: string, seed = 'x'): string => `${repository}@${sha256(seed)}`;
const familiar = (name: string): string => name.replace('docker.io/library/', '');

interface Wanted {
  readonly names?: readonly string[];
  readonly parent?: Digest;
  /** Each stands for a layer's diff ID. */
  readonly layers?: readonly string[];
}

function image(seed: string, { names = [], parent, layers = [seed] }: Wanted = {}): ImageSummary {
  return {
    id: sha256(seed),
    manifest: { mediaType: OCI_MANIFEST, digest: sha256(`manifest ${seed}`), size: 1 },
    manifestDigest: sha256(`manifest ${seed}`),
    tags: names.filter((name) => !name.includes('@')),
    repoDigests: names.filter((name) => name.includes('@')),
    platform: { os: 'linux', architecture: 'amd64' },
    size: 0,
    compressedSize: 0,
    labels: {},
    layers: layers.map((layer) => {
      const diffId = sha256(layer);
      return { digest: diffId, diffId, mediaType: OCI_LAYER, compressedSize: 1, size: 1 };
    }),
    ...(parent === undefined ? {} : { parent }),
  };
}

const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);
const container = (running: boolean): ContainerUse => ({ id: (running ? 'c1' : 'c2').repeat(32), running });

/** What `rmi` prints. */
function plan(
  images: readonly ImageSummary[],
  text: string,
  options: RemoveOptions = {},
  users: Readonly<Record<string, readonly ContainerUse[]>> = {},
): string[] {
  const { records } = planRemoval(images, text, options, (id) => users[id] ?? []);
  return records.map((record) =>
    record.kind === 'untagged' ? `Untagged: ${record.name}` : `Deleted: ${record.id}`,
  );
}

const untagged = (...names: string[]): string[] => names.map((name) => `Untagged: ${familiar(name)}`);
const deleted = (...ids: string[]): string[] => ids.map((id) => `Deleted: ${id}`);
const chains = (...layers: string[]): string[] =>
  [...chainIds(layers.map((layer) => sha256(layer)))].reverse();

function conflict(detail: string, forceable: boolean): unknown {
  const params = expect.objectContaining({ detail, forceable }) as unknown;
  return expect.objectContaining({ code: 'image-conflict', params });
}

const unable = (id: string, why: string, forceable: boolean): unknown =>
  conflict(`unable to delete ${short(id)} (${forceable ? 'must' : 'cannot'} be forced) - ${why}`, forceable);

describe('by name', () => {
  it('untags the last name and its digests, then deletes image and layers, topmost first', () => {
    const only = image('one', { names: [`${A}:1`, digestName(A)], layers: ['base', 'top'] });
    expect(plan([only], 'a:1')).toEqual([
      ...untagged(`${A}:1`, digestName(A)),
      ...deleted(only.id, ...chains('base', 'top')),
    ]);
  });

  it('stops where a name remains: digests stay while a tag of their repository does', () => {
    const two = image('one', { names: [`${A}:1`, `${A}:2`, digestName(A)] });
    expect(plan([two], 'a:1')).toEqual(untagged(`${A}:1`));
  });

  it('takes the digests of this repository only', () => {
    const both = image('one', { names: [`${A}:1`, `${B}:1`, digestName(A), digestName(B)] });
    expect(plan([both], 'a:1')).toEqual(untagged(`${A}:1`, digestName(A)));
  });

  it('untags a digest alone, and deletes what then has no name', () => {
    const tagged = image('one', { names: [`${A}:1`, digestName(A)] });
    expect(plan([tagged], `a@${sha256('x')}`)).toEqual(untagged(digestName(A)));
    const pinned = image('one', { names: [digestName(A)] });
    expect(plan([pinned], `a@${sha256('x')}`)).toEqual([
      ...untagged(digestName(A)),
      ...deleted(pinned.id, ...chains('one')),
    ]);
  });

  it.each([true, false])('refuses the only reference of an image in use (running: %s)', (running) => {
    const used = image('one', { names: [`${A}:1`, digestName(A)] });
    const users = { [used.id]: [container(running)] };
    const detail =
      'unable to remove repository reference "a:1" (must force) - ' +
      `container ${container(running).id.slice(0, 12)} is using its referenced image ${short(used.id)}`;
    expect(() => plan([used], 'a:1', {}, users)).toThrow(conflict(detail, true));
  });

  it('untags one of several names of an image in use', () => {
    const used = image('one', { names: [`${A}:1`, `${B}:1`] });
    expect(plan([used], 'a:1', {}, { [used.id]: [container(true)] })).toEqual(untagged(`${A}:1`));
  });

  it('forced, untags what runs and deletes what is stopped', () => {
    const used = image('one', { names: [`${A}:1`] });
    expect(plan([used], 'a:1', { force: true }, { [used.id]: [container(true)] })).toEqual(
      untagged(`${A}:1`),
    );
    expect(plan([used], 'a:1', { force: true }, { [used.id]: [container(false)] })).toEqual([
      ...untagged(`${A}:1`),
      // The container's own layer stands on the image's.
      ...deleted(used.id),
    ]);
  });

  it('only untags a parent', () => {
    const parent = image('parent', { names: [`${A}:1`] });
    const child = image('child', { names: [`${B}:1`], parent: parent.id });
    expect(plan([parent, child], 'a:1', { force: true })).toEqual(untagged(`${A}:1`));
  });
});

describe('by ID', () => {
  it('untags one repository with one tag, then deletes', () => {
    const one = image('one', { names: [`${A}:1`, digestName(A, 'x'), digestName(A, 'y')] });
    const names = [`${A}:1`, ...[digestName(A, 'x'), digestName(A, 'y')].sort()];
    for (const text of [one.id, short(one.id), one.id.slice(0, 20)]) {
      expect(plan([one], text)).toEqual([...untagged(...names), ...deleted(one.id, ...chains('one'))]);
    }
  });

  it('deletes a dangling image', () => {
    const dangling = image('one');
    expect(plan([dangling], dangling.id)).toEqual(deleted(dangling.id, ...chains('one')));
  });

  it.each([
    ['two tags of one repository', [`${A}:1`, `${A}:2`]],
    ['two repositories', [`${A}:1`, `${B}:1`]],
    ['a tag and a digest of another repository', [`${A}:1`, digestName(B)]],
    ['digests of two repositories', [digestName(A), digestName(B)]],
  ])('refuses %s unless forced', (_, names) => {
    const several = image('one', { names });
    const why = 'image is referenced in multiple repositories';
    expect(() => plan([several], several.id)).toThrow(unable(several.id, why, true));
    expect(plan([several], several.id, { force: true })).toEqual([
      ...untagged(...names),
      ...deleted(several.id, ...chains('one')),
    ]);
  });

  it('refuses a parent, forced too, before all other reasons', () => {
    const parent = image('parent', { names: [`${A}:1`, `${B}:1`] });
    const child = image('child', { parent: parent.id });
    const error = unable(parent.id, 'image has dependent child images', false) as Error;
    const users = { [parent.id]: [container(true)] };
    expect(() => plan([parent, child], parent.id, { force: true }, users)).toThrow(error);
  });

  it('refuses what runs, forced too, before several references', () => {
    const used = image('one', { names: [`${A}:1`, `${B}:1`] });
    const why = `image is being used by running container ${container(true).id.slice(0, 12)}`;
    const users = { [used.id]: [container(false), container(true)] };
    for (const force of [false, true])
      expect(() => plan([used], used.id, { force }, users)).toThrow(unable(used.id, why, false));
  });

  it('refuses what is stopped unless forced, after several references', () => {
    const used = image('one', { names: [`${A}:1`] });
    const users = { [used.id]: [container(false)] };
    const why = `image is being used by stopped container ${container(false).id.slice(0, 12)}`;
    expect(() => plan([used], used.id, {}, users)).toThrow(unable(used.id, why, true));
    expect(plan([used], used.id, { force: true }, users)).toContain(`Deleted: ${used.id}`);
    const several = image('one', { names: [`${A}:1`, `${B}:1`] });
    expect(() => plan([several], used.id, {}, users)).toThrow(/referenced in multiple repositories/);
  });
});

describe('layers and parents', () => {
  it('frees only chains that no other image stands on', () => {
    const one = image('one', { names: [`${A}:1`], layers: ['base', 'mid', 'top'] });
    const other = image('other', { names: [`${B}:1`], layers: ['base', 'top'] });
    const [top = '', mid = ''] = chains('base', 'mid', 'top');
    expect(plan([one, other], 'a:1')).toEqual([...untagged(`${A}:1`), ...deleted(one.id, top, mid)]);
  });

  it('frees nothing under an image with the same layers', () => {
    const one = image('one', { names: [`${A}:1`], layers: ['base'] });
    expect(plan([one, image('other', { layers: ['base'] })], 'a:1')).toEqual([
      ...untagged(`${A}:1`),
      ...deleted(one.id),
    ]);
  });

  const grandparent = image('grandparent', { layers: ['1'] });
  const parent = image('parent', { layers: ['1', '2'], parent: grandparent.id });
  const child = image('child', { names: [`${A}:1`], layers: ['1', '2', '3'], parent: parent.id });

  it('prunes parents without a name', () => {
    const [top = '', mid = '', base = ''] = chains('1', '2', '3');
    expect(plan([child, parent, grandparent], 'a:1')).toEqual([
      ...untagged(`${A}:1`),
      ...deleted(child.id, top, parent.id, mid, grandparent.id, base),
    ]);
    expect(plan([child, parent, grandparent], 'a:1', { noPrune: true })).toEqual([
      ...untagged(`${A}:1`),
      ...deleted(child.id, top),
    ]);
  });

  it.each<[string, readonly ImageSummary[], Readonly<Record<string, readonly ContainerUse[]>>]>([
    ['has a name', [child, { ...parent, tags: [`${B}:1`] }, grandparent], {}],
    ['has another child', [child, parent, grandparent, image('sibling', { parent: parent.id })], {}],
    ['is in use', [child, parent, grandparent], { [parent.id]: [container(false)] }],
  ])('stops quietly at a parent that %s, forced too', (_, images, users) => {
    const records = plan(images, 'a:1', { force: true }, users);
    expect(records).toContain(`Deleted: ${child.id}`);
    expect(records).not.toContain(`Deleted: ${parent.id}`);
    expect(records).not.toContain(`Deleted: ${grandparent.id}`);
  });
});

describe('applyRemoval', () => {
  const entry = (seed: string, name?: string, more: Partial<RefEntry> = {}): RefEntry => ({
    ...(name === undefined ? {} : { name }),
    manifest: { mediaType: OCI_MANIFEST, digest: sha256(`manifest ${seed}`), size: 1 },
    config: sha256(seed),
    repoDigests: [],
    ...more,
  });
  const apply = (
    entries: readonly RefEntry[],
    names: readonly string[],
    images: readonly Digest[] = [],
  ): readonly RefEntry[] =>
    applyRemoval(
      entries,
      { records: [], names: new Set(names), images: new Set(images) },
      (item) => item.config,
    );

  it('takes every entry of a deleted image', () => {
    const other = entry('two', `${A}:2`);
    expect(apply([entry('one', `${A}:1`), entry('one'), other], [`${A}:1`], [sha256('one')])).toEqual([
      other,
    ]);
  });

  it('keeps the digests, the parent and the time of an entry that goes, on another of the image', () => {
    const parent = sha256('parent');
    const going = entry('one', `${A}:2`, {
      repoDigests: [digestName(A)],
      parent,
      taggedAt: '2024-01-01T00:00:00Z',
    });
    expect(apply([entry('one', `${A}:1`), going], [`${A}:2`])).toEqual([
      entry('one', `${A}:1`, { repoDigests: [digestName(A)], parent, taggedAt: '2024-01-01T00:00:00Z' }),
    ]);
  });

  it('takes digests from every entry', () => {
    const names = [`${A}:1`, digestName(A)];
    const repoDigests = [digestName(A), digestName(B)];
    expect(
      apply([entry('one', `${A}:1`, { repoDigests }), entry('one', `${B}:1`, { repoDigests })], names),
    ).toEqual([entry('one', `${B}:1`, { repoDigests: [digestName(B)] })]);
  });

  it('leaves one nameless entry of an image that stays', () => {
    const entries = [entry('one', `${A}:1`), entry('one', 'a:1')];
    expect(apply(entries, [`${A}:1`])).toEqual([entry('one')]);
  });

  it('hands on what it does not touch, and what is no image', () => {
    const artifact: RefEntry = { name: 'a:1', manifest: entry('x').manifest, repoDigests: [] };
    const entries = [entry('one', `${B}:1`), entry('two'), artifact];
    const after = apply(entries, [`${A}:1`]);
    expect(after.every((item, i) => item === entries[i])).toBe(true);
    expect(after).toHaveLength(3);
  });
});
