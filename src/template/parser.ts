import { MAX_TEMPLATE_CHARS, MAX_TEMPLATE_NESTING } from '../base/limits.ts';
import { TemplateError } from './errors.ts';
import { Lexer } from './lexer.ts';
import { isEmptyNode, nodeText } from './nodes.ts';
import type { Argument, BranchNode, CommandNode, ListNode, MarkNode, Node, PipeNode } from './nodes.ts';
import type { TemplateNode, VariableNode } from './nodes.ts';
import { parseConstant } from './numbers.ts';
import { quote, unquote } from './quote.ts';
import { OPERANDS, shownToken } from './tokens.ts';
import type { Token, TokenType } from './tokens.ts';

const VALUES: ReadonlySet<Argument['kind']> = new Set<Argument['kind']>([
  'bool',
  'dot',
  'nil',
  'number',
  'string',
]);
/** The templates of a text by name: the text itself under the empty name, and what `define` and `block` name. */
export type Trees = ReadonlyMap<string, ListNode>;

interface Shared {
  readonly lexer: Lexer;
  readonly functions: ReadonlySet<string>;
  readonly trees: Map<string, ListNode>;
  /** Blocks, branches and parentheses that are open. */
  depth: number;
}

/**
 * Parses a text (Go's text/template/parse, parse.go, for a template without a name).
 * @param functions the names that may be called
 * @throws TemplateError in Go's words
 */
export function parseTrees(text: string, functions: ReadonlySet<string>): Trees {
  if (text.length > MAX_TEMPLATE_CHARS)
    throw new TemplateError(`template: longer than ${MAX_TEMPLATE_CHARS} characters`);
  const shared = { lexer: new Lexer(text), functions, trees: new Map<string, ListNode>(), depth: 0 };
  new TreeParser(shared).parse();
  return shared.trees;
}

/** The parser of one template; it hands the lexer to a new one for each `define` and `block`. */
class TreeParser {
  readonly #shared: Shared;
  /** The token that was read last: its line stands in messages. */
  #last: Token = { type: 'error', pos: 0, text: '', line: 0 };
  /** Tokens put back, the next of them last. */
  readonly #returned: Token[] = [];
  #variables = ['$'];
  #actionLine = 0;
  #rangeDepth = 0;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** The whole text, with the definitions that stand at its top. */
  parse(): void {
    const pos = this.#peek().pos;
    const nodes: Node[] = [];
    while (this.#peek().type !== 'eof') {
      if (this.#peek().type === 'leftDelim') {
        const delim = this.#next();
        const word = this.#nextNonSpace();
        if (word.type === 'define') {
          new TreeParser(this.#shared).#parseDefinition();
          continue;
        }
        this.#returned.push(word, delim);
      }
      const node = this.#textOrAction();
      if (isMark(node)) this.#fail(`unexpected ${nodeText(node)}`);
      nodes.push(node);
    }
    this.#add('', { kind: 'list', pos, nodes });
  }

  #parseDefinition(): void {
    const context = 'define clause';
    const token = this.#nextNonSpace();
    if (token.type !== 'string' && token.type !== 'rawString') this.#unexpected(token, context);
    const name = this.#unquote(token);
    this.#expect('rightDelim', context);
    this.#parseBody(name, context, this);
  }

