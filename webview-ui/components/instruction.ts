/** A command of the configuration's history, as its Dockerfile would have said it. */
export interface Instruction {
  /** `RUN`, `COPY`…; empty where the text names none. */
  readonly keyword: string;
  readonly rest: string;
}

/** More than any line shows; also bounds the work on hostile text. */
const MAX_PREVIEW_CHARS = 1000;

const KEYWORD =
  /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR) /;
/** What Docker's classic builder wrote before an instruction that runs nothing, and before one that does. */
const NO_OP = /^(?:\/bin\/sh -c|cmd \/S \/C) #\(nop\) /;
const SHELL = /^(?:\|\d+ .*? )?\/bin\/sh -c /;

/** Shortens `created_by` to its instruction on one line; the full text is shown elsewhere as it stands. */
export function readInstruction(createdBy: string): Instruction {
  const line = createdBy
    .slice(0, MAX_PREVIEW_CHARS)
    .replaceAll(/\s+/g, ' ')
    .replace(/ # buildkit ?$/, '')
    .trim();
  const bare = line.replace(NO_OP, '').trimStart();
  const named = KEYWORD.exec(bare);
  if (named !== null) {
    return { keyword: named[1] ?? '', rest: bare.slice(named[0].length).replace(SHELL, '') };
  }
  if (bare === line && SHELL.test(line)) return { keyword: 'RUN', rest: line.replace(SHELL, '') };
  return { keyword: '', rest: bare };
}

/**
 * Breaks a command where its Dockerfile broke it: a line's continuation left a run of spaces in the configuration.
 * A text with lines of its own stays as it is.
 */
export function unfoldCommand(createdBy: string): string {
  return createdBy.includes('\n') ? createdBy : createdBy.replaceAll(/(?<=\S)[ \t]{2,}(?=\S)/g, '\n    ');
}
