/** Build tools write a layer's command in several dresses; a row of a tree has room for what it did. */

/** Docker's classic builder marks what was no shell command. */
const CLASSIC_NOP = /^\/bin\/sh -c #\(nop\)\s+/;
/** Build arguments stand before the shell as `|2 A=1 B=2 /bin/sh -c …`. */
const BUILD_ARGUMENTS = /^\|\d+ .*?(?=\/bin\/sh -c )/;
const SHELL = /^\/bin\/sh -c\s+/;
const BUILDKIT_MARK = /\s+# buildkit$/;
const BUILDKIT_RUN = /^RUN (?:\|\d+ .*?)?\/bin\/sh -c\s+/;

/** Longest label; VS Code cuts it to the view's width anyway. */
const MAX_LENGTH = 120;

/** `/bin/sh -c #(nop)  CMD ["sh"]` → `CMD ["sh"]`; `RUN /bin/sh -c apt update # buildkit` → `RUN apt update`. */
export function shortCommand(createdBy: string): string {
  const text = createdBy.replaceAll(/\s+/g, ' ').trim();
  const short = dress(text).replace(BUILDKIT_MARK, '');
  return short.length > MAX_LENGTH ? `${short.slice(0, MAX_LENGTH - 1)}…` : short;
}

function dress(text: string): string {
  if (CLASSIC_NOP.test(text)) return text.replace(CLASSIC_NOP, '');
  if (BUILDKIT_RUN.test(text)) return text.replace(BUILDKIT_RUN, 'RUN ');
  const withoutArguments = text.replace(BUILD_ARGUMENTS, '');
  return withoutArguments.replace(SHELL, 'RUN ');
}
