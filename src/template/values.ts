import type {
  BoolValue,
  IntValue,
  InterfaceValue,
  ListType,
  ListValue,
  MapType,
  MapValue,
  Maybe,
  ScalarType,
  StringValue,
  StructType,
  Type,
  Value,
} from './model.ts';
import { ANY, BOOL, INT, listOf, mapOf, STRING, STRINGS } from './types.ts';

/** Go's values: made, and asked. */

export function ofBool(value: boolean): BoolValue {
  return { kind: 'bool', type: BOOL, value };
}

export function ofInt(value: bigint | number, type: ScalarType = INT): IntValue {
  return { kind: type.kind === 'uint' ? 'uint' : 'int', type, value: BigInt(value) };
}

export function ofString(value: string, type: ScalarType = STRING): StringValue {
  return { kind: 'string', type, value };
}

export function ofStrings(texts: readonly string[]): ListValue {
  return { kind: 'list', type: STRINGS, items: texts.map((text) => ofString(text)) };
}

/** `map[string]string`, or another map of strings. */
export function ofStringMap(entries: Readonly<Record<string, string>>, type = mapOf(STRING)): MapValue {
  const values = Object.entries(entries).map(([key, text]): [string, Value] => [key, ofString(text)]);
  return { kind: 'map', type, entries: new Map(values) };
}

export function ofAny(inner: Exclude<Value, InterfaceValue> | undefined): InterfaceValue {
  return { kind: 'interface', type: ANY, inner };
}

export const ANY_LIST: ListType = listOf(ANY);
export const ANY_MAP: MapType = mapOf(ANY);

/** What Go has where nothing was set. */
export function zeroOf(type: Type): Value {
  switch (type.kind) {
    case 'bool':
      return { kind: 'bool', type, value: false };
    case 'int':
    case 'uint':
      return { kind: type.kind, type, value: 0n };
    case 'float':
      return { kind: 'float', type, value: 0 };
    case 'complex':
      return { kind: 'complex', type, value: [0, 0] };
    case 'string':
      return ofString('', type);
    case 'list':
      return { kind: 'list', type, items: undefined };
    case 'map':
      return { kind: 'map', type, entries: undefined };
    case 'struct':
      return type.fromJson?.(undefined) ?? { kind: 'struct', type, get: (field) => zeroField(type, field) };
    case 'pointer':
      return { kind: 'pointer', type, target: undefined };
    case 'interface':
    case 'reflect':
      return ofAny(undefined);
  }
}

function zeroField(type: StructType, name: string): Value {
  const field = type.fields.find((each) => each.name === name);
  return field === undefined ? ofAny(undefined) : zeroOf(field.type);
}

/** Whether it is nil of its type, or no value at all. */
export function isNil(value: Maybe): boolean {
  switch (value?.kind) {
    case undefined:
      return true;
    case 'list':
      return value.items === undefined;
    case 'map':
      return value.entries === undefined;
    case 'pointer':
      return value.target === undefined;
    case 'interface':
      return value.inner === undefined;
    default:
      return false;
  }
}

/** Behind pointers and interfaces, Go's indirect(). `isNil`: the way ends at a nil one, which is then the value. */
export function indirect(value: Maybe): { readonly value: Maybe; readonly isNil: boolean } {
  let current = value;
  for (;;) {
    if (current?.kind !== 'pointer' && current?.kind !== 'interface') return { value: current, isNil: false };
    const next: Maybe = current.kind === 'pointer' ? current.target : current.inner;
    if (next === undefined) return { value: current, isNil: true };
    current = next;
  }
}

/** What an interface holds; anything else is itself. */
export function concrete(value: Maybe): Exclude<Value, InterfaceValue> | undefined {
  return value?.kind === 'interface' ? value.inner : value;
}

/** Keys and values of a map, sorted as Go prints and ranges over them. */
export function sortedEntries(map: MapValue, compare: (a: string, b: string) => number): [string, Value][] {
  return [...(map.entries ?? [])].sort(([a], [b]) => compare(a, b));
}

/** Whether `if` takes it for true. */
export function isTrue(value: Maybe): boolean {
  switch (value?.kind) {
    case undefined:
      return false;
    case 'bool':
      return value.value;
    case 'int':
    case 'uint':
      return value.value !== 0n;
    case 'float':
      return value.value !== 0;
    case 'complex':
      return value.value.some((part) => part !== 0);
    case 'string':
      return value.value !== '';
    case 'list':
      return (value.items?.length ?? 0) > 0;
    case 'map':
      return (value.entries?.size ?? 0) > 0;
    case 'struct':
      return true;
    case 'pointer':
      return value.target !== undefined;
    case 'interface':
      return value.inner !== undefined;
  }
}
