/** One option of a command, as its help shows it. */
export interface Flag {
  readonly short?: string;
  /** `list` may stand several times; `number` is a whole number, as strconv.ParseInt reads it. */
  readonly type: 'boolean' | 'string' | 'list' | 'number';
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
  /** Of an option of type list: all values in their order. */
  list(name: string): readonly string[];
  /** Of an option of type number. */
  number(name: string): number | undefined;
}

/** What Docker answers with exit code 125; `message` is its first line. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

const HELP: Flag = { short: 'h', type: 'boolean', description: '' };

/** Go's strconv.ParseBool takes these spellings and no others. */
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/**
 * Splits a command's words into options and arguments, by the rules and with the messages of Docker's own parser (spf13/pflag).
 * @throws FlagError
 */
export function parseFlags(words: readonly string[], flags: Flags): ParsedArguments {
  const parser = new FlagParser(words, { ...flags, help: HELP });
  parser.parse();
  const { args, values } = parser;
  return {
    help: values.get('help') === 'true',
    args,
    isSet: (name) => values.get(name) === 'true',
    value: (name) => values.get(name),
    list: (name) => parser.lists.get(name) ?? [],
    number: (name) => {
      const value = values.get(name);
      return value === undefined ? undefined : Number(value);
    },
  };
}

class FlagParser {
  readonly args: string[] = [];
  readonly values = new Map<string, string>();
  readonly lists = new Map<string, readonly string[]>();
  readonly #words: string[];
  readonly #flags: ReadonlyMap<string, Flag>;

  constructor(words: readonly string[], flags: Flags) {
    this.#words = [...words];
    this.#flags = new Map(Object.entries(flags));
  }

  parse(): void {
    for (let word = this.#words.shift(); word !== undefined; word = this.#words.shift()) {
      if (word === '--') {
        this.args.push(...this.#words);
        return;
      }
      if (word.startsWith('--')) this.#long(word);
      else if (word.startsWith('-') && word !== '-') this.#group(word.slice(1));
      else this.args.push(word);
    }
  }

  /** `--name`, `--name=value`, `--name value` */
  #long(word: string): void {
    const [whole, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (whole === undefined || name === '' || name.startsWith('-'))
      throw new FlagError(`bad flag syntax: ${word}`);
    const flag = this.#flags.get(name);
    if (flag === undefined) throw new FlagError(`unknown flag: --${name}`);
    this.#set(name, flag, value ?? this.#implied(flag, `--${name}`));
  }

  /** `-a`, `-aq`, `-p=value`, `-pvalue`, `-p value` */
  #group(letters: string): void {
    for (let rest = letters; rest !== '';) {
      const letter = rest.slice(0, 1);
      const found = [...this.#flags].find(([, { short }]) => short === letter);
      if (found === undefined) throw new FlagError(`unknown shorthand flag: '${letter}' in -${rest}`);
      const [name, flag] = found;
      const behind = rest.slice(1);
      if (behind.length > 1 && behind.startsWith('=')) {
        this.#set(name, flag, behind.slice(1));
        return;
      }
      if (flag.type !== 'boolean' && behind !== '') {
        this.#set(name, flag, behind);
        return;
      }
      this.#set(name, flag, this.#implied(flag, `'${letter}' in -${rest}`));
      rest = behind;
    }
  }

  /** The value of an option that stands without one: the next word, whatever it looks like. */
  #implied(flag: Flag, shown: string): string {
    if (flag.type === 'boolean') return 'true';
    const next = this.#words.shift();
    if (next === undefined) throw new FlagError(`flag needs an argument: ${shown}`);
    return next;
  }

  #set(name: string, { type, short }: Flag, value: string): void {
    const refuse = (parser: string): never => {
      const shown = short === undefined ? `--${name}` : `-${short}, --${name}`;
      const reason = `strconv.${parser}: parsing "${value}": invalid syntax`;
      throw new FlagError(`invalid argument "${value}" for "${shown}" flag: ${reason}`);
    };
    if (type === 'boolean') {
      if (!TRUE.has(value) && !FALSE.has(value)) refuse('ParseBool');
      this.values.set(name, String(TRUE.has(value)));
      return;
    }
    if (type === 'number' && !/^[+-]?\d+$/.test(value)) refuse('ParseInt');
    if (type === 'list') this.lists.set(name, [...(this.lists.get(name) ?? []), value]);
    this.values.set(name, value);
  }
}
