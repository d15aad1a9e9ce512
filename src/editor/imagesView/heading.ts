import type * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import type { ImageSummary } from '../../images/types.ts';
import type { FilteredImages } from './imageList.ts';
import type { ImageFilter } from './filter.ts';
import { sentences } from '../text.ts';
import { LayerUses } from './totals.ts';
import { countWords, filterSentence, filterWords, totalsSentence } from './words.ts';

/** How long the store must be left alone before its files are counted, in milliseconds. */
const COUNT_DELAY_MS = 500;

interface HeadingDeps {
  readonly view: Pick<vscode.TreeView<unknown>, 'message' | 'description'>;
  readonly app: Pick<App, 'diskUsage'>;
  readonly logger: Pick<vscode.LogOutputChannel, 'debug'>;
  /** A failure as one sentence in the person's language. */
  readonly describe: (error: unknown) => string;
}

interface Shown extends FilteredImages {
  readonly filter: ImageFilter;
  readonly uses: LayerUses;
  readonly ids: ReadonlySet<string>;
}

/** What stands above the rows: the filter, and what the selected images weigh, or all that are shown. */
export class Heading {
  readonly #deps: HeadingDeps;
  #shown: Shown | undefined;
  #selected: readonly ImageSummary[] = [];
  #bytesOnDisk: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: HeadingDeps) {
    this.#deps = deps;
  }

  show(images: FilteredImages, filter: ImageFilter): void {
    // The same images are shown at every keystroke in the filter: their layers are counted once.
    const known = this.#shown?.all === images.all ? this.#shown.uses : undefined;
    if (known === undefined) this.#recount();
    const uses = known ?? new LayerUses(images.all);
    const ids = new Set(images.rows.map(({ image }) => image.id));
    this.#shown = { ...images, filter, uses, ids };
    this.#draw();
  }

  /** A store that cannot be read has nothing to be counted. */
  fail(sentence: string): void {
    this.#shown = undefined;
    this.#deps.view.message = sentence;
    this.#deps.view.description = '';
  }

  select(images: readonly ImageSummary[]): void {
    this.#selected = images;
    this.#draw();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  /** Counts the store's files anew, once it has been left alone for a moment. */
  #recount(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#count(), COUNT_DELAY_MS);
  }

  async #count(): Promise<void> {
    try {
      this.#bytesOnDisk = (await this.#deps.app.diskUsage()).bytesOnDisk;
      this.#draw();
    } catch (error) {
      // The rows are there without it, and whatever is wrong with the store shows elsewhere.
      this.#deps.logger.debug(`the store was not counted: ${this.#deps.describe(error)}`);
    }
  }

  #draw(): void {
    const { view } = this.#deps;
    if (this.#shown === undefined) return;
    const { all, rows, filter, problem, uses, ids } = this.#shown;
    const count = countWords(rows.length, all.length);
    if (rows.length === 0 && problem === undefined) {
      // Without a message VS Code shows the view's welcome text, which says what can be done.
      view.message = '';
      view.description = all.length === 0 ? '' : `${count} · ${filterWords(filter)}`;
      return;
    }
    // What was selected may be gone.
    const selected = this.#selected.filter(({ id }) => ids.has(id));
    const isSelection = selected.length > 0;
    const totals = uses.totals(isSelection ? selected : rows.map(({ image }) => image));
    view.description = count;
    view.message = [
      filterSentence(filter),
      problem === undefined ? '' : this.#deps.describe(problem),
      totalsSentence(totals, isSelection, this.#bytesOnDisk),
    ]
      .filter((sentence) => sentence !== '')
      .reduce((text, sentence) => sentences(text, sentence));
  }
}
