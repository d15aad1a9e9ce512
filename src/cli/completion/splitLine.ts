/** What was typed of a command line, split as bash splits it. */
export interface SplitLine {
  readonly words: readonly string[];
  /** The last word, which is being typed; empty behind a space. */
  readonly typed: string;
}

/**
 * Words of the line up to the cursor, with quotes and backslashes as in POSIX shells (2.2, "Quoting"). Nothing is
 * expanded, let alone run: a line is not finished while it is typed.
 */
export function splitLine(line: string): SplitLine {
  const words: string[] = [];
  let word: string | undefined;
  // A quoted part, a character behind a backslash, space, or text without any of these; a quote may still be open.
  for (const [part] of line.matchAll(/'[^']*'?|"(?:\\.|[^"\\])*(?:"|\\?$)|\\.?|\s+|[^\s'"\\]+/gs)) {
    if (/^\s/.test(part)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + unquote(part);
  }
  return { words, typed: word ?? '' };
}

function unquote(part: string): string {
  if (part.startsWith("'")) return part.slice(1).replace(/'$/, '');
  if (part.startsWith('"'))
    return part
      .slice(1)
      .replace(/(?<!\\)"$/, '')
      .replaceAll(/\\(["\\$`])/g, '$1');
  return part.startsWith('\\') ? part.slice(1) : part;
}
