import type {
  InterfaceType,
  ListType,
  MapType,
  PointerType,
  ReflectType,
  ScalarType,
  StructType,
  Type,
} from './model.ts';

/** Go's types: those that all have, and what Go's rules say of any. */

export const BOOL: ScalarType = { kind: 'bool', name: 'bool' };
export const INT: ScalarType = { kind: 'int', name: 'int' };
export const INT64: ScalarType = { kind: 'int', name: 'int64' };
export const UINT8: ScalarType = { kind: 'uint', name: 'uint8' };
export const FLOAT64: ScalarType = { kind: 'float', name: 'float64' };
export const COMPLEX128: ScalarType = { kind: 'complex', name: 'complex128' };
export const STRING: ScalarType = { kind: 'string', name: 'string' };
export const ANY: InterfaceType = { kind: 'interface', name: 'interface {}' };
export const REFLECT: ReflectType = { kind: 'reflect', name: 'reflect.Value' };
export const STRINGS: ListType = listOf(STRING);
export const EMPTY_STRUCT: StructType = { kind: 'struct', name: 'struct {}', fields: [] };

export function listOf(element: Type): ListType {
  return { kind: 'list', name: `[]${element.name}`, element };
}

/** @param key `string` unless given */
export function mapOf(element: Type, key: ScalarType = STRING): MapType {
  return { kind: 'map', name: `map[${key.name}]${element.name}`, key, element };
}

export function pointerTo(element: Type): PointerType {
  return { kind: 'pointer', name: `*${element.name}`, element };
}

/** Go's rule of assignability. */
export function isAssignable(from: Type, to: Type): boolean {
  if (to.kind === 'interface' || from.name === to.name) return true;
  const alike = (from.underlying ?? from.name) === (to.underlying ?? to.name);
  return alike && (isUnnamed(from) || isUnnamed(to));
}

function isUnnamed({ kind, underlying }: Type): boolean {
  return underlying === undefined && (kind === 'list' || kind === 'map' || kind === 'pointer');
}

/** Whether `nil` is a value of it. */
export function canBeNil({ kind }: Type): boolean {
  return ['interface', 'map', 'pointer', 'list', 'reflect'].includes(kind);
}

/** Whether Go's `==` takes it. */
export function isComparable(type: Type): boolean {
  if (type.kind === 'struct') return type.fields.every((field) => isComparable(field.type));
  return type.kind !== 'list' && type.kind !== 'map';
}