  /** The inside of a `define` or `block` up to its end. @param outer who complains of an `else` */
  #parseBody(name: string, context: string, outer: TreeParser): void {
    const { list, end } = this.#itemList();
    if (end.kind !== 'end') outer.#fail(`unexpected ${nodeText(end)} in ${context}`);
    this.#add(name, list);
  }

  #add(name: string, root: ListNode): void {
    const { trees } = this.#shared;
    const old = trees.get(name);
    if (old === undefined || isEmptyNode(old)) trees.set(name, root);
    else if (!isEmptyNode(root)) this.#fail(`template: multiple definition of template ${quote(name)}`);
  }

  #next(): Token {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    this.#last = this.#shared.lexer.next();
    return this.#last;
  }

  #peek(): Token {
    const token = this.#next();
    this.#returned.push(token);
    return token;
  }

  #nextNonSpace(): Token {
    for (;;) {
      const token = this.#next();
      if (token.type !== 'space') return token;
    }
  }

  #peekNonSpace(): Token {
    const token = this.#nextNonSpace();
    this.#returned.push(token);
    return token;
  }

  #fail(message: string): never {
    throw new TemplateError(`template: :${this.#last.line}: ${message}`);
  }

  #unexpected(token: Token, context: string): never {
    if (token.type !== 'error') this.#fail(`unexpected ${shownToken(token)} in ${context}`);
    if (this.#actionLine === 0 || this.#actionLine === token.line) this.#fail(token.text);
    const began = token.text.endsWith(' action') ? ' started at' : ' in action started at';
    this.#fail(`${token.text}${began} :${this.#actionLine}`);
  }

  #expect(type: TokenType, context: string): Token {
    const token = this.#nextNonSpace();
    if (token.type !== type) this.#unexpected(token, context);
    return token;
  }

  #unquote(token: Token): string {
    return unquote(token.text) ?? this.#fail('invalid syntax');
  }

  /** What nests is counted, so that no text can overrun the stack. */
  #nested<T>(parse: () => T): T {
    this.#shared.depth += 1;
    if (this.#shared.depth > MAX_TEMPLATE_NESTING)
      this.#fail(`nested more than ${MAX_TEMPLATE_NESTING} times`);
    const parsed = parse();
    this.#shared.depth -= 1;
    return parsed;
  }

  /** Up to an `end` or `else`, which comes back beside it. */
  #itemList(): { list: ListNode; end: MarkNode } {
    const pos = this.#peekNonSpace().pos;
    const nodes: Node[] = [];
    while (this.#peekNonSpace().type !== 'eof') {
      const node = this.#textOrAction();
      if (isMark(node)) return { list: { kind: 'list', pos, nodes }, end: node };
      nodes.push(node);
    }
    this.#fail('unexpected EOF');
  }

  #textOrAction(): Node {
    const token = this.#nextNonSpace();
    if (token.type === 'text') return { kind: 'text', pos: token.pos, text: token.text };
    if (token.type !== 'leftDelim') this.#unexpected(token, 'input');
    this.#actionLine = token.line;
    const node = this.#nested(() => this.#action());
    this.#actionLine = 0;
    return node;
  }

  #action(): Node {
    const token = this.#nextNonSpace();
    switch (token.type) {
      case 'block':
        return this.#block();
      case 'break':
      case 'continue':
        return this.#loopControl(token.type, token.pos);
      case 'else':
        return this.#else();
      case 'end':
        return { kind: 'end', pos: this.#expect('rightDelim', 'end').pos };
      case 'if':
      case 'range':
      case 'with':
        return this.#branch(token.type);
      case 'template':
        return this.#template();
      default: {
        this.#returned.push(token);
        return { kind: 'action', pos: token.pos, pipe: this.#pipeline('command', 'rightDelim') };
      }
    }
  }

  #loopControl(kind: 'break' | 'continue', pos: number): Node {
    const token = this.#nextNonSpace();
    if (token.type !== 'rightDelim') this.#unexpected(token, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos };
  }

  #else(): Node {
    const token = this.#peekNonSpace();
    // The `if` stays for #branch, which reads `else if` as an `else` with an `if` inside.
    if (token.type === 'if') return { kind: 'else', pos: token.pos };
    return { kind: 'else', pos: this.#expect('rightDelim', 'else').pos };
  }

  #branch(kind: BranchNode['kind']): BranchNode {
    const variables = this.#variables.length;
    const pipe = this.#pipeline(kind, 'rightDelim');
    if (kind === 'range') this.#rangeDepth += 1;
    const { list, end } = this.#itemList();
    if (kind === 'range') this.#rangeDepth -= 1;
    const elseList = end.kind === 'else' ? this.#elseList(kind, end.pos) : undefined;
    this.#variables.length = variables;
    return { kind, pos: pipe.pos, pipe, list, elseList };
  }

  #elseList(kind: BranchNode['kind'], pos: number): ListNode {
    if (kind === 'if' && this.#peek().type === 'if') {
      this.#next();
      // One `end` closes both.
      return { kind: 'list', pos, nodes: [this.#nested(() => this.#branch('if'))] };
    }
    const { list, end } = this.#itemList();
    if (end.kind !== 'end') this.#fail(`expected end; found ${nodeText(end)}`);
    return list;
  }

  #block(): TemplateNode {
    const context = 'block clause';
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipeline(context, 'rightDelim');
    new TreeParser(this.#shared).#parseBody(name, context, this);
    return { kind: 'template', pos: token.pos, name, pipe };
  }

  #template(): TemplateNode {
    const context = 'template clause';
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    const next = this.#nextNonSpace();
    if (next.type === 'rightDelim') return { kind: 'template', pos: token.pos, name, pipe: undefined };
    this.#returned.push(next);
    return { kind: 'template', pos: token.pos, name, pipe: this.#pipeline(context, 'rightDelim') };
  }

  #templateName(token: Token, context: string): string {
    if (token.type !== 'string' && token.type !== 'rawString') this.#unexpected(token, context);
    return this.#unquote(token);
  }

  #pipeline(context: string, end: TokenType): PipeNode {
    const pos = this.#peekNonSpace().pos;
    const { decl, isAssign } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#nextNonSpace();
      if (token.type === end) break;
      if (!OPERANDS.has(token.type)) this.#unexpected(token, context);
      this.#returned.push(token);
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    // Only the first command may be a plain value.
    const stage = commands.findIndex((command, index) => index > 0 && VALUES.has(command.args[0].kind));
    if (stage !== -1) this.#fail(`non executable command in pipeline stage ${stage + 1}`);
    return { kind: 'pipe', pos, isAssign, decl, commands };
  }

  /** `$x :=`, `$x =`, and for a range `$i, $x :=`. */
  #declarations(context: string): Pick<PipeNode, 'decl' | 'isAssign'> {
    const decl: VariableNode[] = [];
    for (;;) {
      const token = this.#peekNonSpace();
      if (token.type !== 'variable') return { decl, isAssign: false };
      this.#next();
      const after = this.#next();
      const next = after.type === 'space' ? this.#nextNonSpace() : after;
      if (next.type === 'assign' || next.type === 'declare') {
        this.#declare(decl, token);
        return { decl, isAssign: next.type === 'assign' };
      }
      if (next.type !== 'char' || next.text !== ',') {
        // Spaces after the variable matter to the command that it belongs to, more than one do not.
        this.#returned.push(next, ...(after === next ? [] : [after]), token);
        return { decl, isAssign: false };
      }
      this.#declare(decl, token);
      if (context !== 'range' || decl.length >= 2) this.#fail(`too many declarations in ${context}`);
      if (!['variable', 'rightDelim', 'rightParen'].includes(this.#peekNonSpace().type))
        this.#fail('range can only initialize variables');
    }
  }

  #declare(decl: VariableNode[], { pos, text }: Token): void {
    decl.push({ kind: 'variable', pos, name: text, fields: [] });
    this.#variables.push(text);
  }

  #command(): CommandNode {
    const pos = this.#peekNonSpace().pos;
    const args: Argument[] = [];
    for (;;) {
      this.#peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const token = this.#next();
      if (token.type === 'space') continue;
      if (token.type === 'rightDelim' || token.type === 'rightParen') this.#returned.push(token);
      else if (token.type !== 'pipe') this.#unexpected(token, 'operand');
      break;
    }
    const [first, ...rest] = args;
    if (first === undefined) this.#fail('empty command');
    return { kind: 'command', pos, args: [first, ...rest] };
  }

  /** A term and the fields behind it. */
  #operand(): Argument | undefined {
    const node = this.#term();
    if (node === undefined || this.#peek().type !== 'field') return node;
    const { pos } = this.#peek();
    const fields: string[] = [];
    while (this.#peek().type === 'field') fields.push(this.#next().text.slice(1));
    if (node.kind === 'field') return { kind: 'field', pos, fields: [...node.fields, ...fields] };
    if (node.kind === 'variable') return { kind: 'variable', pos, name: node.name, fields };
    if (VALUES.has(node.kind)) this.#fail(`unexpected . after term ${quote(nodeText(node))}`);
    return { kind: 'chain', pos, node, fields };
  }

  #term(): Argument | undefined {
    const token = this.#nextNonSpace();
    const { pos, text } = token;
    switch (token.type) {
      case 'identifier':
        if (!this.#shared.functions.has(text)) this.#fail(`function ${quote(text)} not defined`);
        return { kind: 'identifier', pos, name: text };
      case 'dot':
      case 'nil':
        return { kind: token.type, pos };
      case 'variable':
        if (!this.#variables.includes(text)) this.#fail(`undefined variable ${quote(text)}`);
        return { kind: 'variable', pos, name: text, fields: [] };
      case 'field':
        return { kind: 'field', pos, fields: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', pos, value: text === 'true' };
      case 'charConstant':
      case 'complex':
      case 'number': {
        const constant = parseConstant(text, token.type);
        if (typeof constant === 'string') this.#fail(constant);
        return { kind: 'number', pos, ...constant };
      }
      case 'leftParen':
        return this.#nested(() => this.#pipeline('parenthesized pipeline', 'rightParen'));
      case 'string':
      case 'rawString':
        return { kind: 'string', pos, quoted: text, value: this.#unquote(token) };
      default:
        this.#returned.push(token);
        return undefined;
    }
  }
}

function isMark(node: Node): node is MarkNode {
  return node.kind === 'end' || node.kind === 'else';
}
