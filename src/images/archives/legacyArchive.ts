import {
  MAX_ARCHIVE_IMAGES,
  MAX_ARCHIVE_INDEX_BYTES,
  MAX_ARCHIVE_NAMES,
  MAX_CONFIG_BYTES,
  MAX_LAYERS,
} from '../../base/limits.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { canonicalTag, tooManyNames } from './dockerArchive.ts';
import { isObject, parseJson } from './json.ts';
import type { Json } from './json.ts';
import { legacyConfig, legacyStep } from './legacyConfig.ts';
import { invalidArchive } from './paths.ts';
import type { ArchiveFile, ArchiveFiles, StoredLayer } from './types.ts';

/** An image of an archive of before Docker 1.10, its layers in the store. */
export interface LegacyImage {
  readonly id: Digest;
  readonly names: readonly string[];
  readonly configBytes: Uint8Array;
  readonly layers: readonly Descriptor[];
  readonly parent?: Digest;
}

const REPOSITORIES = 'repositories';

interface Step extends LegacyImage {
  readonly diffIds: readonly Digest[];
  readonly history: readonly Json[];
}

/**
 * The images that `repositories` names, their parents before them (moby image/tarexport/load.go, legacyLoad).
 * @param take brings a layer into the store: only its bytes tell its diff ID
 * @returns undefined if there is no such file
 */
export async function readLegacyImages(
  files: ArchiveFiles,
  take: (file: ArchiveFile) => Promise<StoredLayer>,
): Promise<readonly LegacyImage[] | undefined> {
  const file = await files.find(REPOSITORIES);
  if (file === undefined) return undefined;
  const repositories = parseJson(await file.read(MAX_ARCHIVE_INDEX_BYTES), files.name, REPOSITORIES);
  const reader = new LegacyReader(files, take);
  const names = new Map<string, string[]>();
  let count = 0;
  for (const [repository, tags] of Object.entries(isObject(repositories) ? repositories : {})) {
    for (const [tag, id] of Object.entries(isObject(tags) ? tags : {})) {
      if (++count > MAX_ARCHIVE_NAMES) throw tooManyNames(files.name);
      const oldId = String(id);
      names.set(oldId, [...(names.get(oldId) ?? []), canonicalTag(`${repository}:${tag}`, files.name)]);
    }
  }
  for (const oldId of names.keys()) await reader.read(oldId);
  return reader.images(names);
}

class LegacyReader {
  readonly #files: ArchiveFiles;
  readonly #take: (file: ArchiveFile) => Promise<StoredLayer>;
  readonly #steps = new Map<string, Step>();

  constructor(files: ArchiveFiles, take: (file: ArchiveFile) => Promise<StoredLayer>) {
    this.#files = files;
    this.#take = take;
  }

  images(names: ReadonlyMap<string, readonly string[]>): readonly LegacyImage[] {
    return [...this.#steps].map(([oldId, step]) => ({ ...step, names: names.get(oldId) ?? [] }));
  }

  /** Reads an image and all beneath it, the lowest first. */
  async read(oldId: string): Promise<void> {
    const chain: { readonly oldId: string; readonly v1: Json }[] = [];
    let at: unknown = oldId;
    while (typeof at === 'string' && at !== '' && !this.#steps.has(at)) {
      if (chain.length >= MAX_LAYERS)
        throw invalidArchive(this.#files.name, `image ${oldId} has no end of parents`);
      const v1 = await this.#json(at);
      chain.push({ oldId: at, v1 });
      at = v1.parent;
    }
    for (const { oldId: id, v1 } of chain.reverse()) this.#steps.set(id, await this.#step(id, v1));
  }

  async #json(oldId: string): Promise<Json> {
    const path = `${oldId}/json`;
    const file = await this.#files.find(path);
    const value =
      file === undefined ? undefined : parseJson(await file.read(MAX_CONFIG_BYTES), this.#files.name, path);
    if (!isObject(value)) throw invalidArchive(this.#files.name, `it lacks ${path}`);
    return value;
  }

  async #step(oldId: string, v1: Json): Promise<Step> {
    if (this.#steps.size >= MAX_ARCHIVE_IMAGES) {
      throw invalidArchive(this.#files.name, `it has more than ${MAX_ARCHIVE_IMAGES} images`);
    }
    const path = `${oldId}/layer.tar`;
    const file = await this.#files.find(path);
    if (file === undefined) throw invalidArchive(this.#files.name, `it lacks ${path}`);
    const layer = file.stored ?? (await this.#take(file));
    const parent = typeof v1.parent === 'string' ? this.#steps.get(v1.parent) : undefined;
    const diffIds = [...(parent?.diffIds ?? []), layer.diffId];
    const history = [...(parent?.history ?? []), legacyStep(v1)];
    const configBytes = legacyConfig(v1, diffIds, history);
    return {
      id: sha256(configBytes),
      names: [],
      configBytes,
      layers: [...(parent?.layers ?? []), layer.descriptor],
      diffIds,
      history,
      ...(parent === undefined ? {} : { parent: parent.id }),
    };
  }
}
