import { replaceLone, toBytes } from './bytes.ts';
import { isPrintable } from './quote.ts';

/** html, js and urlquery (Go's text/template, funcs.go; net/url QueryEscape). */

const HTML: ReadonlyMap<string, string> = new Map([
  ['\0', '\ufffd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

export function escapeHtml(text: string): string {
  return Array.from(text, (character) => HTML.get(character) ?? character).join('');
}

const unicodeEscape = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

function escapeJsCharacter(character: string): string {
  if ('\\\'"'.includes(character)) return `\\${character}`;
  if ('<>&='.includes(character)) return unicodeEscape(character);
  const code = character.codePointAt(0) ?? 0;
  // DEL is below what Go looks at.
  if (code >= 0x20 && code < 0x80) return character;
  return isPrintable(character) ? character : unicodeEscape(replaceLone(character));
}

export function escapeJs(text: string): string {
  return Array.from(text, escapeJsCharacter).join('');
}

export function escapeQuery(text: string): string {
  return Array.from(toBytes(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (/^[\w.~-]$/.test(character)) return character;
    return character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
