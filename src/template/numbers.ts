import type { Constant } from './nodes.ts';
import { quote, unquoteCharacter } from './quote.ts';

/** Constants of a template as Go reads them (text/template/parse, newNumber; strconv). */

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** @returns the constant, or what is wrong with it in Go's words */
export function parseConstant(text: string, type: 'charConstant' | 'complex' | 'number'): Constant | string {
  if (type === 'charConstant') return parseCharacter(text);
  if (type === 'complex') return parseComplex(text);
  if (text.endsWith('i')) {
    const imaginary = parseFloat64(text.slice(0, -1));
    if (imaginary !== undefined) return ofComplex(text, 0, imaginary);
  }
  const whole = parseInteger(text);
  const int = whole !== undefined && whole >= MIN_INT && whole <= MAX_INT ? whole : undefined;
  // Go reads unsigned numbers without a sign; of signed ones only zero counts.
  const isUint = whole !== undefined && (/^[-+]/.test(text) ? whole === 0n : whole <= MAX_UINT);
  const uint = isUint ? whole : undefined;
  const exact = int ?? uint;
  if (exact !== undefined) return { text, ...integers(int, uint), float: Number(exact) };
  const float = parseFloat64(text);
  if (float === undefined) return `illegal number syntax: ${quote(text)}`;
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${quote(text)}`;
  return { text, float, ...asIntegers(float) };
}

function parseCharacter(text: string): Constant | string {
  const read = unquoteCharacter(text.slice(1), "'");
  if (read === undefined) return 'invalid syntax';
  if (read.rest !== "'") return `malformed character constant: ${text}`;
  const code = read.character.codePointAt(0) ?? 0;
  // A byte of \x80 and above counts as its number.
  const value = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  return { text, int: BigInt(value), uint: BigInt(value), float: value };
}

function parseComplex(text: string): Constant | string {
  const split = /^(.*[^eEpP])([-+].*)i$/.exec(text);
  const [real, imaginary] = [parseFloat64(split?.[1] ?? ''), parseFloat64(split?.[2] ?? '')];
  return real === undefined || imaginary === undefined
    ? 'syntax error scanning complex number'
    : ofComplex(text, real, imaginary);
}

function ofComplex(text: string, real: number, imaginary: number): Constant {
  const complex = [real, imaginary] as const;
  return imaginary === 0 ? { text, complex, float: real, ...asIntegers(real) } : { text, complex };
}

/** A number without a fraction is an integer too. */
function asIntegers(float: number): Pick<Constant, 'int' | 'uint'> {
  if (!Number.isInteger(float)) return {};
  const whole = BigInt(float);
  return integers(
    whole >= MIN_INT && whole <= MAX_INT ? whole : undefined,
    whole >= 0n && whole <= MAX_UINT ? whole : undefined,
  );
}

function integers(int: bigint | undefined, uint: bigint | undefined): Pick<Constant, 'int' | 'uint'> {
  return { ...(int === undefined ? {} : { int }), ...(uint === undefined ? {} : { uint }) };
}

const INTEGER = /^([-+]?)(?:0([xX])([0-9a-fA-F_]+)|0([oO]?)([0-7_]+)|0([bB])([01_]+)|([1-9][0-9_]*|0))$/;

/** strconv.ParseInt with base 0, of any size. */
function parseInteger(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null || !underscoresFit(text)) return undefined;
  const [, sign, hexMark, hex, , octal, , binary, decimal] = match;
  const digits = (part: string): string => part.replaceAll('_', '');
  if ([hex, octal, binary].some((part) => part !== undefined && digits(part) === '')) return undefined;
  const prefixed =
    hexMark === undefined
      ? octal === undefined
        ? binary === undefined
          ? digits(decimal ?? '')
          : `0b${digits(binary)}`
        : `0o${digits(octal)}`
      : `0x${digits(hex ?? '')}`;
  return sign === '-' ? -BigInt(prefixed) : BigInt(prefixed);
}

const DECIMAL_FLOAT =
  /^[-+]?(?:[0-9_]*[0-9][0-9_]*\.?[0-9_]*|[0-9_]*\._*[0-9][0-9_]*)(?:[eE][-+]?[0-9][0-9_]*)?$/;
const HEX_FLOAT = /^([-+]?)0[xX]([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([-+]?[0-9][0-9_]*)$/;

/** strconv.ParseFloat. @returns undefined for what is none, and where it is out of range */
function parseFloat64(text: string): number | undefined {
  if (text.includes('_') && !underscoresFit(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const hex = HEX_FLOAT.exec(plain);
  if (hex !== null) return hexFloat(hex);
  if (!DECIMAL_FLOAT.test(text)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function hexFloat([, sign, whole = '', fraction = '', power = '']: RegExpExecArray): number | undefined {
  if (whole + fraction === '') return undefined;
  // Scaling by two is exact, and so is a mantissa of at most 53 bits; longer ones round once, in Number().
  const mantissa = Number(BigInt(`0x${whole}${fraction}`));
  const value = mantissa * 2 ** (Number(power) - 4 * fraction.length);
  return Number.isFinite(value) ? (sign === '-' ? -value : value) : undefined;
}

/** Underscores stand between digits, or between a base's mark and a digit (strconv.underscoreOK). */
function underscoresFit(text: string): boolean {
  if (!text.includes('_')) return true;
  const unsigned = text.replace(/^[-+]/, '');
  const prefixed = /^0[bBoOxX]/.test(unsigned);
  const isHex = /^0[xX]/.test(unsigned);
  const shape = (prefixed ? `0${unsigned.slice(2)}` : unsigned).replaceAll(
    isHex ? /[0-9a-fA-F]/g : /[0-9]/g,
    '0',
  );
  return !/(?:^|[^0])_|_(?:[^0]|$)/.test(shape);
}
