import { ChangeError } from './parseChanges.ts';

/**
 * A list in JSON, `["a", "b"]` (parser/line_parsers.go, parseJSON).
 * @returns undefined for what is none
 * @throws ChangeError where its elements are not texts
 */
export function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (value.every((item) => typeof item === 'string')) return value;
  throw new ChangeError('when using JSON array syntax, arrays must be comprised of strings only');
}

export function blankSeparated(text: string): readonly string[] {
  return text === '' ? [] : text.trim().split(/\s+/);
}

/** Words at unquoted blanks, quotes and escapes still on (line_parsers.go, parseWords). */
function quotedWords(text: string, escape: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote: string | undefined;
  let inWord = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote === undefined && /\s/.test(character)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
      continue;
    }
    inWord = true;
    word += character;
    // Within single quotes nothing escapes.
    if (character === escape && quote !== "'" && at + 1 < text.length) word += text.charAt(++at);
    else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === '"' || character === "'")) quote = character;
  }
  if (inWord) words.push(word);
  return words;
}

/**
 * `name=value …`, or in the old form `name value` (line_parsers.go, parseNameVal). Quotes are still on.
 * @throws ChangeError
 */
export function namedValues(
  instruction: string,
  text: string,
  escape: string,
): readonly (readonly [string, string])[] {
  const words = quotedWords(text, escape);
  const [first] = words;
  if (first === undefined) throw new ChangeError(`${instruction} requires at least one argument`);
  if (!first.includes('=')) {
    const [, name = '', value] = /^(\S+)(?:\s+(.*))?$/s.exec(text) ?? [];
    if (value === undefined || value === '') throw new ChangeError(`${instruction} must have two arguments`);
    return [[name, value]];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at === -1) {
      throw new ChangeError(
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    }
    return [word.slice(0, at), word.slice(at + 1)];
  });
}
