import { sha256 } from '../../src/oci/digest.ts';
import type { Digest } from '../../src/oci/digest.ts';
import type { Blob, BuiltImage, BuiltIndex } from './images.ts';
import { tarOf } from './tar.ts';
import type { TarSpec } from './tar.ts';

/** Archives as other tools write and wrote them, made in code. */

export interface NamedImage {
  readonly image: BuiltImage;
  /** Familiar, with tag. */
  readonly names?: readonly string[];
  readonly parent?: Digest;
}

const hex = (digest: string): string => digest.slice(digest.indexOf(':') + 1);

/**
 * As Docker 1.10 to 24 writes it: unpacked layers in folders, a layer that two images share linked from the second,
 * and manifest.json behind them.
 */
export function dockerEntries(images: readonly NamedImage[]): TarSpec[] {
  const homes = new Map<Digest, string>();
  const entries: TarSpec[] = [];
  const manifest = images.map(({ image, names, parent }) => {
    const id = hex(image.config.descriptor.digest);
    entries.push({ path: `${id}.json`, content: image.config.bytes });
    const layers = image.layers.map(({ diffId, tar }, i) => {
      const folder = hex(sha256(`${id} ${i}`));
      const home = homes.get(diffId);
      entries.push({ path: `${folder}/` }, { path: `${folder}/VERSION`, content: '1.0' });
      entries.push({ path: `${folder}/json`, content: JSON.stringify({ id: folder, os: 'linux' }) });
      const path = `${folder}/layer.tar`;
      if (home === undefined) entries.push({ path, content: tar });
      else entries.push({ path, type: 'symlink', link: `../${home}` });
      homes.set(diffId, home ?? path);
      return path;
    });
    return {
      Config: `${id}.json`,
      RepoTags: names ?? null,
      Layers: layers,
      ...(parent === undefined ? {} : { Parent: parent }),
    };
  });
  entries.push({ path: 'manifest.json', content: JSON.stringify(manifest) });
  return entries;
}

export function dockerArchive(...images: readonly NamedImage[]): Buffer {
  return tarOf(dockerEntries(images));
}

/** The blobs of an OCI layout, each once. */
function layoutBlobs(images: readonly BuiltImage[], more: readonly Blob[] = []): TarSpec[] {
  const blobs = [...images.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]), ...more];
  const unique = new Map(blobs.map((blob) => [blob.descriptor.digest, blob]));
  return [...unique].map(([digest, { bytes }]) => ({ path: `blobs/sha256/${hex(digest)}`, content: bytes }));
}

/** Entries of index.json: an image or an index, with the name that its annotation gives. */
export function layoutEntries(
  tops: readonly { readonly top: BuiltImage | BuiltIndex; readonly refName?: string }[],
): TarSpec[] {
  const images = tops.flatMap(({ top }) => ('index' in top ? top.images : [top]));
  const indexes = tops.flatMap(({ top }) => ('index' in top ? [top.index] : []));
  const manifests = tops.map(({ top, refName }) => {
    const { descriptor } = 'index' in top ? top.index : top.manifest;
    const annotations = { 'org.opencontainers.image.ref.name': refName };
    return { ...descriptor, ...(refName === undefined ? {} : { annotations }) };
  });
  return [
    { path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { path: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) },
    ...layoutBlobs(images, indexes),
  ];
}

export function ociArchive(image: BuiltImage | BuiltIndex, refName?: string): Buffer {
  return tarOf(layoutEntries([{ top: image, ...(refName === undefined ? {} : { refName }) }]));
}

export interface LegacyStep {
  readonly tar: Uint8Array;
  /** The json beside it, but for id and parent. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** As Docker before 1.10 writes it: a folder for each step, bottom first, and `repositories`; no manifest.json. */
export function legacyArchive(steps: readonly LegacyStep[], repository: string, tag: string): Buffer {
  const ids = steps.map((_, i) => hex(sha256(`step ${i}`)));
  const entries = steps.flatMap(({ tar, json }, i): TarSpec[] => {
    const id = ids[i] ?? '';
    const parent = ids[i - 1];
    const document = { id, ...(parent === undefined ? {} : { parent }), ...json };
    return [
      { path: `${id}/` },
      { path: `${id}/VERSION`, content: '1.0' },
      { path: `${id}/json`, content: JSON.stringify(document) },
      { path: `${id}/layer.tar`, content: tar },
    ];
  });
  const repositories = { [repository]: { [tag]: ids.at(-1) } };
  return tarOf([...entries, { path: 'repositories', content: JSON.stringify(repositories) }]);
}
