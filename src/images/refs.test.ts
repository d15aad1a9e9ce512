import { describe, expect, it } from 'vitest';
import { buildAttestation, buildImage, buildIndex } from '../../test/support/images.ts';
import type { BuiltImage } from '../../test/support/images.ts';
import { damageBlob, entryOf, openTestStore, storeBlobs } from '../../test/support/storedImages.ts';
import { sha256 } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import type { RefEntry } from '../store/index.ts';
import { addDigestReference, entryDigests, entryTag, inherit, resolveEntry, setTag } from './refs.ts';

const REPOSITORY = 'docker.io/library/app';
const digestName = (seed: string, repository = REPOSITORY): string => `${repository}@${sha256(seed)}`;

function entry(image: string, more: Partial<RefEntry> = {}): RefEntry & { config: Digest } {
  const manifest = { mediaType: OCI_MANIFEST, digest: sha256(`manifest ${image}`), size: 10 };
  return { manifest, config: sha256(image), repoDigests: [], ...more };
}

function tagged(
  image: string,
  tag: string,
  more: Partial<RefEntry> = {},
): RefEntry & { config: Digest; name: string } {
  return { ...entry(image, more), name: `${REPOSITORY}:${tag}` };
}

function foreign(image: string, name: string): RefEntry {
  const { config: _, ...rest } = entry(image, { name });
  return rest;
}

describe('setTag', () => {
  it('adds a name beside the others of the image', () => {
    const entries = setTag([tagged('one', '1', { repoDigests: [digestName('a')] })], tagged('one', '2'));
    expect(entries.map(entryTag)).toEqual([`${REPOSITORY}:1`, `${REPOSITORY}:2`]);
    expect(entries[1]?.repoDigests).toEqual([digestName('a')]);
  });

  it('takes the name from another image, which stays without one', () => {
    const old = tagged('old', '1', { repoDigests: [digestName('a')] });
    const entries = setTag([old], tagged('new', '1', { repoDigests: [digestName('b')] }));
    expect(entries).toEqual([
      entry('old', { repoDigests: [digestName('a')] }),
      tagged('new', '1', { repoDigests: [digestName('b')] }),
    ]);
  });

  it('leaves no nameless entry of an image that has another name', () => {
    const entries = setTag(
      [tagged('old', '1', { repoDigests: [digestName('a')] }), tagged('old', '2')],
      tagged('new', '1'),
    );
    expect(entries).toEqual([tagged('old', '2', { repoDigests: [digestName('a')] }), tagged('new', '1')]);
  });

  it('gives a dangling image its name back, with all that it had', () => {
    const dangling = entry('one', {
      repoDigests: [digestName('a')],
      parent: sha256('parent'),
      taggedAt: '2024-01-01T00:00:00Z',
    });
    const [only, ...others] = setTag([dangling], tagged('one', '1', { repoDigests: [digestName('b')] }));
    expect(others).toEqual([]);
    expect(only).toEqual({
      ...tagged('one', '1'),
      repoDigests: [digestName('a'), digestName('b')].sort(),
      parent: sha256('parent'),
      taggedAt: '2024-01-01T00:00:00Z',
    });
  });

  it('replaces its own entry', () => {
    const entries = setTag([tagged('one', '1', { parent: sha256('parent') })], tagged('one', '1'));
    expect(entries).toEqual([tagged('one', '1', { parent: sha256('parent') })]);
  });

  it('leaves a digest with the image that had it first: an index pulled for a second platform', () => {
    const first = tagged('amd64', '1', { repoDigests: [digestName('index')] });
    const entries = setTag([first], tagged('arm64', '1', { repoDigests: [digestName('index')] }));
    expect(entries).toEqual([entry('amd64', { repoDigests: [digestName('index')] }), tagged('arm64', '1')]);
  });

  it('takes the name from an entry of another tool, however it wrote it', () => {
    const entries = setTag([foreign('old', 'app:1')], tagged('new', '1'));
    const { name: _, ...nameless } = foreign('old', 'app:1');
    expect(entries).toEqual([nameless, tagged('new', '1')]);
  });

  it('replaces the entry of another tool for the same manifest', () => {
    expect(setTag([foreign('one', 'app:1')], tagged('one', '1'))).toEqual([tagged('one', '1')]);
  });

  it('hands on what it does not touch', () => {
    const others = [tagged('other', '9'), foreign('x', 'not a name!'), entry('dangling')];
    expect(
      setTag(others, tagged('one', '1'))
        .slice(0, 3)
        .every((item, i) => item === others[i]),
    ).toBe(true);
  });
});

