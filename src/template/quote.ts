import { escapedByte, isEscapedByte } from './bytes.ts';

/** Go's strconv: quoting and unquoting of strings and of single characters. */

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

const UNESCAPES: ReadonlyMap<string, string> = new Map([
  ...Array.from(SHORT_ESCAPES, ([character, escape]): [string, string] => [escape.charAt(1), character]),
  ['\\', '\\'],
]);

/** Digits of \x, \u and \U. */
const HEX_DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);
const LARGEST_CODE_POINT = 0x10ffff;
const BYTE = 0x100;

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrintable(character: string): boolean {
  return character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

function escapeCharacter(character: string, mark: string, ascii: boolean): string {
  if (isEscapedByte(character)) return `\\x${hex(escapedByte(character), 2)}`;
  if (character === mark || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  if (isPrintable(character) && (!ascii || code < 0x80)) return character;
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** strconv.Quote; with `ascii` QuoteToASCII. */
export function quote(text: string, ascii = false): string {
  return `"${Array.from(text, (character) => escapeCharacter(character, '"', ascii)).join('')}"`;
}

/** strconv.QuoteRune; with `ascii` QuoteRuneToASCII. */
export function quoteRune(character: string, ascii = false): string {
  return `'${escapeCharacter(character, "'", ascii)}'`;
}

/** Whether a raw string can hold it (strconv.CanBackquote). */
export function canBackquote(text: string): boolean {
  if (isEscapedByte(text) || /[`\x7f\ufeff]/.test(text)) return false;
  return Array.from(text).every((character) => character >= ' ' || character === '\t');
}

/** A literal with its quotes. @returns undefined where Go says "invalid syntax" */
export function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  let text = '';
  let rest = literal.slice(1, -1);
  while (rest !== '') {
    const next = unquoteCharacter(rest, '"');
    if (next === undefined) return undefined;
    text += next.character;
    rest = next.rest;
  }
  return text;
}

/** The first character of a quoted text, its escapes resolved (strconv.UnquoteChar). */
export function unquoteCharacter(
  text: string,
  mark: string,
): { readonly character: string; readonly rest: string } | undefined {
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  if (text === '' || character === mark) return undefined;
  if (character !== '\\') return { character, rest: text.slice(character.length) };
  const letter = text.charAt(1);
  const simple = UNESCAPES.get(letter) ?? (letter === mark ? letter : undefined);
  if (simple !== undefined) return { character: simple, rest: text.slice(2) };
  const octal = /^\\([0-7]{3})/.exec(text)?.[1];
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    return byte < BYTE ? { character: fromByte(byte), rest: text.slice(4) } : undefined;
  }
  const count = HEX_DIGITS.get(letter);
  const digits = text.slice(2, 2 + (count ?? 0));
  if (count === undefined || digits.length < count || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 16);
  const rest = text.slice(2 + count);
  if (letter === 'x') return { character: fromByte(code), rest };
  if (code > LARGEST_CODE_POINT || (code >= 0xd800 && code < 0xe000)) return undefined;
  return { character: String.fromCodePoint(code), rest };
}

/** One byte of a string: of what is not ASCII only a part of a letter, see bytes.ts. */
function fromByte(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}
