import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DETAILS, GROUPINGS, LABELS, ORDERS, readOptions } from './options.ts';

interface Setting {
  readonly default: unknown;
  readonly enum?: readonly string[];
  readonly enumItemLabels?: readonly string[];
  readonly items?: { readonly enum: readonly string[]; readonly enumItemLabels: readonly string[] };
}

async function settings(): Promise<Readonly<Record<string, Setting>>> {
  const text = await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8');
  return (JSON.parse(text) as { contributes: { configuration: { properties: Record<string, Setting> } } })
    .contributes.configuration.properties;
}

it('package.json offers exactly these values, each with its words', async () => {
  const { groupBy, label, description, sortBy } = Object.fromEntries(
    Object.entries(await settings()).map(([name, setting]) => [name.slice('strata.images.'.length), setting]),
  );
  expect([groupBy?.enum, label?.enum, sortBy?.enum]).toEqual([GROUPINGS, LABELS, ORDERS]);
  expect(description?.items?.enum).toEqual(DETAILS);
  for (const setting of [groupBy, label, sortBy, description?.items])
    expect(setting?.enumItemLabels).toHaveLength(setting?.enum?.length ?? -1);
});

it('the defaults are those of package.json', async () => {
  const known = await settings();
  const defaults = readOptions((name) => known[`strata.images.${name}`]?.default);
  expect(readOptions(() => undefined)).toEqual(defaults);
});

it('takes of a settings file only what it knows', () => {
  const odd = readOptions(
    (name) => ({ groupBy: 1, label: 'x', description: ['age', 7, 'tags'], sortBy: null })[name],
  );
  expect(odd).toEqual({
    groupBy: 'none',
    label: 'automatic',
    description: ['tags', 'age'],
    sortBy: 'created',
  });
});
