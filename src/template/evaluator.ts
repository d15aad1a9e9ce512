import { MAX_TEMPLATE_DEPTH, MAX_TEMPLATE_STEPS } from '../base/limits.ts';
import { byteLength } from './bytes.ts';
import { CallError, TemplateError } from './errors.ts';
import type { Functions } from './functions.ts';
import type { Callable, Maybe, Type } from './model.ts';
import { nodeText } from './nodes.ts';
import type { AnyNode, Argument, BranchNode, CommandNode, ListNode, Node } from './nodes.ts';
import type { PipeNode, TemplateNode } from './nodes.ts';
import { elementsOf, fieldOf, fitTo, literalFor, literalOf, nilOf } from './operands.ts';
import type { Trees } from './parser.ts';
import { sprint } from './printf.ts';
import { Text } from './printer.ts';
import { quote } from './quote.ts';
import { canBeNil } from './types.ts';
import { concrete, indirect, isTrue } from './values.ts';

interface Variable {
  readonly name: string;
  value: Maybe;
}

/** How a list of nodes ended: in its order, or by `break` or `continue`. */
type Ending = 'done' | 'break' | 'continue';

/** Characters, or elements of a list, that cost a function as much as a step. */
const SIZE_OF_STEP = 100;

function sizeOf(value: Maybe): number {
  if (value?.kind === 'string') return value.value.length;
  return value?.kind === 'list' ? (value.items?.length ?? 0) : 0;
}

/** What comes down a pipeline into a command; the first command gets nothing. */
type Piped = { readonly value: Maybe } | undefined;

export interface Execution {
  readonly text: string;
  readonly trees: Trees;
  readonly functions: Functions;
  /** Whether a key that a map lacks is an error (Go's missingkey=error). */
  readonly missingKeyFails: boolean;
}

/** Executes a parsed template on a value (Go's text/template, exec.go). */
export class Evaluator {
  readonly #execution: Execution;
  readonly #out = new Text();
  #template = '';
  #variables: Variable[] = [];
  /** Where it is, for messages. */
  #node: AnyNode | undefined;
  #depth = 0;
  #steps = 0;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  /** @throws TemplateError in Go's words, with what was printed before */
  run(data: Maybe): string {
    const root = this.#execution.trees.get('');
    if (root === undefined) this.#fail(`${quote('')} is an incomplete or empty template`);
    this.#variables = [{ name: '$', value: data }];
    this.#guard(() => this.#walkList(data, root));
    return this.#out.toString();
  }

  #fail(message: string): never {
    if (this.#node === undefined) throw new TemplateError(`template: : ${message}`);
    const { text } = this.#execution;
    const before = text.slice(0, this.#node.pos);
    const line = before.split('\n').length;
    const column = byteLength(before.slice(before.lastIndexOf('\n') + 1));
    const context = `executing ${quote(this.#template)} at <${nodeText(this.#node)}>`;
    throw new TemplateError(`template: :${line}:${column}: ${context}: ${message}`, this.#out.toString());
  }

  /** Limits that functions and printing keep are failures of the place where they were met. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof CallError) this.#fail(error.message);
      throw error;
    }
  }

  /** Counts what runs inside of one another, and all in all. */
  #nested<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_TEMPLATE_DEPTH)
      this.#fail(`exceeded maximum template depth (${MAX_TEMPLATE_DEPTH})`);
    this.#spend(1);
    const result = work();
    this.#depth -= 1;
    return result;
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_TEMPLATE_STEPS) this.#fail(`exceeded maximum of ${MAX_TEMPLATE_STEPS} steps`);
  }

