import { describe, expect, it } from 'vitest';
import { sha256 } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { OCI_LAYER, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { listImages } from './list.ts';
import { planPruning } from './prune.ts';
import type { ContainerUse, ImageSummary, ListOptions, PruneOptions } from './types.ts';

const A = 'docker.io/library/a';
const NOW = Date.parse('2024-06-01T00:00:00Z');

interface Wanted {
  readonly names?: readonly string[];
  readonly parent?: Digest;
  readonly labels?: Readonly<Record<string, string>>;
  readonly created?: string;
  /** Sizes of the layers: equal sizes are one layer. */
  readonly layers?: readonly number[];
}

function image(
  seed: string,
  { names = [], parent, labels = {}, created, layers = [] }: Wanted = {},
): ImageSummary {
  return {
    id: sha256(seed),
    manifest: { mediaType: OCI_MANIFEST, digest: sha256(`manifest ${seed}`), size: 1 },
    manifestDigest: sha256(`manifest ${seed}`),
    tags: names.filter((name) => !name.includes('@')),
    repoDigests: names.filter((name) => name.includes('@')),
    platform: { os: 'linux', architecture: 'amd64' },
    size: 0,
    compressedSize: 0,
    labels,
    layers: layers.map((size) => {
      const diffId = sha256(`layer ${size}`);
      return { digest: diffId, diffId, mediaType: OCI_LAYER, compressedSize: size / 10, size };
    }),
    ...(parent === undefined ? {} : { parent }),
    ...(created === undefined ? {} : { created }),
  };
}

const digest = `${A}@${sha256('d')}`;
const base = image('base', { names: [`${A}:base`], created: '2024-01-01T00:00:00Z', layers: [10] });
const middle = image('middle', { parent: base.id, created: '2024-01-02T00:00:00Z', layers: [10, 20] });
const child = image('child', {
  parent: middle.id,
  names: [`${A}:child`],
  labels: { k: 'v' },
  layers: [10, 20],
});
const lost = image('lost', { labels: { k: 'w', l: '' }, created: '2024-05-01T00:00:00Z', layers: [30] });
const byDigest = image('digest', { names: [digest], created: '2024-05-01T00:00:00.000000001Z' });
const ALL = [base, middle, child, lost, byDigest];

describe('listImages', () => {
  it.each<[string, ListOptions, ImageSummary[]]>([
    ['hides untagged parents', {}, [base, child, lost, byDigest]],
    ['shows all', { all: true }, ALL],
    ['dangling=true: no tag and no child', { all: true, filters: { dangling: ['true'] } }, [lost, byDigest]],
    ['dangling=false: with a name', { all: true, filters: { dangling: ['false'] } }, [base, child, byDigest]],
    ['label', { filters: { label: ['k'] } }, [child, lost]],
    ['labels: all of them', { filters: { label: ['k=w', 'l='] } }, [lost]],
    ['label of the prototype', { filters: { label: ['constructor'] } }, []],
    ['before, strictly', { filters: { before: [lost.id] } }, [base, child]],
    ['since, strictly, to the nanosecond', { filters: { since: [lost.id] } }, [byDigest]],
    ['no creation time is the oldest', { filters: { before: ['a:base'] } }, [child]],
  ])('%s', (_, options, expected) => {
    expect(listImages(ALL, options)).toEqual(expected);
  });

  it('leaves the names that a reference matches', () => {
    const two = image('two', { names: [`${A}:1`, 'ghcr.io/x/y:1', digest] });
    const names = (...reference: string[]): unknown =>
      listImages([two, lost], { all: true, filters: { reference } }).map(({ tags, repoDigests }) => [
        ...tags,
        ...repoDigests,
      ]);
    expect(names('a')).toEqual([[`${A}:1`, digest]]);
    expect(names('a:*')).toEqual([[`${A}:1`]]);
    expect(names('a:2', 'ghcr.io/*/*')).toEqual([['ghcr.io/x/y:1']]);
    expect(names('docker.io/library/a')).toEqual([]);
    expect(() => names('[')).toThrow('syntax error in pattern');
  });

  it.each([
    [{ size: ['1'] }, "Invalid filter 'size'"],
    [{ dangling: ['yes', 'no'] }, "Invalid filter 'dangling=[yes no]'"],
    [{ before: ['nosuch'] }, 'No such image: nosuch:latest'],
  ])('refuses %j', (filters, message) => {
    expect(() => listImages(ALL, { filters })).toThrow(message);
  });
});

describe('planPruning', () => {
  const prune = (
    options: PruneOptions,
    users: Readonly<Record<string, readonly ContainerUse[]>> = {},
  ): { gone: unknown; reclaimed: number; bytes: number } => {
    const { plan } = planPruning(ALL, options, (id) => users[id] ?? [], NOW);
    return {
      gone: new Set(plan.images),
      reclaimed: plan.reclaimedSize,
      bytes: plan.reclaimedBytes,
    };
  };

  it('takes what has no tag and no child, and counts the layers that go', () => {
    expect(prune({})).toEqual({ gone: new Set([lost, byDigest]), reclaimed: 30, bytes: 3 + 2 });
  });

  it('with all takes every image, parents after their children', () => {
    expect(prune({ all: true })).toEqual({ gone: new Set(ALL), reclaimed: 60, bytes: 6 + 5 });
    expect(prune({ filters: { dangling: ['0'] } }).gone).toEqual(new Set(ALL));
  });

  it('keeps what a container uses, and its parents', () => {
    const users = { [child.id]: [{ id: 'c'.repeat(64), running: false }] };
    expect(prune({ all: true }, users).gone).toEqual(new Set([lost, byDigest]));
    const { plan } = planPruning([child], { all: true }, () => users[child.id] ?? [], NOW);
    expect(plan).toEqual({ images: [], records: [], reclaimedSize: 0, reclaimedBytes: 0 });
  });

  it.each<[PruneOptions, ImageSummary[]]>([
    [{ filters: { until: ['2024-05-01Z'] } }, [lost]],
    [{ filters: { until: ['24h'] } }, [lost, byDigest]],
    [{ filters: { until: ['2024-04-01Z'] } }, []],
    [{ filters: { label: ['k'] } }, [lost]],
    [{ filters: { 'label!': ['k'] } }, [byDigest]],
    [{ filters: { 'label!': ['k', 'nosuch'] } }, [lost, byDigest]],
    [{ all: true, filters: { label: ['k=v'] } }, [child, middle]],
  ])('%j', (options, expected) => {
    expect(prune(options).gone).toEqual(new Set(expected));
  });

  it.each([
    [{ until: ['1h', '2h'] }, 'more than one until filter specified'],
    [{ reference: ['a'] }, "Invalid filter 'reference'"],
    [{ until: ['x'] }, 'failed to parse value as time or duration: "x"'],
  ])('refuses %j', (filters, message) => {
    expect(() => prune({ filters })).toThrow(message);
  });
});
