import { expect, it } from 'vitest';
import type { ListedImage } from '../../images/index.ts';
import { sha256 } from '../../oci/digest.ts';
import { digestCells, imageRows } from './imageRows.ts';
import { plainImageIds, plainImageTable } from './imageTable.ts';
import { formatTable } from './table.ts';

const NOW = Date.parse('2024-06-01T00:00:00Z');
const image = (seed: string, names: readonly string[], created?: string): ListedImage => ({
  id: sha256(seed),
  size: seed.length * 123_456,
  labels: {},
  tags: names.filter((name) => !name.includes('@')),
  repoDigests: names.filter((name) => name.includes('@')),
  ...(created === undefined ? {} : { created }),
});

const A = 'docker.io/library/a';
const digest = sha256('d');
const sets: readonly (readonly ListedImage[])[] = [
  [],
  [image('none', [])],
  [
    image('many', [`${A}:1`, `${A}:a-long-tag`, 'ghcr.io/x/y:1', `${A}@${digest}`], '2024-01-01T00:00:00Z'),
    image('digests', [`${A}@${digest}`, `ghcr.io/x/y@${digest}`], '2023-01-01T00:00:00Z'),
    image('both', [`${A}:2`, `docker.io/x/a@${digest}`]),
    image('prefix', [`${A}:3`, `${A}a:3`, `localhost:5000/a:3`, `${A}a@${digest}`]),
  ],
];

it.each(sets.map((images) => [images]))(
  'prints what the general table would print of the same rows',
  (images) => {
    for (const whole of [false, true]) {
      const rows = imageRows(images, { digests: false, digestRows: false });
      const cells = digestCells(rows, whole, NOW).map((row) => row.filter((_, i) => i !== 2));
      const expected = formatTable([['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], ...cells]);
      expect(plainImageTable(images, whole, NOW)).toBe(expected);
      expect(plainImageIds(images, whole).split('\n')).toHaveLength(rows.length + 1);
    }
  },
);
