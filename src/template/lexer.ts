import { quote } from './quote.ts';
import { isKeyword, unicodeName } from './tokens.ts';
import type { Token, TokenType } from './tokens.ts';

const LEFT = '{{';
const RIGHT = '}}';
const COMMENT_START = '/*';
const COMMENT_END = '*/';
/** A dash and the space that must stand beside it. */
const TRIM_LENGTH = 2;
const SPACES = ' \t\r\n';

const isSpace = (character: string): boolean => character !== '' && SPACES.includes(character);
const isAlphaNumeric = (character: string): boolean => /^[_\p{L}\p{Nd}]$/u.test(character);
const isDigit = (character: string): boolean => /^[0-9]$/.test(character);
const isPrintableAscii = (character: string): boolean => /^[ -~]$/.test(character);

type State = () => State | undefined;

/** Cuts a template into tokens, one at each `next()`. After an error or the end come empty error tokens, as in Go. */
export class Lexer {
  readonly #input: string;
  readonly #items: Token[] = [];
  #state: State | undefined = () => this.#text();
  #pos = 0;
  #start = 0;
  #line = 1;
  #startLine = 1;
  #parens = 0;

  constructor(input: string) {
    this.#input = input;
  }

  next(): Token {
    while (this.#items.length === 0 && this.#state !== undefined) this.#state = this.#state();
    return this.#items.shift() ?? { type: 'error', pos: 0, text: '', line: 0 };
  }

  /** The next code point; the empty string at the end. */
  #peek(): string {
    const code = this.#input.codePointAt(this.#pos);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #take(): string {
    const character = this.#peek();
    this.#pos += character.length;
    if (character === '\n') this.#line += 1;
    return character;
  }

