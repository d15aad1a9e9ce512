/** Of a word whose quotes or variables are wrong; Docker's words without the word itself. */
export class WordError extends Error {
  override readonly name = 'WordError';
}

/** What stands for special parameters in a shell, and for nothing here (buildkit shell/lex.go, isSpecialParam). */
const SPECIAL = /^[@*#?\-$!0]$/;
const NAME_CHARACTER = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;

/**
 * Takes the quotes and escapes off a word and puts variables in, as Docker does with the words of a Dockerfile
 * (buildkit frontend/dockerfile/shell/lex.go, ProcessWord).
 * @param escape `\`, or a backtick where the Dockerfile says so
 * @throws Error `failed to process "word": …`
 */
export function expandWord(word: string, variables: ReadonlyMap<string, string>, escape: string): string {
  return expandWords(word, variables, escape).joined;
}

/** The same, and what becomes of it where unquoted blanks of a variable part words (lex.go, ProcessWords). */
export function expandWords(
  word: string,
  variables: ReadonlyMap<string, string>,
  escape: string,
): { readonly joined: string; readonly words: readonly string[] } {
  const lexer = new WordLexer(word, variables, escape);
  try {
    return lexer.run();
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    throw new WordError(`failed to process ${JSON.stringify(word)}: ${error.message}`);
  }
}

class WordLexer {
  readonly #characters: readonly string[];
  readonly #variables: ReadonlyMap<string, string>;
  readonly #escape: string;
  #at = 0;

  constructor(word: string, variables: ReadonlyMap<string, string>, escape: string) {
    this.#characters = Array.from(word);
    this.#variables = variables;
    this.#escape = escape;
  }

  run(): { joined: string; words: readonly string[] } {
    const words = new Words();
    const joined = this.#until(undefined, words);
    return { joined, words: words.all() };
  }

  get #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(): string | undefined {
    return this.#characters[this.#at++];
  }

  /** Reads up to a character, or to the end where none is given. */
  #until(stop: string | undefined, words: Words): string {
    let result = '';
    for (let next = this.#next; next !== undefined; next = this.#next) {
      if (next === stop) {
        this.#at++;
        return result;
      }
      if (next === "'" || next === '"') {
        const quoted = next === "'" ? this.#single() : this.#double();
        words.addQuoted(quoted);
        result += quoted;
      } else if (next === '$') {
        const value = this.#dollar();
        words.addBare(value);
        result += value;
      } else {
        this.#at++;
        if (next === this.#escape) {
          const escaped = this.#take();
          if (escaped === undefined) break;
          words.addQuoted(escaped);
          result += escaped;
        } else {
          words.addBare(next);
          result += next;
        }
      }
    }
    if (stop === undefined) return result;
    throw new WordError(`unexpected end of statement while looking for matching ${stop}`);
  }

  #single(): string {
    this.#at++;
    const end = this.#characters.indexOf("'", this.#at);
    if (end === -1)
      throw new WordError('unexpected end of statement while looking for matching single-quote');
    const text = this.#characters.slice(this.#at, end).join('');
    this.#at = end + 1;
    return text;
  }

  #double(): string {
    this.#at++;
    let result = '';
    for (let next = this.#next; next !== '"'; next = this.#next) {
      if (next === undefined) {
        throw new WordError('unexpected end of statement while looking for matching double-quote');
      }
      if (next === '$') {
        result += this.#dollar();
        continue;
      }
      this.#at++;
      const behind = this.#next;
      if (next === this.#escape && behind === undefined) continue;
      const isEscape = next === this.#escape && (behind === '"' || behind === '$' || behind === this.#escape);
      result += isEscape ? (this.#take() ?? '') : next;
    }
    this.#at++;
    return result;
  }

  #dollar(): string {
    this.#at++;
    const first = this.#next;
    if (first !== '{') {
      const name = this.#name();
      return name === '' ? '$' : (this.#variables.get(name) ?? '');
    }
    this.#at++;
    const second = this.#next;
    if (second === undefined) throw new WordError("syntax error: missing '}'");
    if (second === '{' || second === '}' || second === ':') {
      throw new WordError('syntax error: bad substitution');
    }
    const name = this.#name();
    const value = this.#variables.get(name);
    switch (this.#take()) {
      case '}':
        return value ?? '';
      case '?':
        return this.#required(name, value, this.#operand(), false);
      case ':':
        return this.#modified(name, value);
      default:
        throw new WordError("missing ':' in substitution");
    }
  }

  #modified(name: string, value: string | undefined): string {
    const modifier = this.#take();
    const word = this.#operand();
    const isSet = value !== undefined && value !== '';
    switch (modifier) {
      case '+':
        return isSet ? word : '';
      case '-':
        return isSet ? value : word;
      case '?':
        return this.#required(name, value, word, true);
      default:
        throw new WordError(`unsupported modifier (${modifier ?? '\uFFFD'}) in substitution`);
    }
  }

  #required(name: string, value: string | undefined, word: string, notEmpty: boolean): string {
    if (value !== undefined && !(notEmpty && value === '')) return value;
    const reason = value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty';
    throw new WordError(`${name}: ${word === '' ? reason : word}`);
  }

  #operand(): string {
    try {
      return this.#until('}', new Words());
    } catch (error) {
      if (this.#next === undefined) throw new WordError("syntax error: missing '}'");
      throw error;
    }
  }

  #name(): string {
    let name = '';
    for (let next = this.#next; next !== undefined; next = this.#next) {
      if (name === '' && SPECIAL.test(next) && !DIGIT.test(next)) {
        this.#at++;
        return next;
      }
      if (!NAME_CHARACTER.test(next)) break;
      if (name !== '' && DIGIT.test(name.charAt(0)) && !DIGIT.test(next)) break;
      this.#at++;
      name += next;
    }
    return name;
  }
}

/** Parts what it is given at blanks that no quote holds (lex.go, wordsStruct). */
class Words {
  readonly #done: string[] = [];
  #current = '';
  #inWord = false;

  addBare(text: string): void {
    for (const character of text) {
      if (/\s/u.test(character)) this.#end();
      else this.addQuoted(character);
    }
  }

  addQuoted(text: string): void {
    this.#current += text;
    this.#inWord = true;
  }

  all(): readonly string[] {
    this.#end();
    return this.#done;
  }

  #end(): void {
    if (this.#inWord && this.#current !== '') this.#done.push(this.#current);
    this.#current = '';
    this.#inWord = false;
  }
}
