import type { ArchiveEvent, LoadedImage } from '../../images/index.ts';
import type { Output } from '../command.ts';
import { LayerLines } from './layerLines.ts';

/** What a load does, in Docker's words: a line for each layer on a terminal, and what came of it. */
export class LoadDisplay {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #quiet: boolean;
  readonly #lines: LayerLines;

  constructor(stdout: Output, stderr: Output, quiet: boolean) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#quiet = quiet || !stdout.isTerminal;
    this.#lines = new LayerLines(stdout);
  }

  show(event: ArchiveEvent): void {
    switch (event.kind) {
      case 'bytes':
        return;
      case 'layer':
        if (!this.#quiet) this.#lines.show({ ...event, status: 'Loading layer' });
        return;
      case 'platform': {
        const [taken, ...others] = event.platforms;
        this.#say(`${event.name}: loading ${taken ?? ''}; the archive also has ${others.join(', ')}`);
        return;
      }
      case 'warning':
        this.#say(`WARNING: ${event.message}`);
    }
  }

  /** moby image/tarexport/load.go, setLoadedTag and Load. */
  done(images: readonly LoadedImage[]): void {
    for (const { id, names, replaced } of images) {
      for (const name of names) {
        for (const old of replaced.filter((other) => other.name === name)) {
          this.#stdout.write(
            `The image ${name} already exists, renaming the old one with ID ${old.id} to empty string\n`,
          );
        }
        this.#stdout.write(`Loaded image: ${name}\n`);
      }
      if (names.length === 0) this.#stdout.write(`Loaded image ID: ${id}\n`);
    }
  }

  #say(line: string): void {
    this.#lines.clear();
    this.#stderr.write(`${line}\n`);
  }
}
