import type { PullEvent } from '../../images/index.ts';
import type { Output } from '../command.ts';
import { LayerLines } from './layerLines.ts';

type LayerEvent = Extract<PullEvent, { kind: 'layer' }>;

/** What happens to the layers, printed as Docker prints it: a line for each that is rewritten, or plain lines. */
export class PullDisplay {
  readonly #output: Output;
  readonly #lines: LayerLines;
  /** Of each layer, what a plain output said last. */
  readonly #said = new Map<string, string>();

  constructor(output: Output) {
    this.#output = output;
    this.#lines = new LayerLines(output);
  }

  show(event: PullEvent): void {
    switch (event.kind) {
      case 'start':
        if (event.tagDefaulted) this.#output.write('Using default tag: latest\n');
        return;
      case 'found':
        this.#output.write(`${event.lead}\n`);
        return;
      case 'warning':
        this.#lines.clear();
        this.#output.write(`WARNING: ${event.message}\n`);
        return;
      case 'layers':
        return;
      case 'layer':
        if (this.#output.isTerminal) this.#lines.show(event);
        else this.#sayOnce(event);
    }
  }

  #sayOnce({ id, status, current }: LayerEvent): void {
    if (current !== undefined || this.#said.get(id) === status) return;
    this.#said.set(id, status);
    this.#output.write(`${id}: ${status}\n`);
  }
}