  #walkList(dot: Maybe, list: ListNode): Ending {
    for (const node of list.nodes) {
      const ending = this.#nested(() => this.#walk(dot, node));
      if (ending !== 'done') return ending;
    }
    return 'done';
  }

  #walk(dot: Maybe, node: Node): Ending {
    this.#node = node;
    switch (node.kind) {
      case 'text':
        this.#out.write(node.text);
        return 'done';
      case 'action': {
        const value = this.#pipeline(dot, node.pipe);
        if (node.pipe.decl.length === 0) this.#print(node, value);
        return 'done';
      }
      case 'if':
      case 'with':
        return this.#walkIf(dot, node);
      case 'range':
        return this.#scoped(() => this.#walkRange(dot, node));
      case 'template':
        this.#walkTemplate(dot, node);
        return 'done';
      case 'break':
      case 'continue':
        return node.kind;
      case 'list':
        return this.#walkList(dot, node);
      case 'end':
      case 'else':
        return 'done';
    }
  }

  #print(node: Node, value: Maybe): void {
    this.#node = node;
    const shown = value?.kind === 'pointer' ? indirect(value).value : value;
    this.#out.write(shown === undefined ? '<no value>' : sprint([shown]));
  }

  /** Forgets afterwards the variables that were declared in it. */
  #scoped<T>(work: () => T): T {
    const mark = this.#variables.length;
    const result = work();
    this.#variables.length = mark;
    return result;
  }

  #walkIf(dot: Maybe, { kind, pipe, list, elseList }: BranchNode): Ending {
    return this.#scoped(() => {
      const value = this.#pipeline(dot, pipe);
      if (isTrue(concrete(value))) return this.#walkList(kind === 'with' ? value : dot, list);
      return elseList === undefined ? 'done' : this.#walkList(dot, elseList);
    });
  }

  #walkRange(dot: Maybe, node: BranchNode): Ending {
    const { value } = indirect(this.#pipeline(dot, node.pipe));
    const elements = elementsOf(value);
    for (const [index, element] of elements) {
      this.#spend(1);
      // Go sets the variables on top of its stack, whichever they are.
      if (node.pipe.decl.length > 0) this.#setTop(1, element);
      if (node.pipe.decl.length > 1) this.#setTop(2, index);
      const ending = this.#scoped(() => this.#walkList(element, node.list));
      if (ending === 'break') return 'done';
    }
    if (elements.length > 0 || node.elseList === undefined) return 'done';
    return this.#walkList(dot, node.elseList);
  }

  #setTop(count: number, value: Maybe): void {
    const variable = this.#variables[this.#variables.length - count];
    if (variable === undefined) this.#fail('runtime error: index out of range [-1]');
    variable.value = value;
  }

  #walkTemplate(dot: Maybe, node: TemplateNode): void {
    const root = this.#execution.trees.get(node.name);
    if (root === undefined) this.#fail(`template ${quote(node.name)} not defined`);
    const data = node.pipe === undefined ? undefined : this.#pipeline(dot, node.pipe);
    const [outer, variables] = [this.#template, this.#variables];
    this.#template = node.name;
    this.#variables = [{ name: '$', value: data }];
    this.#walkList(data, root);
    this.#template = outer;
    this.#variables = variables;
  }

  #pipeline(dot: Maybe, pipe: PipeNode): Maybe {
    return this.#nested(() => {
      this.#node = pipe;
      let piped: Piped;
      for (const command of pipe.commands) piped = { value: concrete(this.#command(dot, command, piped)) };
      for (const { name } of pipe.decl) {
        if (pipe.isAssign) this.#variable(name).value = piped?.value;
        else this.#variables.push({ name, value: piped?.value });
      }
      return piped?.value;
    });
  }

  #variable(name: string): Variable {
    return (
      this.#variables.findLast((each) => each.name === name) ?? this.#fail(`undefined variable: ${name}`)
    );
  }

  #command(dot: Maybe, command: CommandNode, piped: Piped): Maybe {
    const [first] = command.args;
    switch (first.kind) {
      case 'field':
      case 'chain':
      case 'variable':
        return this.#fields(dot, first, command.args, piped);
      case 'identifier':
        return this.#function(dot, first.name, first, command, command.args, piped);
      case 'pipe':
        this.#notAFunction(command.args, piped);
        return this.#pipeline(dot, first);
      default:
        this.#node = first;
        this.#notAFunction(command.args, piped);
        if (first.kind === 'nil') this.#fail('nil is not a command');
        return first.kind === 'dot' ? dot : literalOf(first);
    }
  }

  #notAFunction(args: readonly Argument[], piped: Piped): void {
    if (args.length > 1 || piped !== undefined)
      this.#fail(`can't give argument to non-function ${args[0] === undefined ? '' : nodeText(args[0])}`);
  }

  /** `.A.B`, `$x.A` or `(…).A`, of which the last may be a method that takes arguments. */
  #fields(
    dot: Maybe,
    node: Extract<Argument, { kind: 'field' | 'chain' | 'variable' }>,
    args: readonly Argument[],
    piped: Piped,
  ): Maybe {
    this.#node = node;
    let receiver = dot;
    if (node.kind === 'variable') receiver = this.#variable(node.name).value;
    else if (node.kind === 'chain') {
      if (node.node.kind === 'nil') this.#fail(`indirection through explicit nil in ${nodeText(node)}`);
      receiver = this.#argument(dot, undefined, node.node);
    }
    const last = node.fields.at(-1);
    if (last === undefined) {
      this.#notAFunction(args, piped);
      return receiver;
    }
    for (const field of node.fields.slice(0, -1))
      receiver = this.#field(dot, field, node, [], undefined, receiver);
    return this.#field(dot, last, node, args, piped, receiver);
  }

  #field(
    dot: Maybe,
    name: string,
    node: AnyNode,
    args: readonly Argument[],
    piped: Piped,
    receiver: Maybe,
  ): Maybe {
    if (receiver === undefined) {
      if (this.#execution.missingKeyFails) this.#fail(`nil data; no entry for key ${quote(name)}`);
      return undefined;
    }
    const { value, isNil } = indirect(receiver);
    const type = receiver.type.name;
    if (value?.kind === 'interface' && isNil) this.#fail(`nil pointer evaluating ${type}.${name}`);
    const method = value?.type.methods?.get(name);
    if (method !== undefined && value !== undefined)
      return this.#call(dot, method, (given) => method.call(value, given), node, name, args, piped);
    const hasArgs = args.length > 1 || piped !== undefined;
    return fieldOf(receiver, name, hasArgs, this.#execution.missingKeyFails);
  }

  #function(
    dot: Maybe,
    name: string,
    node: AnyNode,
    whole: AnyNode,
    args: readonly Argument[],
    piped: Piped,
  ): Maybe {
    this.#node = node;
    const func = this.#execution.functions.get(name);
    if (func === undefined) this.#fail(`${quote(name)} is not a defined function`);
    return this.#call(dot, func, func.call, whole, name, args, piped);
  }

  /** @param args the function itself first */
  #call(
    dot: Maybe,
    { params, variadic = false }: Callable,
    call: (args: readonly Maybe[]) => Maybe,
    node: AnyNode,
    name: string,
    args: readonly Argument[],
    piped: Piped,
  ): Maybe {
    const given = args.slice(1);
    const count = given.length + (piped === undefined ? 0 : 1);
    const fixed = variadic ? params.length - 1 : params.length;
    if (variadic && count < fixed)
      this.#fail(`wrong number of args for ${name}: want at least ${fixed} got ${given.length}`);
    if (!variadic && count !== fixed)
      this.#fail(`wrong number of args for ${name}: want ${fixed} got ${count}`);
    const typeOf = (index: number): Type | undefined => params[Math.min(index, params.length - 1)];
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name, given, piped, typeOf(0));
    const values = given.map((arg, index) => this.#argument(dot, typeOf(index), arg));
    if (piped !== undefined) values.push(fitTo(piped.value, typeOf(given.length)));
    try {
      const result = call(values);
      for (const value of [...values, result]) this.#spend(sizeOf(value) / SIZE_OF_STEP);
      return result;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#node = node;
      this.#fail(`error calling ${name}: ${error.message}`);
    }
  }

  #shortCircuit(
    dot: Maybe,
    name: 'and' | 'or',
    args: readonly Argument[],
    piped: Piped,
    type: Type | undefined,
  ): Maybe {
    let value: Maybe;
    for (const arg of args) {
      value = this.#argument(dot, type, arg);
      if (isTrue(concrete(value)) === (name === 'or')) return value;
    }
    return piped === undefined ? value : piped.value;
  }

  #argument(dot: Maybe, type: Type | undefined, node: Argument): Maybe {
    this.#node = node;
    switch (node.kind) {
      case 'dot':
        return fitTo(dot, type);
      case 'nil':
        if (type === undefined || !canBeNil(type)) this.#fail(`cannot assign nil to ${type?.name ?? ''}`);
        return nilOf(type);
      case 'field':
      case 'chain':
      case 'variable':
        return fitTo(this.#fields(dot, node, [], undefined), type);
      case 'pipe':
        return fitTo(this.#pipeline(dot, node), type);
      case 'identifier':
        return fitTo(this.#function(dot, node.name, node, node, [], undefined), type);
      default:
        return literalFor(node, type);
    }
  }
}
