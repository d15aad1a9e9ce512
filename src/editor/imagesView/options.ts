/** How the Images view is arranged: the values of the settings `strata.images.*`, the default first. */

export const GROUPINGS = ['none', 'repository', 'registry', 'tag', 'age'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** `automatic`: whatever of the name the group above does not say already. */
export const LABELS = ['automatic', 'name', 'shortName', 'repository', 'tag', 'id'] as const;
export type LabelKind = (typeof LABELS)[number];

/** In the order in which a row shows them. */
export const DETAILS = [
  'tags',
  'size',
  'age',
  'compressedSize',
  'platform',
  'id',
  'repository',
  'registry',
] as const;
export type Detail = (typeof DETAILS)[number];
const DEFAULT_DETAILS: readonly Detail[] = ['tags', 'size', 'age'];

export const ORDERS = ['created', 'tagged', 'name', 'size'] as const;
export type Order = (typeof ORDERS)[number];

export interface ViewOptions {
  readonly groupBy: Grouping;
  readonly label: LabelKind;
  readonly description: readonly Detail[];
  readonly sortBy: Order;
}

/** The names of the settings below `strata.images`. */
export type OptionName = keyof ViewOptions;

/** Anyone can write anything into a settings file: what is no value of ours counts as the default. */
export function readOptions(read: (name: OptionName) => unknown): ViewOptions {
  const details = read('description');
  return {
    groupBy: oneOf(GROUPINGS, read('groupBy')),
    label: oneOf(LABELS, read('label')),
    description: Array.isArray(details)
      ? DETAILS.filter((detail) => details.includes(detail))
      : DEFAULT_DETAILS,
    sortBy: oneOf(ORDERS, read('sortBy')),
  };
}

function oneOf<T>(values: readonly [T, ...T[]], value: unknown): T {
  return values.find((known) => known === value) ?? values[0];
}
