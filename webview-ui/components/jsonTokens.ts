/** What a piece of JSON text is, as a theme colours it. */
type JsonTokenKind = 'name' | 'string' | 'number' | 'keyword' | 'plain';

export interface JsonToken {
  readonly kind: JsonTokenKind;
  readonly text: string;
}

// Sticky: each tries at one place only. A string is walked by hand, since one of megabytes would
// exhaust a regular expression's stack.
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const KEYWORD = /(?:true|false|null)\b/y;
const COLON = /\s*:/y;

/**
 * Cuts JSON text into coloured pieces. Lossless: the pieces joined are the text, whatever it is;
 * what is no JSON comes back plain.
 */
export function tokenizeJson(text: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let plainFrom = 0;
  let at = 0;
  const take = (kind: JsonTokenKind, end: number): void => {
    if (plainFrom < at) tokens.push({ kind: 'plain', text: text.slice(plainFrom, at) });
    tokens.push({ kind, text: text.slice(at, end) });
    at = plainFrom = end;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      const end = endOfString(text, at);
      take(endOf(COLON, text, end) === undefined ? 'string' : 'name', end);
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      const end = endOf(NUMBER, text, at);
      if (end === undefined) at += 1;
      else take('number', end);
    } else if (character === 't' || character === 'f' || character === 'n') {
      const end = endOf(KEYWORD, text, at);
      if (end === undefined) at += 1;
      else take('keyword', end);
    } else {
      at += 1;
    }
  }
  if (plainFrom < text.length) tokens.push({ kind: 'plain', text: text.slice(plainFrom) });
  return tokens;
}

/** The place after the closing quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return at + 1;
    if (character === '\\') at += 1;
  }
  return text.length;
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
