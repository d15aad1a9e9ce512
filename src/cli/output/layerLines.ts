import { humanSize } from '../../base/units.ts';
import type { Output } from '../command.ts';

/** Terminals narrower than this get no bar, only the numbers (moby pkg/jsonmessage). */
const BAR_MIN_COLUMNS = 110;
const BAR_CELLS = 50;

interface LayerLine {
  readonly id: string;
  readonly status: string;
  readonly current?: number;
  readonly total?: number;
}

/** A line for each layer on a terminal, rewritten whenever something happens to it. */
export class LayerLines {
  readonly #output: Output;
  /** Layers with a line on the screen, in its order. */
  readonly #lines: string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /** Something else was printed: what comes now gets lines below it. */
  clear(): void {
    this.#lines.length = 0;
  }

  show(event: LayerLine): void {
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
function formatProgress({ current = 0, total = 0 }: LayerLine, columns: number): string {
  if (current <= 0 || total <= 0) return '';
  const cells = Math.min(BAR_CELLS, Math.floor((current / total) * 100 * (BAR_CELLS / 100)));
  const bar = columns > BAR_MIN_COLUMNS ? `[${'='.repeat(cells)}>${' '.repeat(BAR_CELLS - cells)}] ` : '';
  return `${bar}${humanSize(current).padStart(8)}/${humanSize(total)}`;
}
