import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../src/base/atomicFile.ts';

/** What a repository holds beside the bytes. A blob that another repository pushed is not seen here until it is mounted. */
export interface Repository {
  readonly tags: Map<string, string>;
  /** Media type by digest. */
  readonly manifests: Map<string, string>;
  readonly blobs: Set<string>;
}

/** All repositories of a registry; one JSON file each where there is a folder. */
export class Repositories {
  readonly #all = new Map<string, Repository>();
  readonly #folder: string | undefined;
  #saving = Promise.resolve();

  private constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Reads those of `root/repositories`, or begins empty in memory. */
  static async open(root: string | undefined): Promise<Repositories> {
    if (root === undefined) return new Repositories(undefined);
    const folder = join(root, 'repositories');
    await mkdir(folder, { recursive: true });
    const repositories = new Repositories(folder);
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.json')) continue;
      const name = decodeURIComponent(file.slice(0, -'.json'.length));
      repositories.#all.set(name, parseRepository(await readFile(join(folder, file), 'utf8')));
    }
    return repositories;
  }

  /** Sorted as the catalogue lists them. */
  get names(): string[] {
    return [...this.#all.keys()].sort();
  }

  get(name: string): Repository | undefined {
    return this.#all.get(name);
  }

  /** Changes a repository, which begins to exist with its first change. */
  async update(name: string, change: (repository: Repository) => void): Promise<void> {
    const repository = this.#all.get(name) ?? { tags: new Map(), manifests: new Map(), blobs: new Set() };
    change(repository);
    this.#all.set(name, repository);
    const folder = this.#folder;
    if (folder === undefined) return;
    const path = join(folder, `${encodeURIComponent(name)}.json`);
    this.#saving = this.#saving.then(() => writeFileAtomic(path, printRepository(repository)));
    await this.#saving;
  }
}

/** Our own file, written by printRepository. */
function parseRepository(text: string): Repository {
  const file = JSON.parse(text) as {
    tags: [string, string][];
    manifests: [string, string][];
    blobs: string[];
  };
  return { tags: new Map(file.tags), manifests: new Map(file.manifests), blobs: new Set(file.blobs) };
}

function printRepository({ tags, manifests, blobs }: Repository): string {
  return JSON.stringify({ tags: [...tags], manifests: [...manifests], blobs: [...blobs] });
}
