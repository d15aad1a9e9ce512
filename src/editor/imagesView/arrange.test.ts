import { describe, expect, it } from 'vitest';
import type { ImageSummary } from '../../images/types.ts';
import { nodeId } from '../trees/imageNodes.ts';
import type { GroupNode, ImageNode } from '../trees/imageNodes.ts';
import { arrange } from './arrange.ts';
import { rowLabel } from './names.ts';
import type { Grouping, LabelKind, Order } from './options.ts';
import { testImage } from './testImages.ts';

const NOW = new Date('2026-06-15T12:00:00Z');

const web = testImage('web', {
  tags: ['docker.io/library/web:1.9', 'docker.io/library/web:1.10', 'ghcr.io/owner/web:1.10'],
  created: '2026-06-15T06:00:00Z',
  taggedAt: '2026-01-01T00:00:00Z',
  layers: ['a5'],
});
const base = testImage('base', {
  tags: ['docker.io/owner/base:latest'],
  created: '2026-05-20T00:00:00Z',
  taggedAt: '2026-06-01T00:00:00Z',
  layers: ['b50'],
});
const dangling = testImage('dangling', {
  repoDigests: [`docker.io/library/web@${testImage('x').id}`],
  created: '0001-01-01T00:00:00Z',
});
const nameless = testImage('nameless', { created: '2020-01-01T00:00:00Z', layers: ['c500'] });
const ALL = [web, base, dangling, nameless];

function arranged(
  groupBy: Grouping,
  sortBy: Order = 'created',
  used: readonly ImageSummary[] = [],
): readonly (GroupNode | ImageNode)[] {
  const rows = ALL.map((image): ImageNode => ({ kind: 'image', image, names: image.tags }));
  return arrange(rows, { groupBy, sortBy, isUsed: (image) => used.includes(image), now: NOW });
}

/** `{ group: [label, …] }`, in the order of the rows. */
function outline(
  rows: readonly (GroupNode | ImageNode)[],
  label: LabelKind = 'automatic',
): readonly (readonly [string, readonly string[]])[] {
  return rows.map((row) =>
    row.kind === 'group'
      ? [row.key, row.rows.map((member) => rowLabel(member, label))]
      : [rowLabel(row, label), []],
  );
}

describe('grouping', () => {
  it('by repository shows an image below each, under the tags that it has there', () => {
    expect(outline(arranged('repository'))).toEqual([
      ['ghcr.io/owner/web', ['1.10']],
      ['owner/base', ['latest']],
      ['web', ['1.9', '<none>']],
      ['', ['<none>']],
    ]);
    const [first] = arranged('repository');
    expect(first?.kind === 'group' && first.rows[0]?.names).toEqual(['ghcr.io/owner/web:1.10']);
  });

  it('by registry leaves the registry out of the names', () => {
    expect(outline(arranged('registry'))).toEqual([
      ['docker.io', ['web:1.9', 'owner/base:latest', 'web:<none>']],
      ['ghcr.io', ['owner/web:1.10']],
      ['', ['<none>']],
    ]);
  });

  it('by tag puts versions in their order and what has none last', () => {
    expect(outline(arranged('tag'))).toEqual([
      ['latest', ['owner/base']],
      ['1.10', ['web']],
      ['1.9', ['web']],
      ['', ['web', '<none>']],
    ]);
  });

  it('by age, where a time before 1971 is none', () => {
    expect(outline(arranged('age'))).toEqual([
      ['day', ['web:1.9']],
      ['month', ['owner/base:latest']],
      ['older', ['<none>']],
      ['', ['web:<none>']],
    ]);
  });

  it('gives every row an id of its own, the same each time', () => {
    for (const groupBy of ['none', 'repository', 'registry', 'tag', 'age'] as const) {
      const ids = (): readonly string[] =>
        arranged(groupBy).flatMap((row) => [
          nodeId(row),
          ...(row.kind === 'group' ? row.rows : []).map(nodeId),
        ]);
      expect(new Set(ids()).size).toBe(ids().length);
      expect(ids()).toEqual(ids());
    }
  });
});

describe('sorting', () => {
  const order = (sortBy: Order, used: readonly ImageSummary[] = []): readonly string[] =>
    outline(arranged('none', sortBy, used)).map(([name]) => name);

  it.each([
    ['created', ['web:1.9', 'owner/base:latest', 'web:<none>', '<none>']],
    ['tagged', ['owner/base:latest', 'web:1.9', 'web:<none>', '<none>']],
    ['size', ['<none>', 'owner/base:latest', 'web:1.9', 'web:<none>']],
    ['name', ['owner/base:latest', 'web:1.9', '<none>', 'web:<none>']],
  ] as const)('by %s', (sortBy, expected) => {
    expect(order(sortBy)).toEqual(expected);
  });

  it('pins what a container uses above the rest, in groups too', () => {
    expect(order('created', [nameless, base])).toEqual([
      'owner/base:latest',
      '<none>',
      'web:1.9',
      'web:<none>',
    ]);
    expect(outline(arranged('registry', 'name', [base]))[0]?.[1]).toEqual([
      'owner/base:latest',
      'web:1.9',
      'web:<none>',
    ]);
  });
});

describe('labels', () => {
  it.each([
    ['name', ['web:1.9', 'owner/base:latest', 'web:<none>', '<none>']],
    ['shortName', ['web:1.9', 'base:latest', 'web:<none>', '<none>']],
    ['repository', ['web', 'owner/base', 'web', '<none>']],
    ['tag', ['1.9', 'latest', '<none>', '<none>']],
    ['id', ALL.map(({ id }) => id.slice(7, 19))],
  ] as const)('by %s', (label, expected) => {
    expect(outline(arranged('none'), label).map(([name]) => name)).toEqual(expected);
  });
});
