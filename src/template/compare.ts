import { compareBytes } from './bytes.ts';
import { CallError } from './errors.ts';
import type { Maybe, Value } from './model.ts';
import { sprintf } from './printf.ts';
import { isComparable } from './types.ts';
import { concrete, isNil } from './values.ts';

/** eq, ne, lt, le, gt, ge (Go's text/template, funcs.go). */

const BAD_TYPE = 'invalid type for comparison';
const INCOMPATIBLE = 'incompatible types for comparison';

const isBasic = (value: Maybe): boolean =>
  value !== undefined && ['bool', 'int', 'uint', 'float', 'complex', 'string'].includes(value.kind);
const basicKind = (value: Maybe): string | undefined => (isBasic(value) ? value?.kind : undefined);
const isInteger = (value: Maybe): boolean => value?.kind === 'int' || value?.kind === 'uint';

/** Whether the first equals any of the others. */
export function equals(first: Maybe, others: readonly Maybe[]): boolean {
  if (others.length === 0) throw new CallError('missing argument for comparison');
  const one = concrete(first);
  return others.some((other) => isEqual(one, concrete(other)));
}

function isEqual(a: Maybe, b: Maybe): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) {
    if (isInteger(a) && isInteger(b)) return compare(a, b) === 0;
    if (a !== undefined && b !== undefined) throw new CallError(INCOMPATIBLE);
    return false;
  }
  if (kind !== undefined) return isSame(a, b);
  if (a !== undefined && b !== undefined && a.kind !== b.kind)
    throw new CallError(
      `non-comparable types ${shown('%s', a)}: ${a.type.name}, ${b.type.name}: ${shown('%v', b)}`,
    );
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  if (b !== undefined && !isComparable(b.type))
    throw new CallError(`non-comparable type ${shown('%s', b)}: ${b.type.name}`);
  return isSame(a, b);
}

const shown = (format: string, value: Value): string => sprintf(format, [value]);

/** Go's == of two values of one kind. */
function isSame(a: Maybe, b: Maybe): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind === 'struct' && b.kind === 'struct')
    return a.type.name === b.type.name && a.type.fields.every(({ name }) => isSame(a.get(name), b.get(name)));
  if (a.kind === 'complex' && b.kind === 'complex') return a.value.every((part, i) => part === b.value[i]);
  if (a.kind === 'pointer' && b.kind === 'pointer') return a.target === b.target;
  if (a.kind === 'interface' && b.kind === 'interface') return isSame(a.inner, b.inner);
  return 'value' in a && 'value' in b && a.value === b.value;
}

/** Whether the first is less. */
export function isLess(first: Maybe, second: Maybe): boolean {
  const [a, b] = [concrete(first), concrete(second)];
  if (!isBasic(a) || !isBasic(b)) throw new CallError(BAD_TYPE);
  if (a?.kind !== b?.kind && !(isInteger(a) && isInteger(b))) throw new CallError(INCOMPATIBLE);
  return compare(a, b) < 0;
}

/** @returns negative, 0 or positive, NaN where nothing of it holds */
function compare(a: Maybe, b: Maybe): number {
  if (a?.kind === 'string' && b?.kind === 'string') return compareBytes(a.value, b.value);
  if (a?.kind === 'float' && b?.kind === 'float') return a.value === b.value ? 0 : a.value - b.value;
  if ((a?.kind === 'int' || a?.kind === 'uint') && (b?.kind === 'int' || b?.kind === 'uint'))
    return a.value < b.value ? -1 : Number(a.value > b.value);
  throw new CallError(BAD_TYPE);
}
