/** Characters that a terminal would obey: of the categories Control and Format (which turns the direction of a line). */
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text from a file that anybody could have written, as a line of a terminal: what it must not obey is spelled out. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, spellOut);
}

function spellOut(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
