import { byteLength, sliceBytes, toBytes } from './bytes.ts';
import { CallError } from './errors.ts';
import type { MapType, MapValue, Maybe, Value } from './model.ts';
import { isAssignable, UINT8 } from './types.ts';
import { concrete, indirect, ofInt, ofString, zeroOf } from './values.ts';

/** index, slice and len (Go's text/template, funcs.go). */

export function indexOf(item: Maybe, indexes: readonly Maybe[]): Maybe {
  let current: Maybe = concrete(item);
  if (current === undefined) throw new CallError('index of untyped nil');
  for (const index of indexes) current = element(current, concrete(index));
  return current;
}

function element(item: Maybe, index: Maybe): Value {
  const { value, isNil } = indirect(item);
  if (isNil) throw new CallError('index of nil pointer');
  switch (value?.kind) {
    case 'list': {
      const items = value.items ?? [];
      return items[indexWithin(index, items.length)] ?? panic('slice');
    }
    case 'string': {
      const bytes = toBytes(value.value);
      const byte = bytes[indexWithin(index, bytes.length)];
      return byte === undefined ? panic('string') : ofInt(byte, UINT8);
    }
    case 'map':
      return entry(value, value.type, index);
    default:
      throw new CallError(`can't index item of type ${value?.type.name ?? ''}`);
  }
}

/** Of an index at the very end Go says so only when it takes the element. */
function panic(kind: string): never {
  throw new CallError(`reflect: ${kind} index out of range`);
}

function entry({ entries }: MapValue, { key, element: type }: MapType, index: Maybe): Value {
  if (index === undefined) throw new CallError(`value is nil; should be of type ${key.name}`);
  if (index.kind !== 'string' || !isAssignable(index.type, key))
    throw new CallError(`value has type ${index.type.name}; should be ${key.name}`);
  return entries?.get(index.value) ?? zeroOf(type);
}

function indexWithin(index: Maybe, length: number): number {
  if (index === undefined) throw new CallError('cannot index slice/array with nil');
  if (index.kind !== 'int' && index.kind !== 'uint')
    throw new CallError(`cannot index slice/array with type ${index.type.name}`);
  if (index.value < 0n || index.value > length) throw new CallError(`index out of range: ${index.value}`);
  return Number(index.value);
}

export function sliceOf(item: Maybe, indexes: readonly Maybe[]): Value {
  const value = concrete(item);
  if (value === undefined) throw new CallError('slice of untyped nil');
  if (indexes.length > 3) throw new CallError(`too many slice indexes: ${indexes.length}`);
  if (value.kind !== 'string' && value.kind !== 'list')
    throw new CallError(`can't slice item of type ${value.type.name}`);
  if (value.kind === 'string' && indexes.length === 3) throw new CallError('cannot 3-index slice a string');
  const length = value.kind === 'string' ? byteLength(value.value) : (value.items?.length ?? 0);
  const given = indexes.map((index) => indexWithin(index, length));
  const [start = 0, end = length, limit = length] = given;
  if (start > end) throw new CallError(`invalid slice index: ${start} > ${end}`);
  if (end > limit) throw new CallError(`invalid slice index: ${end} > ${limit}`);
  return value.kind === 'string'
    ? ofString(sliceBytes(value.value, start, end), value.type)
    : { ...value, items: value.items?.slice(start, end) };
}

export function lengthOf(item: Maybe): Value {
  const { value, isNil } = indirect(item);
  if (isNil) throw new CallError('len of nil pointer');
  // Go's reflect has no type for no value, and panics.
  if (value === undefined) throw new CallError('reflect: call of reflect.Value.Type on zero Value');
  switch (value.kind) {
    case 'string':
      return ofInt(byteLength(value.value));
    case 'list':
      return ofInt(value.items?.length ?? 0);
    case 'map':
      return ofInt(value.entries?.size ?? 0);
    default:
      throw new CallError(`len of type ${value.type.name}`);
  }
}
