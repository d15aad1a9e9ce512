import { parseArgs } from 'node:util';

/** One option of a command, as its help shows it. */
export interface Flag {
  readonly short?: string;
  readonly type: 'boolean' | 'string';
  /** Shown after the name of an option with a value: `--platform string`. */
  readonly valueName?: string;
  readonly description: string;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface ParsedArguments {
  /** True if `--help` stands among them. */
  readonly help: boolean;
  readonly args: readonly string[];
  isSet(name: string): boolean;
  /** The last value given. */
  value(name: string): string | undefined;
}

/** What Docker answers with exit code 125; `message` is its first line. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/**
 * Splits a command's words into options and arguments, with the messages of Docker's own parser (spf13/pflag).
 * @throws FlagError
 */
export function parseFlags(words: readonly string[], flags: Flags): ParsedArguments {
  const all: Flags = { ...flags, help: { type: 'boolean', description: '' } };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { short, type }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...words], options, strict: false, tokens: true });
  const values = new Map<string, string>();
  const args: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value);
    if (token.kind !== 'option') continue;
    values.set(token.name, flagValue(all[token.name], token));
  }
  return {
    help: values.get('help') === 'true',
    args,
    isSet: (name) => values.get(name) === 'true',
    value: (name) => values.get(name),
  };
}

function flagValue(
  flag: Flag | undefined,
  token: { readonly rawName: string; readonly value: string | undefined },
): string {
  const { rawName, value } = token;
  if (flag === undefined) throw new FlagError(unknownFlag(rawName));
  if (flag.type === 'string') {
    if (value !== undefined) return value;
    throw new FlagError(
      rawName.startsWith('--')
        ? `flag needs an argument: ${rawName}`
        : `flag needs an argument: '${rawName.slice(1)}' in ${rawName}`,
    );
  }
  if (value === undefined || /^(?:1|t|true)$/i.test(value)) return 'true';
  if (/^(?:0|f|false)$/i.test(value)) return 'false';
  throw new FlagError(
    `invalid argument "${value}" for "${rawName}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`,
  );
}

function unknownFlag(rawName: string): string {
  return rawName.startsWith('--')
    ? `unknown flag: ${rawName}`
    : `unknown shorthand flag: '${rawName.slice(1)}' in ${rawName}`;
}
