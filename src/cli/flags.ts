import { Command, CommanderError, Option } from 'commander';
import { parseBool, parseFilter, parseInt64 } from './flagValues.ts';

/** One option of a command, as its help shows it. */
export interface Flag {
  readonly short?: string;
  /** `list` and `filter` may stand several times; `number` is a whole number; a `filter` is `key=value`. */
  readonly type: 'boolean' | 'string' | 'list' | 'number' | 'filter';
  /** Shown after the name of an option with a value, `--platform string`; Docker's word for the type unless given. */
  readonly valueName?: string;
  /** What counts where the option is not given, as a person would write it; help shows it. */
  readonly default?: string;
  readonly description: string;
  /** What completion offers behind it; nothing unless given. */
  readonly completes?: Completes;
}

/**
 * What a word of a command line may be: fixed words (those that end in `=` are gone on with), or what a look tells:
 * `images` by tag and ID, `repositories` with and without tag, `registries` that are known, `files` of the disk.
 */
export type Completes = readonly string[] | 'images' | 'repositories' | 'registries' | 'files';

export type Flags = Readonly<Record<string, Flag>>;

export interface ParsedArguments {
  /** True if `--help` stands among them. */
  readonly help: boolean;
  readonly args: readonly string[];
  isSet(name: string): boolean;
  /** The last value given. */
  value(name: string): string | undefined;
  /** Of an option of type list or filter: all values in their order. */
  list(name: string): readonly string[];
  /** Of an option of type number. */
  number(name: string): number | undefined;
  /** Of an option of type filter: by key, the values in their order. */
  filters(name: string): Readonly<Record<string, readonly string[]>>;
}

/** What Docker answers with exit code 125; `message` is its first line. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

export const HELP_FLAG: Flag = { short: 'h', type: 'boolean', description: 'Print usage' };

/**
 * Splits a command's words into options and arguments, by the rules and with the messages of Docker's own parser
 * (spf13/pflag). commander does the splitting, once what only pflag knows has been normalised; see docs/decisions/006.
 * @throws FlagError
 */
export function parseFlags(words: readonly string[], flags: Flags): ParsedArguments {
  const all = new Map(Object.entries({ ...flags, help: HELP_FLAG }));
  const normal = normalise(words, all);
  const given = new Map<string, string[]>();
  const args = splitWords(normal.words, all, (name, value) => {
    const flag = all.get(name);
    if (flag === undefined) return;
    check(name, flag, value);
    given.set(name, [...(given.get(name) ?? []), value]);
  });
  if (normal.failure !== undefined) throw normal.failure;
  const value = (name: string): string | undefined => given.get(name)?.at(-1) ?? all.get(name)?.default;
  const isSet = (name: string): boolean => parseBool(value(name) ?? '') ?? false;
  return {
    help: isSet('help'),
    args,
    isSet,
    value,
    list: (name) => given.get(name) ?? [],
    number: (name) => {
      const number = parseInt64(value(name) ?? '');
      return typeof number === 'number' ? number : undefined;
    },
    filters: (name) => toFilters(given.get(name) ?? []),
  };
}

/** What the word behind these words is. */
export interface WordPosition {
  /** The option whose value it is. */
  readonly option?: Flag;
  /** As which argument it would count, from 0. */
  readonly argument: number;
  /** Behind `--`, where nothing is an option. */
  readonly onlyArguments: boolean;
}

/** Where a person is who has typed these words. Options that there are not are passed over. */
export function positionBehind(words: readonly string[], flags: Flags): WordPosition {
  const all = new Map(Object.entries({ ...flags, help: HELP_FLAG }));
  let argument = 0;
  let option: Flag | undefined;
  for (const [i, word] of words.entries()) {
    if (option !== undefined) option = undefined;
    else if (word === '--') return { argument: argument + words.length - i - 1, onlyArguments: true };
    else if (!word.startsWith('-') || word === '-') argument++;
    else option = normalOption(word, all).wants;
  }
  return { ...(option === undefined ? {} : { option }), argument, onlyArguments: false };
}

/** Has commander split words that are normalised. @returns the arguments; options go to `take`, in their order */
function splitWords(
  words: readonly string[],
  flags: ReadonlyMap<string, Flag>,
  take: (name: string, value: string) => void,
): readonly string[] {
  const command = new Command().helpOption(false).exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  for (const [name, { short }] of flags) {
    const spelling = `${short === undefined ? '' : `-${short}, `}--${name} <value>`;
    command.addOption(new Option(spelling).argParser((value) => take(name, value)));
  }
  try {
    return command.parseOptions([...words]).operands;
  } catch (error) {
    const isMissing = error instanceof CommanderError && error.code === 'commander.optionMissingArgument';
    if (!isMissing) throw error;
    const last = words.at(-1) ?? '';
    const shown = last.startsWith('--') ? last : `'${last.slice(1)}' in ${last}`;
    throw new FlagError(`flag needs an argument: ${shown}`, { cause: error });
  }
}

