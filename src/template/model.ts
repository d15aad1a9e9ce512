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

/** What templates work on: values that know their Go type. Strings as bytes.ts has them. */
export type Value =
  | BoolValue
  | IntValue
  | FloatValue
  | ComplexValue
  | StringValue
  | ListValue
  | MapValue
  | StructValue
  | PointerValue
  | InterfaceValue;

/** Undefined is no value at all, which Go prints as `<no value>`: not the same as nil. */
export type Maybe = Value | undefined;

export interface BoolValue {
  readonly kind: 'bool';
  readonly type: ScalarType;
  readonly value: boolean;
}
export interface IntValue {
  readonly kind: 'int' | 'uint';
  readonly type: ScalarType;
  readonly value: bigint;
}
interface FloatValue {
  readonly kind: 'float';
  readonly type: ScalarType;
  readonly value: number;
}
interface ComplexValue {
  readonly kind: 'complex';
  readonly type: ScalarType;
  readonly value: readonly [number, number];
}
export interface StringValue {
  readonly kind: 'string';
  readonly type: ScalarType;
  readonly value: string;
}
/** `items` of a nil list are undefined. */
export interface ListValue {
  readonly kind: 'list';
  readonly type: ListType;
  readonly items: readonly Value[] | undefined;
}
/** `entries` of a nil map are undefined. */
export interface MapValue {
  readonly kind: 'map';
  readonly type: MapType;
  readonly entries: ReadonlyMap<string, Value> | undefined;
}
export interface StructValue {
  readonly kind: 'struct';
  readonly type: StructType;
  /** The value of one of its type's fields; asked for when a template needs it. */
  readonly get: (field: string) => Value;
}
interface PointerValue {
  readonly kind: 'pointer';
  readonly type: PointerType;
  readonly target: Value | undefined;
}
/** Where the type leaves open what is inside: an element of `map[string]interface {}`. */
export interface InterfaceValue {
  readonly kind: 'interface';
  readonly type: InterfaceType;
  readonly inner: Exclude<Value, InterfaceValue> | undefined;
}
