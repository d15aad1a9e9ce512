import { digestHex } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { OCI_INDEX } from '../../oci/mediaTypes.ts';
import { familiarName, familiarString, parseReference } from '../../reference/index.ts';
import { blobPath } from './ociLayout.ts';
import type { ListedImage } from './types.ts';

/** image-spec image-layout.md, "oci-layout file". */
export const LAYOUT_FILE = 'oci-layout';
export const LAYOUT_DOCUMENT = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/** Entries of index.json: one for each name, with the annotations that Docker writes since version 25. */
export function layoutEntries(images: readonly ListedImage[]): readonly Descriptor[] {
  return images.flatMap(({ names, top }) => {
    if (names.length === 0) return [top];
    return names.map((name) => {
      const { tag = '' } = parseReference(name);
      const annotations = {
        ...top.annotations,
        'io.containerd.image.name': name,
        'org.opencontainers.image.ref.name': tag,
      };
      return { ...top, annotations };
    });
  });
}

export function indexDocument(entries: readonly unknown[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries });
}

/** moby image/tarexport, manifestItem: keys in its order, null for no names. */
export function dockerDocument(images: readonly ListedImage[]): string {
  const items = images.flatMap(({ names, docker }) => {
    if (docker === undefined) return [];
    const { config, layers, parent } = docker;
    return [
      {
        Config: blobPath(config),
        RepoTags: names.length === 0 ? null : names.map((name) => familiarString(parseReference(name))),
        Layers: layers.map(blobPath),
        ...(parent === undefined ? {} : { Parent: parent }),
      },
    ];
  });
  return `${JSON.stringify(items)}\n`;
}

/** Docker's oldest list of names, which leads to the topmost layer of each. @returns undefined where there are no names */
export function repositoriesDocument(images: readonly ListedImage[]): string | undefined {
  const repositories = new Map<string, Map<string, string>>();
  for (const { names, docker } of images) {
    const topmost = docker?.layers.at(-1);
    if (topmost === undefined) continue;
    for (const name of names) {
      const reference = parseReference(name);
      const repository = familiarName(reference);
      const tags = repositories.get(repository) ?? new Map<string, string>();
      tags.set(reference.tag ?? '', digestHex(topmost));
      repositories.set(repository, tags);
    }
  }
  if (repositories.size === 0) return undefined;
  const object = Object.fromEntries(
    [...repositories].sort(byKey).map(([name, tags]) => [name, Object.fromEntries([...tags].sort(byKey))]),
  );
  return `${JSON.stringify(object)}\n`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
