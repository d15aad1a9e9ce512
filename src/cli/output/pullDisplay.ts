import { humanSize } from '../../base/units.ts';
import type { PullEvent } from '../../images/index.ts';
import type { Output } from '../command.ts';

/** Terminals narrower than this get no bar, only the numbers (moby pkg/jsonmessage). */
const BAR_MIN_COLUMNS = 110;
const BAR_CELLS = 50;

type LayerEvent = Extract<PullEvent, { kind: 'layer' }>;

/** What happens to the layers, printed as Docker prints it: a line for each that is rewritten, or plain lines. */
export class PullDisplay {
  readonly #output: Output;
  /** Layers with a line on the screen, in its order. */
  readonly #lines: string[] = [];
  /** Of each layer, what a plain output said last. */
  readonly #said = new Map<string, string>();

  constructor(output: Output) {
    this.#output = output;
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
        this.#lines.length = 0;
        this.#output.write(`WARNING: ${event.message}\n`);
        return;
      case 'layers':
        return;
      case 'layer':
        if (this.#output.isTerminal) this.#rewrite(event);
        else this.#sayOnce(event);
    }
  }

  #sayOnce({ id, status, current }: LayerEvent): void {
    if (current !== undefined || this.#said.get(id) === status) return;
    this.#said.set(id, status);
    this.#output.write(`${id}: ${status}\n`);
  }

  #rewrite(event: LayerEvent): void {
    let line = this.#lines.indexOf(event.id);
    if (line === -1) {
      line = this.#lines.push(event.id) - 1;
      this.#output.write('\n');
    }
    const distance = this.#lines.length - line;
    const progress = formatProgress(event, this.#output.columns);
    this.#output.write(
      `\x1b[${distance}A\x1b[2K\r${event.id}: ${event.status} ${progress}\r\x1b[${distance}B`,
    );
  }
}

/** `[=====>     ]  12.3MB/28MB` */
function formatProgress({ current = 0, total = 0 }: LayerEvent, columns: number): string {
  if (current <= 0 || total <= 0) return '';
  const cells = Math.min(BAR_CELLS, Math.floor((current / total) * 100 * (BAR_CELLS / 100)));
  const bar = columns > BAR_MIN_COLUMNS ? `[${'='.repeat(cells)}>${' '.repeat(BAR_CELLS - cells)}] ` : '';
  return `${bar}${humanSize(current).padStart(8)}/${humanSize(total)}`;
}
