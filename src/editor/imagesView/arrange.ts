import { plausibleDate } from '../format.ts';
import type { ImageSummary } from '../../images/types.ts';
import { orderTags } from '../../images/tagOrder.ts';
import { rowName } from '../trees/imageNodes.ts';
import type { GroupNode, ImageNode } from '../trees/imageNodes.ts';
import { nameParts, rowNames } from './names.ts';
import type { Order, ViewOptions } from './options.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The groups by age, the youngest first; `days` is how old their images are at most. */
const AGES = [
  { key: 'day', days: 1 },
  { key: 'week', days: 7 },
  { key: 'month', days: 30 },
  { key: 'year', days: 365 },
  { key: 'older', days: Infinity },
] as const;
export type AgeKey = (typeof AGES)[number]['key'];

/** Numbers in names by their value, so that 9 comes before 10. Made once: it is costly. */
const collator = new Intl.Collator('en', { numeric: true });

interface Arrangement extends Pick<ViewOptions, 'groupBy' | 'sortBy'> {
  /** What a container uses stands above the rest. */
  readonly isUsed: (image: ImageSummary) => boolean;
  readonly now: Date;
}

/** The rows of the Images view. @param rows newest first, each with the names that it shows */
export function arrange(
  rows: readonly ImageNode[],
  { groupBy, sortBy, isUsed, now }: Arrangement,
): readonly (GroupNode | ImageNode)[] {
  const sorted = pinned(sort(rows, sortBy), isUsed);
  if (groupBy === 'none') return sorted;
  const groups = new Map<string, { node: GroupNode; rows: ImageNode[] }>();
  for (const row of sorted) {
    for (const [key, names] of keysOf(row, groupBy, now)) {
      const known = groups.get(key) ?? emptyGroup(groupBy, key);
      groups.set(key, known);
      known.rows.push({ ...row, names, group: known.node });
    }
  }
  // Sorted by name, a row stands where the name that it shows here belongs.
  if (sortBy === 'name' && groupBy !== 'age') {
    for (const { rows: members } of groups.values()) {
      members.splice(0, members.length, ...pinned(sort(members, 'name'), isUsed));
    }
  }
  return orderKeys([...groups.keys()], groupBy).flatMap((key) => groups.get(key)?.node ?? []);
}

function emptyGroup(by: GroupNode['by'], key: string): { node: GroupNode; rows: ImageNode[] } {
  const rows: ImageNode[] = [];
  return { node: { kind: 'group', by, key, rows }, rows };
}

function sort(rows: readonly ImageNode[], order: Order): readonly ImageNode[] {
  switch (order) {
    case 'created':
      return rows;
    case 'size':
      return rows.toSorted((a, b) => b.image.size - a.image.size);
    case 'tagged':
      return rows
        .map((row) => ({ row, time: Date.parse(row.image.taggedAt ?? '') || 0 }))
        .sort((a, b) => b.time - a.time)
        .map(({ row }) => row);
    case 'name':
      return rows
        .map((row) => ({ row, name: rowName(row), untagged: row.image.tags.length === 0 }))
        .sort((a, b) => Number(a.untagged) - Number(b.untagged) || collator.compare(a.name, b.name))
        .map(({ row }) => row);
  }
}

function pinned(rows: readonly ImageNode[], isUsed: (image: ImageSummary) => boolean): readonly ImageNode[] {
  const used = rows.filter(({ image }) => isUsed(image));
  if (used.length === 0) return rows;
  const top = new Set(used);
  return [...used, ...rows.filter((row) => !top.has(row))];
}

/** The groups that a row belongs to, and of its names those that put it there. */
function keysOf(
  row: ImageNode,
  by: GroupNode['by'],
  now: Date,
): Iterable<readonly [key: string, names: readonly string[]]> {
  const tags = row.names ?? row.image.tags;
  if (by === 'age') return [[ageKey(row.image.created, now), tags]];
  const names = rowNames(row);
  if (names.length === 0) return [['', tags]];
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = nameParts(name)[by] ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [name]);
    else group.push(name);
  }
  return tags.length > 0 ? groups : Array.from(groups.keys(), (key) => [key, tags] as const);
}

/** '' where the image has no time that can be meant. */
function ageKey(created: string | undefined, now: Date): AgeKey | '' {
  const date = plausibleDate(created);
  if (date === undefined) return '';
  const days = (now.getTime() - date.getTime()) / DAY_MS;
  return AGES.find((age) => days <= age.days)?.key ?? 'older';
}

/** What has no key comes last. */
function orderKeys(keys: readonly string[], by: GroupNode['by']): readonly string[] {
  const named = keys.filter((key) => key !== '');
  const unnamed = keys.filter((key) => key === '');
  switch (by) {
    case 'repository':
    case 'registry':
      return [...named.sort((a, b) => collator.compare(a, b)), ...unnamed];
    case 'tag':
      return [...orderTags(named), ...unnamed];
    case 'age':
      return [...AGES.map(({ key }) => key).filter((key) => named.includes(key)), ...unnamed];
  }
}
