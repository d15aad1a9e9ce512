/** One instruction of a Dockerfile, parted but not yet understood. */
export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** `interval` and `5s` of `--interval=5s`; a flag without a value has none. */
  readonly flags: readonly { readonly name: string; readonly value?: string }[];
  /** All behind the name and its flags. */
  readonly rest: string;
  /** The line as it was written, continued lines joined. */
  readonly original: string;
}

export interface Changes {
  readonly instructions: readonly Instruction[];
  /** What escapes: `\`, or a backtick where a directive says so. */
  readonly escape: string;
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;

/** A text that no instruction is in, or none that can be parted. Its message is Docker's. */
export class ChangeError extends Error {
  override readonly name = 'ChangeError';
}

/**
 * Parts the lines of a Dockerfile (buildkit frontend/dockerfile/parser): comments, directives, continued lines and flags.
 * @param texts each one instruction or several lines
 * @throws ChangeError
 */
export function parseChanges(texts: readonly string[]): Changes {
  const lines = texts.join('\n').split(/\r?\n/);
  let escape = '\\';
  let mayBeDirective = true;
  const instructions: Instruction[] = [];
  let pending = '';
  for (const line of lines) {
    const directive = mayBeDirective ? DIRECTIVE.exec(line) : null;
    if (directive === null) mayBeDirective = false;
    else if (directive[1]?.toLowerCase() === 'escape') escape = escapeOf(directive[2] ?? '');
    const text = pending === '' ? line.trimStart() : line;
    // Comments and empty lines may stand amid continued ones.
    if (/^\s*(?:#|$)/.test(text)) continue;
    const continued = text.trimEnd();
    if (continued.endsWith(escape)) {
      pending += continued.slice(0, -1);
      continue;
    }
    instructions.push(split(`${pending}${text}`));
    pending = '';
  }
  if (pending !== '') instructions.push(split(pending));
  if (instructions.length === 0) throw new ChangeError('file with no instructions');
  return { instructions, escape };
}

function escapeOf(value: string): string {
  if (value === '\\' || value === '`') return value;
  throw new ChangeError(`invalid escape token '${value}' does not match ' or \\`);
}

function split(line: string): Instruction {
  const [, word = '', behind = ''] = /^(\S+)\s*(.*)$/s.exec(line.trim()) ?? [];
  const flags: { name: string; value?: string }[] = [];
  let rest = behind;
  for (;;) {
    const [whole, name = '', value] = /^--([^\s=]*)(?:=(\S*))?(?:\s+|$)/.exec(rest) ?? [];
    // Two dashes alone end the flags.
    if (whole === undefined) break;
    rest = rest.slice(whole.length);
    if (name === '') break;
    flags.push({ name, ...(value === undefined ? {} : { value }) });
  }
  return { name: word.toUpperCase(), flags, rest: rest.trim(), original: line.trim() };
}
