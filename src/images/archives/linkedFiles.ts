import { MAX_ARCHIVE_LINKS } from '../../base/limits.ts';
import { cleanPath, invalidArchive, linkTarget } from './paths.ts';
import type { ArchiveFile } from './types.ts';

/** The files of a tar by cleaned name: of two entries with one name the later counts, as when a tar is unpacked. */
export class LinkedFiles {
  readonly #name: string;
  readonly #entries = new Map<string, ArchiveFile | { readonly link: string }>();

  /** @param name names the archive in errors */
  constructor(name: string) {
    this.#name = name;
  }

  get paths(): readonly string[] {
    return [...this.#entries].flatMap(([path, entry]) => ('link' in entry ? [] : [path]));
  }

  /** Names that lead out of the archive are passed over: nothing inside can mean them. */
  add(path: string, file: ArchiveFile): void {
    const clean = cleanPath(path);
    if (clean !== undefined) this.#entries.set(clean, file);
  }

  addLink(path: string, target: string, kind: 'symlink' | 'hardlink'): void {
    const clean = cleanPath(path);
    if (clean === undefined) return;
    const link = kind === 'symlink' ? linkTarget(clean, target) : cleanPath(target);
    if (link !== undefined && link !== clean) this.#entries.set(clean, { link });
  }

  /** @throws `content-invalid` where links lead to one another without end */
  find(path: string): ArchiveFile | undefined {
    let at = cleanPath(path);
    for (let links = 0; links <= MAX_ARCHIVE_LINKS; links++) {
      const entry = at === undefined ? undefined : this.#entries.get(at);
      if (entry === undefined || !('link' in entry)) return entry;
      at = entry.link;
    }
    throw invalidArchive(this.#name, `${path} is a link that leads nowhere`);
  }
}