describe('addDigestReference', () => {
  it('records an image without a tag', () => {
    const next = entry('one', { repoDigests: [digestName('a')] });
    expect(addDigestReference([tagged('other', '1')], next)).toEqual([tagged('other', '1'), next]);
  });

  it('adds the digest to an image that is here', () => {
    const next = entry('one', { repoDigests: [digestName('b')] });
    const entries = addDigestReference(
      [tagged('one', '1', { repoDigests: [digestName('a')] }), tagged('one', '2')],
      next,
    );
    expect(entries).toEqual([
      tagged('one', '1', { repoDigests: [digestName('a'), digestName('b')].sort() }),
      tagged('one', '2'),
    ]);
  });

  it('takes the digest from the image of another platform', () => {
    const next = entry('arm64', { repoDigests: [digestName('index')] });
    const entries = addDigestReference([tagged('amd64', '1', { repoDigests: [digestName('index')] })], next);
    expect(entries).toEqual([tagged('amd64', '1'), next]);
  });
});

describe('inherit', () => {
  it('keeps the latest time and the own parent', () => {
    const one = entry('one', { parent: sha256('p1'), taggedAt: '2024-01-01T00:00:00Z' });
    const two = entry('one', { parent: sha256('p2'), taggedAt: '2025-01-01T00:00:00Z' });
    expect(inherit(one, two)).toMatchObject({ parent: sha256('p1'), taggedAt: '2025-01-01T00:00:00Z' });
    expect(inherit(two, one)).toMatchObject({ parent: sha256('p2'), taggedAt: '2025-01-01T00:00:00Z' });
  });
});

describe('names of entries', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    ['localhost:5000/a:1', 'localhost:5000/a:1'],
    ['Not A Name', undefined],
    [undefined, undefined],
  ])('%s is %s', (name, expected) => {
    expect(entryTag(entry('one', name === undefined ? {} : { name }))).toBe(expected);
  });

  it('passes over what is no digest reference', () => {
    const repoDigests = ['nonsense!', 'docker.io/library/app:1', digestName('a'), 'app@sha256:12'];
    expect(entryDigests(entry('one', { repoDigests }))).toEqual([digestName('a')]);
  });
});

describe('resolveEntry', () => {
  const image = (architecture: string): BuiltImage =>
    buildImage({ layers: [{ entries: [] }], platform: { os: 'linux', architecture } });
  const host = image(process.arch === 'arm64' ? 'arm64' : 'amd64');
  const other = image('s390x');
  const indexEntry = (built: { index: { descriptor: RefEntry['manifest'] } }): RefEntry => ({
    name: 'app',
    manifest: built.index.descriptor,
    repoDigests: [],
  });

  it('takes our own word, and reads the manifest of another tool', async () => {
    const store = await openTestStore();
    const [ours] = [entryOf(host)];
    expect(await resolveEntry(store, ours)).toEqual({
      entry: ours,
      id: ours.config,
      manifest: ours.manifest,
    });
    const { config, ...theirs } = ours;
    expect(await resolveEntry(store, theirs)).toBeUndefined();
    await storeBlobs(store, host);
    expect(await resolveEntry(store, theirs)).toEqual({ entry: theirs, id: config, manifest: ours.manifest });
  });

  it('takes of an index the best platform that is here, and never an attestation', async () => {
    const store = await openTestStore();
    const built = buildIndex([buildAttestation(host), other, host]);
    await store.writeBlob(built.index.bytes);
    await storeBlobs(store, buildAttestation(host));
    expect(await resolveEntry(store, indexEntry(built))).toBeUndefined();
    await storeBlobs(store, other);
    expect((await resolveEntry(store, indexEntry(built)))?.id).toBe(other.config.descriptor.digest);
    await storeBlobs(store, host);
    expect((await resolveEntry(store, indexEntry(built)))?.id).toBe(host.config.descriptor.digest);
  });

  it('knows no image behind an index that is missing, damaged or no index', async () => {
    const store = await openTestStore();
    const built = buildIndex([host]);
    await storeBlobs(store, host);
    expect(await resolveEntry(store, indexEntry(built))).toBeUndefined();
    await store.writeBlob(built.index.bytes);
    await damageBlob(store, built.index.descriptor.digest);
    expect(await resolveEntry(store, indexEntry(built))).toBeUndefined();
    const notJson = await store.writeBlob(Buffer.from('{'));
    const broken = { manifest: { mediaType: OCI_INDEX, digest: notJson, size: 1 }, repoDigests: [] };
    expect(await resolveEntry(store, broken)).toBeUndefined();
  });

  it('knows no image behind an artifact', async () => {
    const store = await openTestStore();
    const artifact = buildImage({ layers: [], configExtra: { rootfs: null } });
    await storeBlobs(store, artifact);
    expect(
      await resolveEntry(store, { manifest: artifact.manifest.descriptor, repoDigests: [] }),
    ).toBeUndefined();
  });
});
