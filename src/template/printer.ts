import { MAX_TEMPLATE_DEPTH, MAX_TEMPLATE_OUTPUT_CHARS } from '../base/limits.ts';
import { compareBytes, toBytes } from './bytes.ts';
import { CallError } from './errors.ts';
import { formatFloat } from './floats.ts';
import type { FloatVerb } from './floats.ts';
import type { ListValue, MapValue, Maybe, StructValue, Value } from './model.ts';
import { canBackquote, isPrintable, quote, quoteRune } from './quote.ts';
import { concrete, isNil, sortedEntries } from './values.ts';

/** How one value is printed: what stands between `%` and the verb. Lengths in code points. */
export interface Flags {
  plus?: boolean;
  minus?: boolean;
  sharp?: boolean;
  space?: boolean;
  zero?: boolean;
  /** `%+v` and `%#v`. */
  plusV?: boolean;
  sharpV?: boolean;
  width?: number;
  precision?: number;
}

/** Text that grows to a limit. @throws CallError beyond it */
export class Text {
  #parts: string[] = [];
  #length = 0;

  write(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_TEMPLATE_OUTPUT_CHARS)
      throw new CallError(`more than ${MAX_TEMPLATE_OUTPUT_CHARS} characters`);
    this.#parts.push(text);
  }

  toString(): string {
    const text = this.#parts.join('');
    this.#parts = [text];
    return text;
  }
}

const LARGEST_CODE_POINT = 0x10ffffn;
const REPLACEMENT = '\ufffd';
const BASES: ReadonlyMap<string, number> = new Map([
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['d', 10],
  ['v', 10],
  ['x', 16],
  ['X', 16],
]);
const BASE_MARKS: ReadonlyMap<string, string> = new Map([
  ['b', '0b'],
  ['x', '0x'],
  ['v', '0x'],
  ['X', '0X'],
]);
/** Verbs for which a value's own String method is asked. */
const TEXT_VERBS = new Set(['v', 's', 'x', 'X', 'q']);
/** Go prints the address of what a pointer inside a value points to: here always the same. */
const ADDRESS = 0xc000012000n;

const length = (text: string): number => Array.from(text).length;

/** One value at a time, as Go's fmt prints it (print.go, format.go). */
export class Printer {
  readonly #out: Text;
  #flags: Flags = {};
  /** Inside `%!verb(type=value)`, where String methods are not asked. */
  #isError = false;

  constructor(out: Text) {
    this.#out = out;
  }

  print(argument: Maybe, verb: string, flags: Flags): void {
    this.#flags = flags;
    this.#argument(concrete(argument), verb);
  }

  #argument(value: Maybe, verb: string): void {
    if (value === undefined) {
      if (verb === 'T' || verb === 'v') this.#pad('<nil>');
      else this.#badVerb(undefined, verb);
      return;
    }
    if (verb === 'T') this.#string(value.type.name, 's', value);
    else if (verb === 'p') this.#pointer(value, verb);
    else if (verb === 'w') this.#badVerb(value, verb);
    else if (!this.#ownText(value, verb)) this.#value(value, verb, 0);
  }

  /** By the value's String method, if it has one and the verb asks for text. */
  #ownText(value: Value, verb: string): boolean {
    if (this.#isError || this.#flags.sharpV === true || !TEXT_VERBS.has(verb)) return false;
    const method = value.type.methods?.get('String');
    if (method?.params.length !== 0) return false;
    const text = method.call(value, []);
    if (text?.kind !== 'string') return false;
    this.#string(text.value, verb, value);
    return true;
  }

