import type { App } from '../../app/index.ts';
import type { ImageSummary } from '../../images/types.ts';
import type { ImageNode } from '../trees/imageNodes.ts';
import { namesShown } from './filter.ts';
import type { ImageFilter } from './filter.ts';
import { parseFilterText } from './filterText.ts';

/** What Docker's filters, which the app knows, left over. */
interface Listing {
  readonly all: readonly ImageSummary[];
  /** The names left of each image that they left; undefined where there is no such filter. */
  readonly left?: ReadonlyMap<string, readonly string[]>;
  /** Why the filters could not be used: the images stand there without them. */
  readonly problem?: unknown;
}

export interface FilteredImages {
  readonly all: readonly ImageSummary[];
  /** Newest first. An image keeps all its names; the row says which are shown. */
  readonly rows: readonly ImageNode[];
  readonly problem?: unknown;
}

/**
 * The images as the view filters them. The store is asked once until it changes: folding, selecting, sorting and
 * typing a word read nothing.
 */
export class ImageList {
  readonly #app: Pick<App, 'list'>;
  #kept: { readonly key: string; readonly listing: Promise<Listing> } | undefined;

  constructor(app: Pick<App, 'list'>) {
    this.#app = app;
  }

  /** The store has changed. */
  forget(): void {
    this.#kept = undefined;
  }

  /** @throws what the app's list throws, filters apart */
  async read(filter: ImageFilter): Promise<FilteredImages> {
    const { all, left, problem } = await this.#listing(filter);
    const shown = namesShown(filter, ({ id, tags }) => (left === undefined ? tags : left.get(id)));
    const rows = all.flatMap((image): ImageNode[] => {
      const names = shown(image);
      return names === undefined ? [] : [{ kind: 'image', image, names }];
    });
    return { all, rows, ...(problem === undefined ? {} : { problem }) };
  }

  #listing({ docker, intermediate }: ImageFilter): Promise<Listing> {
    const key = JSON.stringify([docker, intermediate]);
    if (this.#kept?.key === key) return this.#kept.listing;
    const listing = this.#ask(docker, intermediate);
    const kept = { key, listing };
    this.#kept = kept;
    listing.catch(() => {
      // The next that asks tries again.
      if (this.#kept === kept) this.#kept = undefined;
    });
    return listing;
  }

  async #ask(docker: string, all: boolean): Promise<Listing> {
    const images = await this.#app.list({ all });
    if (docker === '') return { all: images };
    const parsed = parseFilterText(docker);
    if ('problem' in parsed) return { all: images };
    try {
      const matching = await this.#app.list({ all, filters: parsed.filters });
      // A reference that only a digest matches leaves no tag: all of them are shown then.
      const tagsOf = new Map(images.map(({ id, tags }) => [id, tags]));
      return {
        all: images,
        left: new Map(
          matching.map(({ id, tags }) => [id, tags.length > 0 ? tags : (tagsOf.get(id) ?? [])] as const),
        ),
      };
    } catch (problem) {
      // An image that `before` names may be gone by now.
      return { all: images, problem };
    }
  }
}
