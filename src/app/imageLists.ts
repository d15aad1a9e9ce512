import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../base/logger.ts';
import { keepCatalog, keepListing, readKeptCatalog, readListing } from '../images/index.ts';
import type { ImageSummary, ListedImage } from '../images/index.ts';
import type { RefEntry, Store } from '../store/index.ts';

/** What a list cost to make is kept this long after it was given: who asked draws it meanwhile. */
const KEEP_AFTER_MS = 500;

export interface ImageListsDeps {
  readonly store: () => Promise<Store>;
  readonly logger: Logger;
  /** The images that these entries of index.json name. */
  readonly readImages: (store: Store, entries: readonly RefEntry[]) => Promise<readonly ImageSummary[]>;
}

interface Made {
  readonly store: Store;
  readonly entries: readonly RefEntry[];
  readonly images: readonly ImageSummary[];
}

/** All images for showing: from what was kept of this index.json, else read from it and then kept. */
export class ImageLists {
  readonly #deps: ImageListsDeps;
  readonly #closing = new AbortController();
  #made: Made | undefined;
  #keeping: Promise<void> | undefined;

  constructor(deps: ImageListsDeps) {
    this.#deps = deps;
  }

  async images(): Promise<readonly ImageSummary[]> {
    const store = await this.#deps.store();
    const kept = await readKeptCatalog(store);
    if (kept !== undefined) return kept;
    const made = await this.#make(store);
    this.#made = made;
    this.#keeping ??= this.#keepMade().finally(() => {
      this.#keeping = undefined;
    });
    return made.images;
  }

  /** As far as a list at the terminal needs them. */
  async names(): Promise<readonly ListedImage[]> {
    const store = await this.#deps.store();
    const kept = await readListing(store);
    if (kept !== undefined) return kept;
    const { entries, images } = await this.#make(store);
    await keepListing(store, this.#deps.logger, entries, images);
    return images;
  }

  /** Keeps at once what is still to be kept. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#keeping;
  }

  async #make(store: Store): Promise<Made> {
    const entries = await store.entries();
    return { store, entries, images: await this.#deps.readImages(store, entries) };
  }

  async #keepMade(): Promise<void> {
    while (this.#made !== undefined) {
      // Ends early when it closes.
      await sleep(KEEP_AFTER_MS, undefined, { ref: false, signal: this.#closing.signal }).catch(
        () => undefined,
      );
      const { store, entries, images } = this.#made;
      this.#made = undefined;
      await keepCatalog(store, this.#deps.logger, entries, images);
      await keepListing(store, this.#deps.logger, entries, images);
    }
  }
}
