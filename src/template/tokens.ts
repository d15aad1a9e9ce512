import { byteLength } from './bytes.ts';
import { isPrintable, quote } from './quote.ts';

/** Tokens of a template (Go's text/template/parse, lex.go). */
export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword;

type Keyword =
  | 'dot'
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with';

export interface Token {
  readonly type: TokenType;
  /** Index into the text, in UTF-16 units. */
  readonly pos: number;
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const KEYWORDS: ReadonlySet<string> = new Set<Exclude<Keyword, 'dot'>>([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
]);

/** Words with a meaning of their own; `break` and `continue` too, as no function has these names. */
export const isKeyword = (word: string): word is Keyword => KEYWORDS.has(word);

/** What can begin an operand. */
export const OPERANDS: ReadonlySet<TokenType> = new Set<TokenType>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'leftParen',
  'nil',
  'number',
  'rawString',
  'string',
  'variable',
]);
/** Bytes of a token that a message shows whole, and characters of a longer one. */
const SHOWN = 10;

/** A token in a message: keywords in angle brackets, long ones cut. */
export function shownToken({ type, text }: Token): string {
  if (type === 'eof') return 'EOF';
  if (type === 'dot' || isKeyword(type)) return `<${text}>`;
  return byteLength(text) > SHOWN ? `${quote(Array.from(text).slice(0, SHOWN).join(''))}...` : quote(text);
}

/** `U+007D '}'` */
export function unicodeName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrintable(character) ? `${name} '${character}'` : name;
}
