import { quote } from './quote.ts';

/** The parts of a parsed template (Go's text/template/parse, node.go). `pos`: index into the text, in UTF-16 units. */
interface Base {
  readonly pos: number;
}

export interface ListNode extends Base {
  readonly kind: 'list';
  readonly nodes: readonly Node[];
}
interface TextNode extends Base {
  readonly kind: 'text';
  readonly text: string;
}
interface ActionNode extends Base {
  readonly kind: 'action';
  readonly pipe: PipeNode;
}
export interface BranchNode extends Base {
  readonly kind: 'if' | 'range' | 'with';
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}
export interface TemplateNode extends Base {
  readonly kind: 'template';
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
/** Of these only `break` and `continue` stay in a tree. */
export interface MarkNode extends Base {
  readonly kind: 'break' | 'continue' | 'end' | 'else';
}

export interface PipeNode extends Base {
  readonly kind: 'pipe';
  readonly isAssign: boolean;
  readonly decl: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}
export interface CommandNode extends Base {
  readonly kind: 'command';
  readonly args: readonly [Argument, ...Argument[]];
}

interface IdentifierNode extends Base {
  readonly kind: 'identifier';
  readonly name: string;
}
export interface VariableNode extends Base {
  readonly kind: 'variable';
  /** `$x` and the fields behind it. */
  readonly name: string;
  readonly fields: readonly string[];
}
interface FieldNode extends Base {
  readonly kind: 'field';
  readonly fields: readonly string[];
}
interface ChainNode extends Base {
  readonly kind: 'chain';
  readonly node: Argument;
  readonly fields: readonly string[];
}
interface DotNode extends Base {
  readonly kind: 'dot' | 'nil';
}
interface BoolNode extends Base {
  readonly kind: 'bool';
  readonly value: boolean;
}
interface StringNode extends Base {
  readonly kind: 'string';
  readonly quoted: string;
  readonly value: string;
}
/** A constant, and each kind of number that it can be. */
export interface NumberNode extends Base, Constant {
  readonly kind: 'number';
}
export interface Constant {
  readonly text: string;
  readonly int?: bigint;
  readonly uint?: bigint;
  readonly float?: number;
  /** Real and imaginary part. */
  readonly complex?: readonly [number, number];
}

export type Argument =
  | IdentifierNode
  | VariableNode
  | FieldNode
  | ChainNode
  | DotNode
  | BoolNode
  | StringNode
  | NumberNode
  | PipeNode;

export type Node = ListNode | TextNode | ActionNode | BranchNode | TemplateNode | MarkNode;

export type AnyNode = Node | PipeNode | CommandNode | Argument;

/** The node as Go writes it in its messages. */
export function nodeText(node: AnyNode): string {
  switch (node.kind) {
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'text':
      return node.text;
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'if':
    case 'range':
    case 'with': {
      const other = node.elseList === undefined ? '' : `{{else}}${nodeText(node.elseList)}`;
      return `{{${node.kind} ${nodeText(node.pipe)}}}${nodeText(node.list)}${other}{{end}}`;
    }
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${nodeText(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
    case 'end':
    case 'else':
      return `{{${node.kind}}}`;
    case 'pipe': {
      const variables = node.decl.map(nodeText).join(', ');
      const commands = node.commands.map(nodeText).join(' | ');
      return variables === '' ? commands : `${variables} := ${commands}`;
    }
    case 'command':
      return node.args.map(inParentheses).join(' ');
    case 'identifier':
      return node.name;
    case 'variable':
      return [node.name, ...node.fields].join('.');
    case 'field':
      return node.fields.map((field) => `.${field}`).join('');
    case 'chain':
      return [inParentheses(node.node), ...node.fields].join('.');
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'string':
      return node.quoted;
    case 'number':
      return node.text;
  }
}

function inParentheses(node: Argument): string {
  return node.kind === 'pipe' ? `(${nodeText(node)})` : nodeText(node);
}

/** Whether there is nothing but space in it. */
export function isEmptyNode(node: Node): boolean {
  if (node.kind === 'list') return node.nodes.every(isEmptyNode);
  return node.kind === 'text' && node.text.trim() === '';
}
