import type { Maybe, Value } from './values.ts';

/**
 * Go's types, as far as templates can tell them apart: by kind, name, and what they are assignable to.
 * Two types are the same when their names are.
 */
export type Type = ScalarType | ListType | MapType | StructType | PointerType | InterfaceType | ReflectType;

interface TypeBase {
  /** As `%T` prints it: `[]string`, `map[string]interface {}`, `container.Config`. */
  readonly name: string;
  /** Of a type that was declared with a name for another one, that one's name: `[]string` of `strslice.StrSlice`. */
  readonly underlying?: string;
  readonly methods?: ReadonlyMap<string, Method>;
  /** What encoding/json asks a value of such a type for, instead of printing it by its kind. */
  readonly marshal?: (self: Value) => string;
  /** How a value of such a type is read from JSON that was parsed already. */
  readonly fromJson?: (json: unknown) => Value;
}

export interface ScalarType extends TypeBase {
  readonly kind: 'bool' | 'int' | 'uint' | 'float' | 'complex' | 'string';
}
export interface ListType extends TypeBase {
  readonly kind: 'list';
  readonly element: Type;
}
/** Keys are of a kind of string. */
export interface MapType extends TypeBase {
  readonly kind: 'map';
  readonly key: ScalarType;
  readonly element: Type;
}
export interface StructType extends TypeBase {
  readonly kind: 'struct';
  readonly fields: readonly Field[];
}
export interface PointerType extends TypeBase {
  readonly kind: 'pointer';
  readonly element: Type;
}
export interface InterfaceType extends TypeBase {
  readonly kind: 'interface';
}
/** The parameter type of functions that look at any value as it stands. */
export interface ReflectType extends TypeBase {
  readonly kind: 'reflect';
}

export interface Field {
  /** One that begins with a small letter is not exported. */
  readonly name: string;
  readonly type: Type;
  /** Its key in JSON, where that is another. */
  readonly json?: string;
  readonly omitEmpty?: boolean;
}

/** What a template may call by name: a function, or the method of a value. */
export interface Callable {
  readonly params: readonly Type[];
  /** The last parameter takes any number. */
  readonly variadic?: boolean;
}

export interface Func extends Callable {
  /** @throws CallError for what Go returns as an error */
  readonly call: (args: readonly Maybe[]) => Maybe;
}

export interface Method extends Callable {
  readonly call: (self: Value, args: readonly Maybe[]) => Maybe;
}

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
