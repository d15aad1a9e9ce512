import type { CopyEvent } from '../../images/index.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { Output } from '../command.ts';
import { LayerLines } from './layerLines.ts';

/** What happens to the blobs of a copy: a line for each that is rewritten, or one plain line when it is there. */
export class CopyDisplay {
  readonly #output: Output;
  readonly #lines: LayerLines;

  constructor(output: Output) {
    this.#output = output;
    this.#lines = new LayerLines(output);
  }

  show(event: CopyEvent): void {
    if (this.#output.isTerminal) {
      const { status, current, total } = event;
      const progress = status === 'Copying' ? { current, total } : {};
      this.#lines.show({ id: shortDigest(event.digest), status, ...progress });
      return;
    }
    switch (event.status) {
      case 'Copying':
        return;
      case 'Copied':
        this.#output.write(`Copying blob ${event.digest} done\n`);
        return;
      case 'Already exists':
        this.#output.write(`Copying blob ${event.digest} skipped: already exists\n`);
        return;
      case 'Mounted':
        this.#output.write(`Copying blob ${event.digest} mounted\n`);
    }
  }
}
