import type { PushEvent } from '../../images/index.ts';
import type { Output } from '../command.ts';
import { LayerLines } from './layerLines.ts';

type LayerEvent = Extract<PushEvent, { kind: 'layer' }>;

/** What happens to the layers of a push, printed as Docker prints it: a line for each that is rewritten, or plain lines. */
export class PushDisplay {
  readonly #output: Output;
  readonly #lines: LayerLines;

  constructor(output: Output) {
    this.#output = output;
    this.#lines = new LayerLines(output);
  }

  show(event: PushEvent): void {
    switch (event.kind) {
      case 'start':
        this.#output.write(`The push refers to repository [${event.repository}]\n`);
        return;
      case 'tag':
      case 'layers':
        return;
      case 'layer':
        this.#showLayer(event);
        return;
      case 'pushed':
        this.#lines.clear();
        this.#output.write(`${event.tag}: digest: ${event.digest} size: ${event.size}\n`);
    }
  }

  #showLayer(event: LayerEvent): void {
    const status = event.from === undefined ? event.status : `${event.status} from ${event.from}`;
    if (this.#output.isTerminal) this.#lines.show({ ...event, status });
    else if (event.current === undefined) this.#output.write(`${event.id}: ${status}\n`);
  }
}
