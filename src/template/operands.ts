import { compareBytes } from './bytes.ts';
import { CallError } from './errors.ts';
import type { Maybe, Type, Value } from './model.ts';
import { nodeText } from './nodes.ts';
import type { Argument, NumberNode } from './nodes.ts';
import { sprint } from './printf.ts';
import { quote } from './quote.ts';
import { canBeNil, COMPLEX128, FLOAT64, isAssignable } from './types.ts';
import { concrete, indirect, ofBool, ofInt, ofString, sortedEntries, zeroOf } from './values.ts';

/**
 * What the evaluator works on, without its state (Go's text/template, exec.go): literals, arguments, fields, elements.
 * Each throws a CallError where something is wrong; the evaluator knows where.
 */

/** A literal where nothing says of which type. */
export function literalOf(node: Argument): Maybe {
  switch (node.kind) {
    case 'bool':
      return ofBool(node.value);
    case 'string':
      return ofString(node.value);
    case 'number':
      return constantOf(node);
    default:
      throw new CallError(`can't handle assignment of ${nodeText(node)} to empty interface argument`);
  }
}

/** A number where nothing says of which kind: its spelling does. */
function constantOf({ text, int, uint, float, complex }: NumberNode): Maybe {
  const isSpeltAsFloat =
    /[.eEpP]/.test(text) && !text.startsWith("'") && !(/^0[xX]./.test(text) && !/[pP]/.test(text));
  if (complex !== undefined) return { kind: 'complex', type: COMPLEX128, value: complex };
  if (float !== undefined && isSpeltAsFloat) return { kind: 'float', type: FLOAT64, value: float };
  if (int !== undefined) return ofInt(int);
  if (uint !== undefined) throw new CallError(`${text} overflows int`);
  return undefined;
}

/** A literal where a parameter says what it must be. */
export function literalFor(node: Argument, type: Type | undefined): Maybe {
  const text = nodeText(node);
  switch (type?.kind) {
    case 'reflect':
    case 'interface':
      return literalOf(node);
    case 'string':
      if (node.kind !== 'string') throw new CallError(`expected string; found ${text}`);
      return ofString(node.value, type);
    case 'int':
      if (node.kind !== 'number' || node.int === undefined)
        throw new CallError(`expected integer; found ${text}`);
      return ofInt(node.int, type);
    default:
      throw new CallError(`can't handle ${text} for arg of type ${type?.name ?? ''}`);
  }
}

/** The value as a parameter takes it, from behind one pointer if need be. */
export function fitTo(value: Maybe, type: Type | undefined): Maybe {
  if (type === undefined) return value;
  if (value === undefined) {
    if (!canBeNil(type)) throw new CallError(`invalid value; expected ${type.name}`);
    return nilOf(type);
  }
  if (type.kind === 'reflect' || isAssignable(value.type, type)) return value;
  const inner = concrete(value) ?? value;
  if (isAssignable(inner.type, type)) return inner;
  if (inner.kind !== 'pointer' || !isAssignable(inner.type.element, type))
    throw new CallError(`wrong type for value; expected ${type.name}; got ${inner.type.name}`);
  if (inner.target === undefined) throw new CallError(`dereference of nil pointer of type ${type.name}`);
  return inner.target;
}

/** The nil of a type that has one; for parameters that take anything that is no value. */
export function nilOf(type: Type): Maybe {
  return type.kind === 'reflect' || type.kind === 'interface' ? undefined : zeroOf(type);
}

/** What a range goes through: indexes or keys, and elements. */
export function elementsOf(value: Maybe): readonly (readonly [Value, Value])[] {
  switch (value?.kind) {
    case undefined:
      return [];
    case 'list':
      return (value.items ?? []).map((item, index): [Value, Value] => [ofInt(index), item]);
    case 'map':
      return sortedEntries(value, compareBytes).map(([key, item]): [Value, Value] => [
        ofString(key, value.type.key),
        item,
      ]);
    default:
      throw new CallError(`range can't iterate over ${sprint([value])}`);
  }
}

/** The field of a structure, or what a map has under a key. @param hasArgs whether arguments follow, which is wrong */
export function fieldOf(receiver: Value, name: string, hasArgs: boolean, missingKeyFails: boolean): Maybe {
  const { value, isNil } = indirect(receiver);
  const type = receiver.type.name;
  if (value?.kind === 'struct' && value.type.fields.some((field) => field.name === name)) {
    if (!/^\p{Lu}/u.test(name)) throw new CallError(`${name} is an unexported field of struct type ${type}`);
    if (hasArgs) throw new CallError(`${name} has arguments but cannot be invoked as function`);
    return value.get(name);
  }
  if (value?.kind === 'map' && value.type.key.name === 'string') {
    if (hasArgs) throw new CallError(`${name} is not a method but has arguments`);
    const found = value.entries?.get(name);
    if (found === undefined && missingKeyFails)
      throw new CallError(`map has no entry for key ${quote(name)}`);
    return found;
  }
  if (value?.kind === 'pointer' && isNil) {
    const { element } = value.type;
    const lacks = element.kind === 'struct' && !element.fields.some((field) => field.name === name);
    if (!lacks) throw new CallError(`nil pointer evaluating ${type}.${name}`);
  }
  throw new CallError(`can't evaluate field ${name} in type ${type}`);
}
