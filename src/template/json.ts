import { MAX_TEMPLATE_DEPTH } from '../base/limits.ts';
import { compareBytes, isEscapedByte, replaceLone } from './bytes.ts';
import { CallError } from './errors.ts';
import type { InterfaceValue, Maybe, Method, ScalarType, Type, Value } from './model.ts';
import { ANY, BOOL, STRING } from './types.ts';
import { ANY_LIST, ANY_MAP, ofAny, ofInt, ofString, sortedEntries, zeroOf } from './values.ts';

/** Go's encoding/json, both ways. */

/** What Go escapes in a string besides quotes and backslashes. */
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escapeCharacter(character: string): string {
  if (isEscapedByte(character)) return '\\ufffd';
  const code = character.charCodeAt(0);
  return SHORT_ESCAPES.get(character) ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

/** @param html whether `<`, `>` and `&` are escaped too, as json.Marshal does */
export function jsonString(text: string, html: boolean): string {
  // Most texts have nothing to escape: JavaScript finds that out fast.
  const plain = JSON.stringify(text);
  if (plain.length === text.length + 2 && !/[\u2028\u2029<>&]/.test(text)) return plain;
  const escaped = Array.from(text, (character) => {
    const special = character < ' ' || '"\\\u2028\u2029'.includes(character) || isEscapedByte(character);
    return special || (html && '<>&'.includes(character)) ? escapeCharacter(character) : character;
  });
  return `"${escaped.join('')}"`;
}

/** json.Marshal without the escapes for HTML. @returns undefined for what JSON has no form for */
export function toJson(value: Maybe, depth = 0): string | undefined {
  if (depth > MAX_TEMPLATE_DEPTH) throw new CallError(`nested more than ${MAX_TEMPLATE_DEPTH} times`);
  if (value === undefined) return 'null';
  if (value.type.marshal !== undefined) return value.type.marshal(value);
  switch (value.kind) {
    case 'bool':
      return String(value.value);
    case 'int':
    case 'uint':
      return String(value.value);
    case 'float':
      return Number.isFinite(value.value) ? jsonFloat(value.value) : undefined;
    case 'complex':
      return undefined;
    case 'string':
      return jsonString(value.value, false);
    case 'list':
      return joined('[', ']', value.items, (item) => toJson(item, depth + 1));
    case 'map': {
      const entries = value.entries === undefined ? undefined : sortedEntries(value, compareBytes);
      return joined('{', '}', entries, ([key, item]) => member(key, toJson(item, depth + 1)));
    }
    case 'struct': {
      const fields = value.type.fields.filter(
        ({ name, omitEmpty }) => /^\p{Lu}/u.test(name) && !(omitEmpty === true && isEmpty(value.get(name))),
      );
      return joined('{', '}', fields, ({ name, json = name }) =>
        member(json, toJson(value.get(name), depth + 1)),
      );
    }
    case 'pointer':
      return toJson(value.target, depth + 1);
    case 'interface':
      return toJson(value.inner, depth + 1);
  }
}

/** JavaScript prints numbers as JSON in Go does, but for the sign of zero. */
function jsonFloat(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function member(key: string, json: string | undefined): string | undefined {
  return json === undefined ? undefined : `${jsonString(key, false)}:${json}`;
}

function joined<T>(
  open: string,
  close: string,
  items: readonly T[] | undefined,
  print: (item: T) => string | undefined,
): string | undefined {
  if (items === undefined) return 'null';
  const texts = items.map(print);
  return texts.includes(undefined) ? undefined : `${open}${texts.join(',')}${close}`;
}

/** What `omitempty` leaves out: structures never are empty. */
function isEmpty(value: Value): boolean {
  switch (value.kind) {
    case 'bool':
      return !value.value;
    case 'int':
    case 'uint':
      return value.value === 0n;
    case 'float':
      return value.value === 0;
    case 'string':
      return value.value === '';
    case 'list':
      return (value.items?.length ?? 0) === 0;
    case 'map':
      return (value.entries?.size ?? 0) === 0;
    case 'pointer':
      return value.target === undefined;
    case 'interface':
      return value.inner === undefined;
    case 'struct':
    case 'complex':
      return false;
  }
}

const asText: Method = {
  params: [],
  call: (self) => ofString(self.kind === 'string' ? self.value : ''),
};

/** json.Number: a number of which Go keeps the text. */
const NUMBER: ScalarType = {
  kind: 'string',
  name: 'json.Number',
  underlying: STRING.name,
  methods: new Map([['String', asText]]),
  marshal: (self) => (self.kind === 'string' && self.value !== '' ? self.value : '0'),
};

const isRecord = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** Parsed JSON as Go's decoder gives it where nothing tells the type, with UseNumber. Nil beyond a sane depth. */
export function anyFromJson(json: unknown, depth = 0): InterfaceValue {
  if (depth > MAX_TEMPLATE_DEPTH) return ofAny(undefined);
  if (typeof json === 'boolean') return ofAny({ kind: 'bool', type: BOOL, value: json });
  if (typeof json === 'number') return ofAny(ofString(String(json), NUMBER));
  if (typeof json === 'string') return ofAny(ofString(replaceLone(json)));
  if (Array.isArray(json))
    return ofAny({ kind: 'list', type: ANY_LIST, items: json.map((item) => anyFromJson(item, depth + 1)) });
  if (!isRecord(json)) return ofAny(undefined);
  const entries = Object.entries(json).filter(([, value]) => value !== undefined);
  const values = entries.map(([key, value]): [string, Value] => [
    replaceLone(key),
    anyFromJson(value, depth + 1),
  ]);
  return ofAny({ kind: 'map', type: ANY_MAP, entries: new Map(values) });
}

/** Parsed JSON as a value of a type; what does not fit the type is its zero. */
export function fromJson(type: Type, json: unknown): Value {
  if (type.fromJson !== undefined) return type.fromJson(json);
  switch (type.kind) {
    case 'bool':
      return typeof json === 'boolean' ? { kind: 'bool', type, value: json } : zeroOf(type);
    case 'int':
    case 'uint':
      return typeof json === 'number' && Number.isInteger(json) ? ofInt(json, type) : zeroOf(type);
    case 'float':
      return typeof json === 'number' ? { kind: 'float', type, value: json } : zeroOf(type);
    case 'string':
      return typeof json === 'string' ? ofString(replaceLone(json), type) : zeroOf(type);
    case 'list':
      return Array.isArray(json)
        ? { kind: 'list', type, items: json.map((item) => fromJson(type.element, item)) }
        : zeroOf(type);
    case 'map': {
      if (!isRecord(json)) return zeroOf(type);
      const values = Object.entries(json).map(([key, item]): [string, Value] => [
        replaceLone(key),
        fromJson(type.element, item),
      ]);
      return { kind: 'map', type, entries: new Map(values) };
    }
    case 'struct': {
      if (!isRecord(json)) return zeroOf(type);
      // A field asked for twice is the same value, to which the same pointer points.
      const made = new Map<string, Value>();
      const get = (name: string): Value => {
        const field = type.fields.find((each) => each.name === name);
        const value = made.get(name) ?? fromJson(field?.type ?? ANY, json[field?.json ?? name]);
        made.set(name, value);
        return value;
      };
      return { kind: 'struct', type, get };
    }
    case 'pointer':
      return json === null || json === undefined
        ? zeroOf(type)
        : { kind: 'pointer', type, target: fromJson(type.element, json) };
    case 'interface':
      return anyFromJson(json);
    case 'complex':
    case 'reflect':
      return zeroOf(type);
  }
}
