import type { StrataError } from '../../base/errors.ts';
import {
  MAX_ARCHIVE_IMAGES,
  MAX_ARCHIVE_INDEX_BYTES,
  MAX_ARCHIVE_NAMES,
  MAX_CONFIG_BYTES,
  MAX_LAYERS,
} from '../../base/limits.ts';
import { isDigest, sha256, verifyDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { ImageConfig } from '../../oci/documents.ts';
import { parseImageConfig } from '../../oci/parse.ts';
import { canonicalString, parseReference } from '../../reference/index.ts';
import { isObject, parseJson, textList } from './json.ts';
import type { Json } from './json.ts';
import { invalidArchive } from './paths.ts';
import type { ArchiveFile, ArchiveFiles } from './types.ts';

interface DockerLayer {
  readonly diffId: Digest;
  /** As manifest.json names it. */
  readonly path: string;
  /** Absent where the archive lacks it: the store may have such a layer. */
  readonly file?: ArchiveFile;
}

/** An image of a docker-archive; nothing of its layers has been read. */
export interface DockerImage {
  /** Digest of the configuration. */
  readonly id: Digest;
  /** Canonical, with tag. */
  readonly names: readonly string[];
  readonly config: ImageConfig;
  readonly configBytes: Uint8Array;
  /** Bottom first. */
  readonly layers: readonly DockerLayer[];
  /** An image of the same archive. */
  readonly parent?: Digest;
}

const DOCKER_MANIFEST_FILE = 'manifest.json';

/**
 * The images of manifest.json (moby image/tarexport/load.go).
 * @returns undefined if there is none
 * @throws `content-invalid`, `too-large`
 */
export async function readDockerImages(files: ArchiveFiles): Promise<readonly DockerImage[] | undefined> {
  const file = await files.find(DOCKER_MANIFEST_FILE);
  if (file === undefined) return undefined;
  const list = parseJson(await file.read(MAX_ARCHIVE_INDEX_BYTES), files.name, DOCKER_MANIFEST_FILE);
  if (!Array.isArray(list)) throw invalidArchive(files.name, `${DOCKER_MANIFEST_FILE} is no list`);
  if (list.length > MAX_ARCHIVE_IMAGES)
    throw invalidArchive(files.name, `it has more than ${MAX_ARCHIVE_IMAGES} images`);
  const images: DockerImage[] = [];
  let names = 0;
  for (const item of list as readonly unknown[]) {
    if (!isObject(item)) throw invalidArchive(files.name, `${DOCKER_MANIFEST_FILE} holds what is no image`);
    names += textList(item.RepoTags)?.length ?? 0;
    if (names > MAX_ARCHIVE_NAMES) throw tooManyNames(files.name);
    images.push(await readImage(files, item));
  }
  return images.map((image) => (isChild(image, images) ? image : withoutParent(image)));
}

async function readImage(files: ArchiveFiles, item: Json): Promise<DockerImage> {
  const { Config: configPath, Parent: parent } = item;
  const tags = textList(item.RepoTags);
  const paths = textList(item.Layers);
  if (typeof configPath !== 'string' || tags === undefined || paths === undefined) {
    throw invalidArchive(files.name, `${DOCKER_MANIFEST_FILE} lacks Config, RepoTags or Layers of an image`);
  }
  const file = await files.find(configPath);
  if (file === undefined) throw invalidArchive(files.name, `it lacks the configuration ${configPath}`);
  const configBytes = await file.read(MAX_CONFIG_BYTES);
  const claimed = digestOfPath(configPath);
  if (claimed !== undefined) verifyDigest(configBytes, claimed, configPath);
  const id = sha256(configBytes);
  const config = parseImageConfig(configBytes, configPath);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== paths.length || paths.length > MAX_LAYERS) {
    const detail = `image ${id} has ${paths.length} layers, but its configuration names ${diffIds.length}`;
    throw invalidArchive(files.name, detail);
  }
  const layers: DockerLayer[] = [];
  for (const [i, diffId] of diffIds.entries()) {
    const path = paths[i] ?? '';
    const layer = await files.find(path);
    layers.push({ diffId, path, ...(layer === undefined ? {} : { file: layer }) });
  }
  return {
    id,
    names: tags.map((tag) => canonicalTag(tag, files.name)),
    config,
    configBytes,
    layers,
    ...(isDigest(parent) ? { parent } : {}),
  };
}

export function tooManyNames(archive: string): StrataError {
  return invalidArchive(archive, `it has more than ${MAX_ARCHIVE_NAMES} names`);
}

/** What a path like `blobs/sha256/…` says of its file. */
export function digestOfPath(path: string): Digest | undefined {
  const [, algorithm, hex] = /^(?:\.?\/)?blobs\/([a-z0-9]+)\/([a-f0-9]+)$/.exec(path) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? digest : undefined;
}

/** The canonical form of a name that an archive gives. @throws `content-invalid` */
export function canonicalTag(name: string, archive: string): string {
  let reference;
  try {
    reference = parseReference(name);
  } catch {
    throw invalidArchive(archive, `"${name}" is no name of an image`);
  }
  if (reference.tag === undefined) throw invalidArchive(archive, `the name "${name}" has no tag`);
  const { digest: _, ...tagged } = reference;
  return canonicalString(tagged);
}

/** moby image/tarexport/load.go, checkValidParent: a parent is in the archive too, and one step of history shorter. */
function isChild(image: DockerImage, images: readonly DockerImage[]): boolean {
  const parent = images.find(({ id }) => id === image.parent);
  if (parent === undefined) return false;
  const own = image.config.history;
  const inherited = parent.config.history;
  if (own.length === 0 && inherited.length === 0) return true;
  return (
    own.length === inherited.length + 1 &&
    inherited.every((step, i) => JSON.stringify(step) === JSON.stringify(own[i]))
  );
}

function withoutParent(image: DockerImage): DockerImage {
  const { parent: _, ...rest } = image;
  return rest;
}
