import type { Maybe } from './model.ts';
import { Printer, Text } from './printer.ts';
import type { Flags } from './printer.ts';
import { concrete } from './values.ts';

/** The largest width or precision that Go takes. */
const LARGEST = 1_000_000;

/** fmt.Sprint: spaces where neither neighbour is a string. */
export function sprint(args: readonly Maybe[]): string {
  const out = new Text();
  let wasString = true;
  args.forEach((arg, index) => {
    const isString = concrete(arg)?.kind === 'string';
    if (index > 0 && !isString && !wasString) out.write(' ');
    new Printer(out).print(arg, 'v', {});
    wasString = isString;
  });
  return out.toString();
}

/** fmt.Sprintln: spaces everywhere. */
export function sprintln(args: readonly Maybe[]): string {
  const out = new Text();
  args.forEach((arg, index) => {
    if (index > 0) out.write(' ');
    new Printer(out).print(arg, 'v', {});
  });
  out.write('\n');
  return out.toString();
}

/** fmt.Sprintf. What is wrong with the format is printed in it, as in Go. */
export function sprintf(format: string, args: readonly Maybe[]): string {
  const out = new Text();
  new Formatter(format, args, out).run();
  return out.toString();
}

class Formatter {
  readonly #format: string;
  readonly #args: readonly Maybe[];
  readonly #out: Text;
  #at = 0;
  #next = 0;
  /** An index like `[3]` was used: then arguments left over are no fault. */
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;

  constructor(format: string, args: readonly Maybe[], out: Text) {
    this.#format = format;
    this.#args = args;
    this.#out = out;
  }

  run(): void {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      const end = percent === -1 ? this.#format.length : percent;
      this.#out.write(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (percent !== -1 && !this.#verb()) break;
    }
    if (!this.#reordered && this.#next < this.#args.length) this.#extra();
  }

  /** @returns false at the end of the format */
  #verb(): boolean {
    this.#forgetIndex();
    const flags = this.#flags();
    this.#index();
    this.#width(flags);
    this.#precision(flags);
    if (!this.#afterIndex) this.#index();
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) {
      this.#out.write('%!(NOVERB)');
      return false;
    }
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    if (verb === '%') this.#out.write('%');
    else if (!this.#goodIndex) this.#out.write(`%!${verb}(BADINDEX)`);
    else if (this.#next >= this.#args.length) this.#out.write(`%!${verb}(MISSING)`);
    else {
      const { plus = false, sharp = false, ...others } = flags;
      const used: Flags = verb === 'v' ? { ...others, plusV: plus, sharpV: sharp } : flags;
      new Printer(this.#out).print(this.#args[this.#next], verb, used);
      this.#next += 1;
    }
    return true;
  }

  #forgetIndex(): void {
    this.#goodIndex = true;
    this.#afterIndex = false;
  }

  #flags(): Flags {
    const flags: Flags = {};
    for (;;) {
      switch (this.#format.charAt(this.#at)) {
        case '#':
          flags.sharp = true;
          break;
        case '0':
          flags.zero = flags.minus !== true;
          break;
        case '+':
          flags.plus = true;
          break;
        case '-':
          flags.minus = true;
          flags.zero = false;
          break;
        case ' ':
          flags.space = true;
          break;
        default:
          return flags;
      }
      this.#at += 1;
    }
  }

  /** `[2]` before a verb, a width or a precision. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#format.charAt(this.#at) !== '[') return;
    this.#reordered = true;
    const rest = this.#format.length - this.#at;
    const close = rest < 3 ? -1 : this.#format.indexOf(']', this.#at);
    const digits = close === -1 ? '' : this.#format.slice(this.#at + 1, close);
    const isNumber = /^[0-9]+$/.test(digits) && Number(digits) <= LARGEST;
    // Go steps over the bracket alone where it never closes.
    this.#at = close === -1 ? this.#at + 1 : close + 1;
    const index = Number(digits) - 1;
    if (isNumber && index >= 0 && index < this.#args.length) this.#next = index;
    else this.#goodIndex = false;
    this.#afterIndex = isNumber;
  }

  #width(flags: Flags): void {
    if (this.#format.charAt(this.#at) === '*') {
      this.#at += 1;
      const width = this.#fromArgument();
      if (width === undefined) this.#out.write('%!(BADWIDTH)');
      else flags.width = Math.abs(width);
      if (width !== undefined && width < 0) {
        flags.minus = true;
        flags.zero = false;
      }
      this.#afterIndex = false;
      return;
    }
    const width = this.#number();
    if (width === undefined) return;
    flags.width = width;
    if (this.#afterIndex) this.#goodIndex = false;
  }

  #precision(flags: Flags): void {
    if (this.#format.charAt(this.#at) !== '.' || this.#at + 1 >= this.#format.length) return;
    this.#at += 1;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (this.#format.charAt(this.#at) !== '*') {
      flags.precision = this.#number() ?? 0;
      return;
    }
    this.#at += 1;
    const precision = this.#fromArgument();
    if (precision === undefined || precision < 0) this.#out.write('%!(BADPREC)');
    else flags.precision = precision;
    this.#afterIndex = false;
  }

  #number(): number | undefined {
    const from = this.#at;
    while (/^[0-9]$/.test(this.#format.charAt(this.#at))) this.#at += 1;
    if (this.#at === from) return undefined;
    // Go gives up where another digit follows a number that is too large already, and on all that follows.
    const isTooLarge = Number(this.#format.slice(from, this.#at - 1)) > LARGEST;
    const digits = this.#format.slice(from, this.#at);
    if (isTooLarge) this.#at = this.#format.length;
    return isTooLarge ? undefined : Number(digits);
  }

  /** The value of `*`. @returns undefined for what is no small integer */
  #fromArgument(): number | undefined {
    const arg = concrete(this.#args[this.#next]);
    if (this.#next < this.#args.length) this.#next += 1;
    if (arg?.kind !== 'int' && arg?.kind !== 'uint') return undefined;
    const value = Number(arg.value);
    return Math.abs(value) > LARGEST ? undefined : value;
  }

  #extra(): void {
    this.#out.write('%!(EXTRA ');
    this.#args.slice(this.#next).forEach((arg, index) => {
      if (index > 0) this.#out.write(', ');
      const value = concrete(arg);
      this.#out.write(value === undefined ? '<nil>' : `${value.type.name}=`);
      if (value !== undefined) new Printer(this.#out).print(value, 'v', {});
    });
    this.#out.write(')');
  }
}
