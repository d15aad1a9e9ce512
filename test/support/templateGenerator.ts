import type { Random } from './tarGenerator.ts';

const FIELDS = ['.', '$', '$x', '.S', '.N', '.L', '.M', '.M.a', '.Nil', '.Nope', '.S.X', '.Deep.a.b', '$.S'];
const LITERALS = [
  '1',
  '0',
  '-3',
  '"a"',
  '"x,y"',
  'true',
  'nil',
  '1.5',
  "'c'",
  '`raw`',
  '""',
  '"日本"',
  '0x1F',
  '1i',
  '1e400',
];
const FUNCTIONS = [
  'and',
  'or',
  'not',
  'len',
  'index',
  'slice',
  'print',
  'printf',
  'println',
  'html',
  'js',
  'urlquery',
  'eq',
  'lt',
  'ge',
  'json',
  'split',
  'join',
  'title',
  'upper',
  'pad',
  'truncate',
  'call',
];
const BROKEN = [
  '{{',
  '}}',
  '{{.S',
  '{{"a',
  '{{.}',
  '{{$',
  '{{.S | }}',
  '{{€}}',
  '{{1.2.3}}',
  '{{`',
  '{{if}}',
  '{{("a"}}',
  '\u0000',
  '\ud800',
];
const DECLARATIONS = ['', '', '$x := ', '$i, $x := ', '$x = '];

/** Random templates, most of which parse: every construct, and now and then a broken one. */
export class TemplateGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  template(): string {
    const whole = `{{$x := ${this.#term(0)}}}{{define "t"}}${this.#list(1)}{{end}}${this.#list(3)}`;
    if (this.#chance(90)) return whole;
    const at = this.#random.below(whole.length);
    return whole.slice(0, at) + whole.slice(at + this.#random.below(4));
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  #pick(texts: readonly string[]): string {
    return texts[this.#random.below(texts.length)] ?? '';
  }

  #format(): string {
    const flags = this.#pick(['', '', '+', '-', '#', ' ', '0', '# ']);
    const width = this.#pick(['', '', '5', '*', '[1]', '[9]', '99999999']);
    const precision = this.#pick(['', '', '.2', '.', '.*', '.[1]']);
    return `"a%${flags}${width}${precision}${this.#pick(Array.from('vdsqxXteEfgcUbopTOz%w'))}"`;
  }

  #term(depth: number): string {
    if (depth > 0 && this.#chance(20)) return `(${this.#pipeline(depth - 1)})${this.#pick(['', '', '.A'])}`;
    return this.#pick([this.#pick(FIELDS), this.#pick(LITERALS), this.#format()]);
  }

  #command(depth: number): string {
    if (this.#chance(35)) return this.#term(depth);
    const args = Array.from({ length: this.#random.below(4) }, () => this.#term(depth));
    return [this.#pick(FUNCTIONS), ...args].join(' ');
  }

  #pipeline(depth: number): string {
    const more = this.#chance(25) ? ` | ${this.#pipeline(depth)}` : '';
    return this.#command(depth) + more;
  }

  #list(depth: number): string {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#node(depth)).join('');
  }

  #node(depth: number): string {
    const kind = depth > 0 ? this.#random.below(11) : this.#random.below(6);
    const end = this.#chance(97) ? '{{end}}' : '';
    switch (kind) {
      case 0:
        return this.#pick(['text', ' ', '\n', '{', '日本']);
      case 1:
        return this.#chance(10) ? this.#pick(BROKEN) : '{{/* comment */ -}}';
      case 2:
        return `{{template "t" ${this.#term(1)}}}`;
      case 3:
        return `{{$x ${this.#pick([':=', '='])} ${this.#pipeline(1)}}}`;
      case 6:
        return `{{if ${this.#pipeline(1)}}}${this.#list(depth - 1)}{{else}}${this.#list(depth - 1)}${end}`;
      case 7:
      case 8: {
        const body = this.#list(depth - 1) + this.#pick(['', '{{break}}', '{{continue}}']);
        return `{{range ${this.#pick(DECLARATIONS)}${this.#pick(['.L', '.M', this.#pipeline(1)])}}}${body}${end}`;
      }
      case 9:
        return `{{with ${this.#pipeline(1)}}}${this.#list(depth - 1)}${end}`;
      case 10:
        return `{{block "b" ${this.#term(1)}}}${this.#list(depth - 1)}${end}`;
      default:
        return `{{${this.#pick(['', '- '])}${this.#pipeline(2)}${this.#pick(['', ' -'])}}}`;
    }
  }
}