  #accept(characters: string): boolean {
    const character = this.#peek();
    if (character === '' || !characters.includes(character)) return false;
    this.#take();
    return true;
  }

  #acceptRun(characters: string): void {
    while (this.#accept(characters));
  }

  #emit(type: TokenType): void {
    const text = this.#input.slice(this.#start, this.#pos);
    this.#items.push({ type, pos: this.#start, text, line: this.#startLine });
    this.#start = this.#pos;
    this.#startLine = this.#line;
  }

  #countLines(): void {
    this.#line += this.#input.slice(this.#start, this.#pos).split('\n').length - 1;
  }

  #ignore(): void {
    this.#countLines();
    this.#start = this.#pos;
    this.#startLine = this.#line;
  }

  #fail(text: string): State | undefined {
    this.#items.push({ type: 'error', pos: this.#start, text, line: this.#startLine });
    return undefined;
  }

  /** Whether an action ends at `pos`, perhaps with a trim marker. */
  #hasTrim(pos: number): boolean {
    return isSpace(this.#input.charAt(pos)) && this.#input.charAt(pos + 1) === '-';
  }

  #rightDelim(pos: number): 'plain' | 'trim' | undefined {
    if (this.#hasTrim(pos) && this.#input.startsWith(RIGHT, pos + TRIM_LENGTH)) return 'trim';
    return this.#input.startsWith(RIGHT, pos) ? 'plain' : undefined;
  }

  #text(): State | undefined {
    const found = this.#input.indexOf(LEFT, this.#pos);
    if (found === -1) {
      this.#pos = this.#input.length;
      this.#emitText();
      this.#emit('eof');
      return undefined;
    }
    const marker = this.#input.slice(found + LEFT.length, found + LEFT.length + TRIM_LENGTH);
    const trims = marker.startsWith('-') && isSpace(marker.charAt(1));
    this.#pos = found;
    if (trims) while (this.#pos > this.#start && isSpace(this.#input.charAt(this.#pos - 1))) this.#pos -= 1;
    this.#emitText();
    this.#pos = found;
    this.#ignore();
    this.#pos += LEFT.length;
    if (this.#input.startsWith(COMMENT_START, this.#pos + (trims ? TRIM_LENGTH : 0))) {
      this.#pos += trims ? TRIM_LENGTH : 0;
      this.#ignore();
      return () => this.#comment();
    }
    this.#emit('leftDelim');
    this.#pos += trims ? TRIM_LENGTH : 0;
    this.#ignore();
    this.#parens = 0;
    return this.#inside;
  }

  #emitText(): void {
    if (this.#pos === this.#start) return;
    this.#countLines();
    this.#emit('text');
  }

  #comment(): State | undefined {
    const end = this.#input.indexOf(COMMENT_END, this.#pos + COMMENT_START.length);
    if (end === -1) return this.#fail('unclosed comment');
    this.#pos = end + COMMENT_END.length;
    const delim = this.#rightDelim(this.#pos);
    if (delim === undefined) return this.#fail('comment ends before closing delimiter');
    this.#pos += RIGHT.length + (delim === 'trim' ? TRIM_LENGTH : 0);
    if (delim === 'trim') this.#skipSpaces();
    this.#ignore();
    return () => this.#text();
  }

  #skipSpaces(): void {
    while (isSpace(this.#input.charAt(this.#pos))) this.#pos += 1;
  }

  #close(): State {
    const trims = this.#hasTrim(this.#pos);
    if (trims) {
      this.#pos += TRIM_LENGTH;
      this.#ignore();
    }
    this.#pos += RIGHT.length;
    this.#emit('rightDelim');
    if (trims) {
      this.#skipSpaces();
      this.#ignore();
    }
    return () => this.#text();
  }

  readonly #inside: State = () => {
    if (this.#rightDelim(this.#pos) !== undefined)
      return this.#parens === 0 ? () => this.#close() : this.#fail('unclosed left paren');
    const character = this.#peek();
    if (isSpace(character)) return this.#space();
    if (isDigit(character) || character === '+' || character === '-') return this.#number();
    // A dot at the very end counts as a number, which the parser refuses.
    if (character === '.' && /^[0-9]?$/.test(this.#input.charAt(this.#pos + 1))) return this.#number();
    if (isAlphaNumeric(character)) return this.#identifier();
    this.#take();
    switch (character) {
      case '':
        return this.#fail('unclosed action');
      case '=':
        this.#emit('assign');
        break;
      case ':':
        if (this.#take() !== '=') return this.#fail('expected :=');
        this.#emit('declare');
        break;
      case '|':
        this.#emit('pipe');
        break;
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string');
      case "'":
        return this.#quoted("'", 'charConstant', 'unterminated character constant');
      case '`':
        return this.#rawString();
      case '$':
        return this.#name('variable', 'variable');
      case '.':
        return this.#name('field', 'dot');
      case '(':
        this.#emit('leftParen');
        this.#parens += 1;
        break;
      case ')':
        this.#emit('rightParen');
        this.#parens -= 1;
        if (this.#parens < 0) return this.#fail(`unexpected right paren ${unicodeName(character)}`);
        break;
      default:
        if (!isPrintableAscii(character))
          return this.#fail(`unrecognized character in action: ${unicodeName(character)}`);
        this.#emit('char');
    }
    return this.#inside;
  };

  #space(): State {
    let count = 0;
    while (isSpace(this.#peek())) {
      this.#take();
      count += 1;
    }
    // The last space may belong to a trim marker.
    if (this.#rightDelim(this.#pos - 1) === 'trim') {
      this.#pos -= 1;
      if (this.#input.charAt(this.#pos) === '\n') this.#line -= 1;
      if (count === 1) return () => this.#close();
    }
    this.#emit('space');
    return this.#inside;
  }

  #identifier(): State | undefined {
    while (isAlphaNumeric(this.#peek())) this.#take();
    const word = this.#input.slice(this.#start, this.#pos);
    if (!this.#atTerminator()) return this.#fail(`bad character ${unicodeName(this.#peek())}`);
    if (isKeyword(word)) this.#emit(word);
    else this.#emit(word === 'true' || word === 'false' ? 'bool' : 'identifier');
    return this.#inside;
  }

  /** What follows `.` or `$`, or just that. */
  #name(type: TokenType, alone: TokenType): State | undefined {
    if (this.#atTerminator()) {
      this.#emit(alone);
      return this.#inside;
    }
    while (isAlphaNumeric(this.#peek())) this.#take();
    if (!this.#atTerminator()) return this.#fail(`bad character ${unicodeName(this.#peek())}`);
    this.#emit(type);
    return this.#inside;
  }

  #atTerminator(): boolean {
    const character = this.#peek();
    return (
      character === '' || `${SPACES}.,|:)(`.includes(character) || this.#input.startsWith(RIGHT, this.#pos)
    );
  }

  #quoted(mark: string, type: TokenType, unterminated: string): State | undefined {
    for (;;) {
      let character = this.#take();
      if (character === mark) break;
      if (character === '\\') character = this.#take();
      if (character === '' || character === '\n') return this.#fail(unterminated);
    }
    this.#emit(type);
    return this.#inside;
  }

  #rawString(): State | undefined {
    for (;;) {
      const character = this.#take();
      if (character === '') return this.#fail('unterminated raw quoted string');
      if (character === '`') break;
    }
    this.#emit('rawString');
    return this.#inside;
  }

  /** Accepts some that are none; the parser looks closer. */
  #number(): State | undefined {
    const bad = (): State | undefined =>
      this.#fail(`bad number syntax: ${quote(this.#input.slice(this.#start, this.#pos))}`);
    if (!this.#scanNumber()) return bad();
    if (this.#peek() !== '+' && this.#peek() !== '-') {
      this.#emit('number');
      return this.#inside;
    }
    if (!this.#scanNumber() || this.#input.charAt(this.#pos - 1) !== 'i') return bad();
    this.#emit('complex');
    return this.#inside;
  }

  #scanNumber(): boolean {
    this.#accept('+-');
    let digits = '0123456789_';
    let exponent = 'eE';
    if (this.#accept('0')) {
      if (this.#accept('xX')) [digits, exponent] = ['0123456789abcdefABCDEF_', 'pP'];
      else if (this.#accept('oO')) [digits, exponent] = ['01234567_', ''];
      else if (this.#accept('bB')) [digits, exponent] = ['01_', ''];
    }
    this.#acceptRun(digits);
    if (this.#accept('.')) this.#acceptRun(digits);
    if (this.#accept(exponent)) {
      this.#accept('+-');
      this.#acceptRun('0123456789_');
    }
    this.#accept('i');
    if (!isAlphaNumeric(this.#peek())) return true;
    this.#take();
    return false;
  }
}
