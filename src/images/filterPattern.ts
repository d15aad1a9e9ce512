import { StrataError } from '../base/errors.ts';

const badPattern = (): StrataError =>
  new StrataError('filter-invalid', { detail: 'syntax error in pattern' });

/**
 * Go's path.Match over code points: `*` and `?` never match a slash, `[a-z]` and `[^a-z]` are classes, `\` takes the
 * next character as it is. As in Go, a pattern is wrong only where the match came to the wrong part, or where the
 * name was used up before it.
 * @throws `filter-invalid` "syntax error in pattern"
 */
export function matchPattern(pattern: string, name: string): boolean {
  let rest = Array.from(pattern);
  let left = Array.from(name);
  for (;;) {
    if (rest.length === 0) return left.length === 0;
    const { star, chunk, rest: behind } = scanChunk(rest);
    rest = behind;
    // A trailing * takes all that is left, unless it has a slash.
    if (star && chunk.length === 0) return !left.includes('/');
    const after = matchChunk(chunk, left);
    // The last chunk must use the name up; with a star before it, a later place may.
    if (after !== undefined && (after.length === 0 || rest.length > 0)) {
      left = after;
      continue;
    }
    const later = star ? matchLater(chunk, left, rest.length === 0) : undefined;
    if (later === undefined) {
      checkRest(rest);
      return false;
    }
    left = later;
  }
}

/** Tries a chunk at each place that the star before it may reach. */
function matchLater(
  chunk: readonly string[],
  name: readonly string[],
  isLast: boolean,
): string[] | undefined {
  for (let i = 0; i < name.length && name[i] !== '/'; i++) {
    const after = matchChunk(chunk, name.slice(i + 1));
    if (after !== undefined && !(isLast && after.length > 0)) return after;
  }
  return undefined;
}

/** What was not reached is still read to its end, so that a wrong pattern is told where nothing matches. */
function checkRest(pattern: readonly string[]): void {
  let rest = pattern;
  while (rest.length > 0) {
    const { chunk, rest: behind } = scanChunk(rest);
    rest = behind;
    matchChunk(chunk, []);
  }
}

interface Chunk {
  readonly star: boolean;
  readonly chunk: readonly string[];
  readonly rest: string[];
}

/** The next part between stars. A star within a class is none. */
function scanChunk(pattern: readonly string[]): Chunk {
  let start = 0;
  while (pattern[start] === '*') start++;
  let inClass = false;
  let end = start;
  for (; end < pattern.length; end++) {
    const character = pattern[end];
    if (character === '\\') end = Math.min(end + 1, pattern.length - 1);
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '*' && !inClass) break;
  }
  return { star: start > 0, chunk: pattern.slice(start, end), rest: pattern.slice(end) };
}

/**
 * What is left of the name behind a part without stars; undefined if it does not match. Goes on reading the part
 * after a mismatch, because its mistakes count all the same.
 */
function matchChunk(chunk: readonly string[], name: readonly string[]): string[] | undefined {
  let failed = false;
  let at = 0;
  let i = 0;
  while (i < chunk.length) {
    if (at >= name.length) failed = true;
    const character = name[at] ?? '';
    switch (chunk[i]) {
      case '[': {
        const { matches, next } = matchClass(chunk, i + 1, failed ? undefined : character);
        failed ||= !matches;
        i = next;
        break;
      }
      case '?':
        failed ||= character === '/';
        i++;
        break;
      default: {
        if (chunk[i] === '\\') i++;
        const wanted = chunk[i];
        if (wanted === undefined) throw badPattern();
        failed ||= wanted !== character;
        i++;
      }
    }
    if (!failed) at++;
  }
  return failed ? undefined : name.slice(at);
}

/** A class from behind its bracket. @param character undefined: only its form is of interest */
function matchClass(
  chunk: readonly string[],
  start: number,
  character: string | undefined,
): { matches: boolean; next: number } {
  const negated = chunk[start] === '^';
  let i = negated ? start + 1 : start;
  let matches = false;
  for (let ranges = 0; !(chunk[i] === ']' && ranges > 0); ranges++) {
    const low = classCharacter(chunk, i);
    i = low.next;
    let high = low.character;
    if (chunk[i] === '-') ({ character: high, next: i } = classCharacter(chunk, i + 1));
    const point = character?.codePointAt(0);
    if (point !== undefined && pointOf(low.character) <= point && point <= pointOf(high)) matches = true;
  }
  return { matches: matches !== negated, next: i + 1 };
}

const pointOf = (character: string): number => character.codePointAt(0) ?? 0;

/** One character of a class; there must be another behind it, the bracket at the least. */
function classCharacter(chunk: readonly string[], at: number): { character: string; next: number } {
  if (chunk[at] === '-' || chunk[at] === ']') throw badPattern();
  const i = chunk[at] === '\\' ? at + 1 : at;
  const character = chunk[i];
  if (character === undefined || i + 1 >= chunk.length) throw badPattern();
  return { character, next: i + 1 };
}
