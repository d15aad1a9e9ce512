import { MAX_TEMPLATE_ITEMS, MAX_TEMPLATE_OUTPUT_CHARS } from '../base/limits.ts';
import { byteLength, replaceLone, sliceBytes } from './bytes.ts';
import { equals, isLess } from './compare.ts';
import { CallError } from './errors.ts';
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts';
import { toJson } from './json.ts';
import type { Func, Maybe, Type } from './model.ts';
import { sprint, sprintf, sprintln } from './printf.ts';
import { indexOf, lengthOf, sliceOf } from './sequences.ts';
import { ANY, INT, REFLECT, STRING, STRINGS } from './types.ts';
import { concrete, indirect, isTrue, ofBool, ofString, ofStrings } from './values.ts';

export type Functions = ReadonlyMap<string, Func>;

function func(params: readonly Type[], call: Func['call']): Func {
  return { params, call };
}

function variadic(params: readonly Type[], call: Func['call']): Func {
  return { params, variadic: true, call };
}

/** The evaluator hands over what the parameters say. */
function textOf(value: Maybe): string {
  return value?.kind === 'string' ? value.value : '';
}

function countOf(value: Maybe): number {
  return value?.kind === 'int' ? Number(value.value) : 0;
}

function textsOf(value: Maybe): readonly string[] {
  return value?.kind === 'list' ? (value.items ?? []).map(textOf) : [];
}

const comparison = (holds: (a: Maybe, b: Maybe) => boolean): Func =>
  func([REFLECT, REFLECT], ([a, b]) => ofBool(holds(a, b)));

/** What html, js and urlquery escape: what would be printed. */
function printed(args: readonly Maybe[]): string {
  return sprint(
    args.map((arg) => {
      const value = concrete(arg);
      if (value === undefined) return ofString('<no value>');
      return value.kind === 'pointer' ? indirect(value).value : value;
    }),
  );
}

const escaper = (escape: (text: string) => string): Func =>
  variadic([ANY], (args) => ofString(escape(printed(args))));

/** Go's own. `and` and `or` are never called: the evaluator stops at the first argument that decides. */
const BUILT_IN: readonly (readonly [string, Func])[] = [
  ['and', variadic([REFLECT, REFLECT], ([first]) => first)],
  ['or', variadic([REFLECT, REFLECT], ([first]) => first)],
  ['not', func([REFLECT], ([value]) => ofBool(!isTrue(concrete(value))))],
  ['call', variadic([REFLECT, REFLECT], ([value]) => callOf(value))],
  ['html', escaper(escapeHtml)],
  ['js', escaper(escapeJs)],
  ['urlquery', escaper(escapeQuery)],
  ['index', variadic([REFLECT, REFLECT], ([item, ...indexes]) => indexOf(item, indexes))],
  ['slice', variadic([REFLECT, REFLECT], ([item, ...indexes]) => sliceOf(item, indexes))],
  ['len', func([REFLECT], ([item]) => lengthOf(item))],
  ['print', variadic([ANY], (args) => ofString(sprint(args)))],
  ['printf', variadic([STRING, ANY], ([format, ...args]) => ofString(sprintf(textOf(format), args)))],
  ['println', variadic([ANY], (args) => ofString(sprintln(args)))],
  ['eq', variadic([REFLECT, REFLECT], ([first, ...others]) => ofBool(equals(first, others)))],
  ['ne', comparison((a, b) => !equals(a, [b]))],
  ['lt', comparison(isLess)],
  ['le', comparison((a, b) => isLess(a, b) || equals(a, [b]))],
  ['gt', comparison((a, b) => !(isLess(a, b) || equals(a, [b])))],
  ['ge', comparison((a, b) => !isLess(a, b))],
];

/** Nothing that we hand to templates is a function. */
function callOf(value: Maybe): never {
  const fn = concrete(value);
  throw new CallError(fn === undefined ? 'call of nil' : `non-function of type ${fn.type.name}`);
}

/** strings.ToUpper: each character for itself, and only into one character. */
function upper(text: string): string {
  return Array.from(replaceLone(text), (character) => {
    const [first = character, ...more] = Array.from(character.toUpperCase());
    return more.length === 0 ? first : character;
  }).join('');
}

/** strings.ToLower, likewise. */
function lower(text: string): string {
  return Array.from(replaceLone(text), (character) => Array.from(character.toLowerCase())[0]).join('');
}

/** strings.Title: upper case for what follows no letter, digit or underscore; beyond ASCII only a space parts words. */
function title(text: string): string {
  const characters = Array.from(text);
  return characters
    .map((character, index) => {
      const before = characters[index - 1] ?? ' ';
      const joins = /[\p{L}\p{Nd}_]/u.test(before) || (before > '\x7f' && !/\s/.test(before));
      return joins ? character : upper(character);
    })
    .join('');
}

function split(text: string, separator: string): readonly string[] {
  const limit = MAX_TEMPLATE_ITEMS + 1;
  const parts = separator === '' ? Array.from(text.slice(0, 2 * limit)) : text.split(separator, limit);
  if (parts.length >= limit) throw new CallError(`more than ${MAX_TEMPLATE_ITEMS} parts`);
  return parts;
}

function join(texts: readonly string[], separator: string): string {
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (length > MAX_TEMPLATE_OUTPUT_CHARS)
    throw new CallError(`more than ${MAX_TEMPLATE_OUTPUT_CHARS} characters`);
  return texts.join(separator);
}

function pad(text: string, before: number, after: number): string {
  if (text === '') return text;
  if (before < 0 || after < 0) throw new CallError('strings: negative Repeat count');
  if (before + after > MAX_TEMPLATE_OUTPUT_CHARS)
    throw new CallError(`more than ${MAX_TEMPLATE_OUTPUT_CHARS} characters`);
  return ' '.repeat(before) + text + ' '.repeat(after);
}

function truncate(text: string, length: number): string {
  if (byteLength(text) < length) return text;
  if (length < 0) throw new CallError(`runtime error: slice bounds out of range [:${length}]`);
  return sliceBytes(text, 0, length);
}

/** Docker's (docker/cli templates.go). */
const DOCKER: readonly (readonly [string, Func])[] = [
  ['json', func([ANY], ([value]) => ofString(toJson(value) ?? ''))],
  ['split', func([STRING, STRING], ([text, by]) => ofStrings(split(textOf(text), textOf(by))))],
  ['join', func([STRINGS, STRING], ([texts, by]) => ofString(join(textsOf(texts), textOf(by))))],
  ['title', func([STRING], ([text]) => ofString(title(textOf(text))))],
  ['lower', func([STRING], ([text]) => ofString(lower(textOf(text))))],
  ['upper', func([STRING], ([text]) => ofString(upper(textOf(text))))],
  [
    'pad',
    func([STRING, INT, INT], ([text, before, after]) =>
      ofString(pad(textOf(text), countOf(before), countOf(after))),
    ),
  ],
  ['truncate', func([STRING, INT], ([text, length]) => ofString(truncate(textOf(text), countOf(length))))],
];

/** What a template may call unless it is told otherwise. */
export const FUNCTIONS: Functions = new Map([...BUILT_IN, ...DOCKER]);

const same = (more: readonly Type[]): Func => func([STRING, ...more], ([text]) => ofString(textOf(text)));

/** For the line of headings docker takes functions that leave the heading as it is. */
export const HEADING_FUNCTIONS: Functions = new Map([
  ...FUNCTIONS,
  ...['json', 'title', 'lower', 'upper'].map((name): [string, Func] => [name, same([])]),
  ['split', same([STRING])],
  ['join', same([STRING])],
  ['truncate', same([INT])],
]);