  #badVerb(value: Maybe, verb: string): void {
    this.#isError = true;
    if (value === undefined) this.#out.write(`%!${verb}(<nil>)`);
    else {
      this.#out.write(`%!${verb}(${value.type.name}=`);
      this.#value(value, 'v', 0);
      this.#out.write(')');
    }
    this.#isError = false;
  }

  #value(value: Value, verb: string, depth: number): void {
    if (depth > MAX_TEMPLATE_DEPTH) throw new CallError(`nested more than ${MAX_TEMPLATE_DEPTH} times`);
    if (depth > 0 && this.#ownText(value, verb)) return;
    switch (value.kind) {
      case 'bool':
        if (verb === 't' || verb === 'v') this.#pad(String(value.value));
        else this.#badVerb(value, verb);
        return;
      case 'int':
      case 'uint':
        this.#integer(value.value, verb, value);
        return;
      case 'float':
        this.#float(value.value, verb, value);
        return;
      case 'complex':
        this.#complex(value.value, verb, value);
        return;
      case 'string':
        this.#string(value.value, verb, value);
        return;
      case 'list':
        this.#list(value, verb, depth);
        return;
      case 'map':
        this.#map(value, verb, depth);
        return;
      case 'struct':
        this.#struct(value, verb, depth);
        return;
      case 'pointer':
        if (depth === 0 && value.target !== undefined && /^(?:list|map|struct)$/.test(value.target.kind)) {
          this.#out.write('&');
          this.#value(value.target, verb, depth + 1);
        } else this.#pointer(value, verb);
        return;
      case 'interface':
        if (value.inner !== undefined) this.#value(value.inner, verb, depth + 1);
        else this.#out.write(this.#flags.sharpV === true ? `${value.type.name}(nil)` : '<nil>');
    }
  }

  #list({ type, items }: ListValue, verb: string, depth: number): void {
    if (this.#flags.sharpV === true && items === undefined) this.#out.write(`${type.name}(nil)`);
    else this.#group(type.name, '[', ']', items ?? [], (item) => this.#value(item, verb, depth + 1));
  }

  #map(map: MapValue, verb: string, depth: number): void {
    const { type } = map;
    if (this.#flags.sharpV === true && map.entries === undefined) {
      this.#out.write(`${type.name}(nil)`);
      return;
    }
    this.#group(type.name, 'map[', ']', sortedEntries(map, compareBytes), ([key, item]) => {
      this.#value({ kind: 'string', type: type.key, value: key }, verb, depth + 1);
      this.#out.write(':');
      this.#value(item, verb, depth + 1);
    });
  }

  #struct({ type, get }: StructValue, verb: string, depth: number): void {
    const isNamed = this.#flags.plusV === true || this.#flags.sharpV === true;
    this.#group(type.name, '{', '}', type.fields, ({ name }) => {
      if (isNamed) this.#out.write(`${name}:`);
      const field = get(name);
      // What an interface field holds stands in its place.
      this.#value(
        field.kind === 'interface' && field.inner !== undefined ? field.inner : field,
        verb,
        depth + 1,
      );
    });
  }

  /** `[a b]`, or with `%#v` `[]string{"a", "b"}`. */
  #group<T>(name: string, open: string, close: string, items: readonly T[], print: (item: T) => void): void {
    const isSharp = this.#flags.sharpV === true;
    this.#out.write(isSharp ? `${name}{` : open);
    items.forEach((item, index) => {
      if (index > 0) this.#out.write(isSharp ? ', ' : ' ');
      print(item);
    });
    this.#out.write(isSharp ? '}' : close);
  }

  #pointer(value: Value, verb: string): void {
    if (!['pointer', 'list', 'map'].includes(value.kind)) {
      this.#badVerb(value, verb);
      return;
    }
    const address = isNil(value) ? 0n : ADDRESS;
    if (verb === 'v' && this.#flags.sharpV === true)
      this.#out.write(`(${value.type.name})(${isNil(value) ? 'nil' : `0x${address.toString(16)}`})`);
    else if (verb === 'v' && isNil(value)) this.#pad('<nil>');
    else if (verb === 'v' || verb === 'p') {
      const { sharp } = this.#flags;
      this.#with({ sharp: sharp !== true }, () => this.#integer(address, 'x', value));
    } else if (/^[bodxX]$/.test(verb)) this.#integer(address, verb, value);
    else this.#badVerb(value, verb);
  }

  #with(change: Flags, print: () => void): void {
    const before = this.#flags;
    this.#flags = { ...before, ...change };
    print();
    this.#flags = before;
  }

  #pad(text: string): void {
    const { width = 0, minus, zero } = this.#flags;
    const padding = (zero === true ? '0' : ' ').repeat(Math.max(0, width - length(text)));
    this.#out.write(minus === true ? text + padding : padding + text);
  }

  #padWithSpaces(text: string): void {
    this.#with({ zero: false }, () => this.#pad(text));
  }

  #string(text: string, verb: string, value: Value): void {
    const { precision, plus = false, sharp, sharpV } = this.#flags;
    if (verb === 'x' || verb === 'X') {
      this.#hexBytes(toBytes(text), verb === 'X');
      return;
    }
    const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
    if (verb === 'q' || (verb === 'v' && sharpV === true))
      this.#pad(sharp === true && canBackquote(cut) ? `\`${cut}\`` : quote(cut, plus));
    else if (verb === 's' || verb === 'v') this.#pad(cut);
    else this.#badVerb(value, verb);
  }

  #hexBytes(bytes: Uint8Array, isUpper: boolean): void {
    const { precision, space, sharp } = this.#flags;
    const mark = sharp === true ? (isUpper ? '0X' : '0x') : '';
    const digits = Array.from(bytes.subarray(0, precision), (byte) => {
      const hex = byte.toString(16).padStart(2, '0');
      return isUpper ? hex.toUpperCase() : hex;
    });
    if (digits.length === 0) this.#pad('');
    else this.#pad(space === true ? digits.map((hex) => mark + hex).join(' ') : mark + digits.join(''));
  }

  #integer(number: bigint, verb: string, value: Value): void {
    if (verb === 'c' || verb === 'q') {
      const isValid =
        number >= 0n && number <= LARGEST_CODE_POINT && !(number >= 0xd800n && number < 0xe000n);
      const character = isValid ? String.fromCodePoint(Number(number)) : REPLACEMENT;
      this.#pad(verb === 'c' ? character : quoteRune(character, this.#flags.plus));
    } else if (verb === 'U') this.#unicode(BigInt.asUintN(64, number));
    else if (BASES.has(verb)) this.#digits(number, verb, value);
    else this.#badVerb(value, verb);
  }

  #unicode(code: bigint): void {
    const { precision = 4, sharp } = this.#flags;
    const name = `U+${code.toString(16).toUpperCase().padStart(Math.max(4, precision), '0')}`;
    const character = code <= LARGEST_CODE_POINT ? String.fromCodePoint(Number(code)) : '';
    this.#padWithSpaces(sharp === true && isPrintable(character) ? `${name} '${character}'` : name);
  }

  #digits(number: bigint, verb: string, value: Value): void {
    const { width, precision, plus, space, zero, sharp, sharpV } = this.#flags;
    if (precision === 0 && number === 0n) {
      this.#with({ zero: false }, () => this.#pad(''));
      return;
    }
    const isHexV = verb === 'v' && sharpV === true && value.kind === 'uint';
    const base = isHexV ? 16 : (BASES.get(verb) ?? 10);
    const sign = number < 0n ? '-' : plus === true ? '+' : space === true ? ' ' : '';
    const least = precision ?? (zero === true && width !== undefined ? width - sign.length : 0);
    let digits = (number < 0n ? -number : number).toString(base).padStart(least, '0');
    if (verb === 'X') digits = digits.toUpperCase();
    if (sharp === true && base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
    else if ((sharp === true && base !== 10 && base !== 8) || isHexV)
      digits = `${BASE_MARKS.get(verb) ?? ''}${digits}`;
    if (verb === 'O') digits = `0o${digits}`;
    this.#padWithSpaces(sign + digits);
  }

  #float(number: number, verb: string, value: Value): void {
    const kind = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb;
    if (!isFloatVerb(kind)) {
      this.#badVerb(value, verb);
      return;
    }
    const usual = /^[eEf]$/.test(kind) ? 6 : -1;
    const { precision = usual, plus, space, zero, sharp, width = 0 } = this.#flags;
    const text = formatFloat(number, kind, precision);
    const isSigned = /^[-+]/.test(text);
    const positive = plus === true ? '+' : space === true ? ' ' : '';
    const sign = text.startsWith('-') ? '-' : positive;
    const unsigned = isSigned ? text.slice(1) : text;
    if (!Number.isFinite(number)) {
      this.#padWithSpaces(`${Number.isNaN(number) ? positive : sign === '' ? '+' : sign}${unsigned}`);
      return;
    }
    const digits = sharp === true && kind !== 'b' ? withPoint(unsigned, kind, precision) : unsigned;
    if (zero === true && sign !== '') this.#out.write(sign + digits.padStart(width - 1, '0'));
    else this.#pad(sign + digits);
  }

  #complex([real, imaginary]: readonly [number, number], verb: string, value: Value): void {
    if (!/^[vbgGxXfFeE]$/.test(verb)) {
      this.#badVerb(value, verb);
      return;
    }
    this.#out.write('(');
    this.#float(real, verb, value);
    this.#with({ plus: true }, () => this.#float(imaginary, verb, value));
    this.#out.write('i)');
  }
}

function isFloatVerb(verb: string): verb is FloatVerb {
  return /^[eEfgGbxX]$/.test(verb);
}

/** `%#g`: always a point, and zeros up to the precision. */
function withPoint(text: string, verb: FloatVerb, precision: number): string {
  const split = /^([^eEpP]*|0[xX][^pP]*)([eEpP].*)?$/.exec(text);
  const [, mantissa = text, tail = ''] = split ?? [];
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`;
  if (!/^[gGxv]$/.test(verb)) return pointed + tail;
  const wanted = precision === -1 ? 6 : precision;
  const digits = mantissa.replace('.', '');
  // Go counts the x of a hexadecimal float among its digits.
  const had =
    verb === 'x' ? digits.length - 1 : Math.max(digits.replace(/^0+/, '').length, Number(mantissa === '0'));
  return pointed + '0'.repeat(Math.max(0, wanted - had)) + tail;
}