interface NormalWords {
  readonly words: readonly string[];
  /** What pflag says of the word behind these, at which it stops. */
  readonly failure?: FlagError;
}

/**
 * pflag's spellings that commander takes otherwise, in ones that it takes alike: a boolean gets its value (`--all=true`,
 * as every option here is declared to have one), a group of letters becomes one option a word, `-p=x` becomes `-px`.
 * commander takes numbers such as `-5` for arguments and collects what it does not know, so unknown options are found here.
 */
function normalise(given: readonly string[], flags: ReadonlyMap<string, Flag>): NormalWords {
  const words: string[] = [];
  for (let i = 0; i < given.length; i++) {
    const word = given[i] ?? '';
    if (word === '--') return { words: [...words, ...given.slice(i)] };
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const { spelled, wants, failure } = normalOption(word, flags);
    words.push(...spelled);
    if (failure !== undefined) return { words, failure: new FlagError(failure) };
    // Whatever it looks like, it is the option's value.
    const next = given[i + 1];
    if (wants !== undefined && next !== undefined) {
      words.push(next);
      i++;
    }
  }
  return { words };
}

interface NormalWord {
  readonly spelled: readonly string[];
  /** The option whose value is the next word. */
  readonly wants?: Flag;
  readonly failure?: string;
}

function normalOption(word: string, flags: ReadonlyMap<string, Flag>): NormalWord {
  return word.startsWith('--') ? normalLong(word, flags) : normalGroup(word.slice(1), flags);
}

/** `--name`, `--name=value`, `--name value` */
function normalLong(word: string, flags: ReadonlyMap<string, Flag>): NormalWord {
  const [whole, name = '', value] = /^--([^=]*)(=.*)?$/s.exec(word) ?? [];
  if (whole === undefined || name === '' || name.startsWith('-')) {
    return { spelled: [], failure: `bad flag syntax: ${word}` };
  }
  const flag = flags.get(name);
  if (flag === undefined) return { spelled: [], failure: `unknown flag: --${name}` };
  if (value !== undefined) return { spelled: [word] };
  return flag.type === 'boolean' ? { spelled: [`${word}=true`] } : { spelled: [word], wants: flag };
}

/** `-a`, `-aq`, `-p=value`, `-pvalue`, `-p value` */
function normalGroup(letters: string, flags: ReadonlyMap<string, Flag>): NormalWord {
  const spelled: string[] = [];
  for (let rest = letters; rest !== ''; rest = rest.slice(1)) {
    const letter = rest.slice(0, 1);
    const found = [...flags].find(([, { short }]) => short === letter);
    if (found === undefined) {
      return { spelled, failure: `unknown shorthand flag: '${letter}' in -${rest}` };
    }
    const [name, { type }] = found;
    const behind = rest.slice(1);
    const hasValue = behind.length > 1 && behind.startsWith('=');
    if (hasValue) return { spelled: [...spelled, `--${name}${behind}`] };
    if (type === 'boolean') spelled.push(`--${name}=true`);
    else if (behind === '') return { spelled: [...spelled, `-${letter}`], wants: found[1] };
    else return { spelled: [...spelled, `-${rest}`] };
  }
  return { spelled };
}

/** @throws FlagError, as pflag words it */
function check(name: string, { type, short }: Flag, value: string): void {
  const reason = whatIsWrong(type, value);
  if (reason === undefined) return;
  const shown = short === undefined ? `--${name}` : `-${short}, --${name}`;
  throw new FlagError(`invalid argument "${value}" for "${shown}" flag: ${reason}`);
}

function whatIsWrong(type: Flag['type'], value: string): string | undefined {
  switch (type) {
    case 'boolean':
      return parseBool(value) === undefined
        ? `strconv.ParseBool: parsing "${value}": invalid syntax`
        : undefined;
    case 'number': {
      const number = parseInt64(value);
      return typeof number === 'number' ? undefined : `strconv.ParseInt: parsing "${value}": ${number}`;
    }
    case 'filter':
      return value === '' || parseFilter(value) !== undefined
        ? undefined
        : 'bad format of filter (expected name=value)';
    case 'string':
    case 'list':
      return undefined;
  }
}

function toFilters(texts: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const filters = new Map<string, readonly string[]>();
  for (const text of texts) {
    const filter = parseFilter(text);
    if (filter !== undefined) filters.set(filter.key, [...(filters.get(filter.key) ?? []), filter.value]);
  }
  return Object.fromEntries(filters);
}
