/** One challenge of WWW-Authenticate (RFC 9110, section 11.6.1). Names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const SPACES = /[ \t]*/y;
/** More than a token: some registries leave the quotes of a URL out. Not a token68's second "=". */
const UNQUOTED = /[^\s",=][^\s",]*/y;
const TOKEN68 = /[\w\-.~+/]+=*(?=[ \t]*(?:,|$))/y;

/**
 * Reads all challenges, in order. A server may send anything here: what cannot be read ends the reading,
 * and what was read before it stands. Each character is looked at a fixed number of times.
 */
export function parseChallenges(header: string): Challenge[] {
  const scanner = new Scanner(header);
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  while (!scanner.done) {
    scanner.skipCommas();
    const word = scanner.match(TOKEN);
    if (word === undefined) break;
    const current = challenges.at(-1);
    const afterWord = scanner.position;
    scanner.match(SPACES);
    if (current && scanner.take('=')) {
      const value = scanner.value();
      if (value === undefined) break;
      // The first of a repeated parameter counts.
      const name = word.toLowerCase();
      if (!current.params.has(name)) current.params.set(name, value);
      continue;
    }
    const params = new Map<string, string>();
    challenges.push({ scheme: word.toLowerCase(), params });
    if (scanner.position === afterWord) continue;
    if (!scanner.atParameter()) scanner.match(TOKEN68);
  }
  return challenges;
}

class Scanner {
  readonly #text: string;
  position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.position >= this.#text.length;
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  take(character: string): boolean {
    if (this.#text[this.position] !== character) return false;
    this.position += 1;
    return true;
  }

  skipCommas(): void {
    do this.match(SPACES);
    while (this.take(','));
  }

  /** A quoted string or a token, after "=". */
  value(): string | undefined {
    this.match(SPACES);
    if (!this.take('"')) return this.match(UNQUOTED);
    let value = '';
    while (!this.done) {
      if (this.take('"')) return value;
      this.take('\\');
      value += this.#text[this.position] ?? '';
      this.position += 1;
    }
    return undefined;
  }

  /** Whether `name=value` stands here rather than a token68 (whose "=" is at its end). */
  atParameter(): boolean {
    const start = this.position;
    const found =
      this.match(TOKEN) !== undefined &&
      this.match(SPACES) !== undefined &&
      this.take('=') &&
      this.value() !== undefined;
    this.position = start;
    return found;
  }
}
