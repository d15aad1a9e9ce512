import { familiarName, parseReference } from '../../reference/index.ts';
import { imageShortId, rowName } from '../trees/imageNodes.ts';
import type { ImageNode } from '../trees/imageNodes.ts';
import type { Grouping, LabelKind } from './options.ts';

/** What a canonical name consists of. */
interface NameParts {
  /** `docker.io` */
  readonly registry: string;
  /** Familiar: `alpine`, `ghcr.io/owner/app`. */
  readonly repository: string;
  /** Absent from a name by digest. */
  readonly tag?: string;
}

/** Docker's word for what is missing. */
export const NONE = '<none>';

/** @param canonical `docker.io/library/alpine:latest`, or with a digest */
export function nameParts(canonical: string): NameParts {
  const [named = ''] = canonical.split('@', 1);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const repository = hasTag ? named.slice(0, colon) : named;
  return {
    registry: repository.slice(0, Math.max(0, repository.indexOf('/'))),
    repository: familiarRepository(repository),
    ...(hasTag ? { tag: named.slice(colon + 1) } : {}),
  };
}

function familiarRepository(canonical: string): string {
  try {
    return familiarName(parseReference(canonical));
  } catch {
    return canonical;
  }
}

/** The names that a row is about: tags, else where an untagged image came from. */
export function rowNames({ image, names }: ImageNode): readonly string[] {
  const tags = names ?? image.tags;
  return tags.length > 0 ? tags : image.repoDigests;
}

/** What stands first in the row of an image. */
export function rowLabel(row: ImageNode, kind: LabelKind): string {
  const [name] = rowNames(row);
  if (kind === 'id') return imageShortId(row.image);
  if (name === undefined || kind === 'name') return rowName(row);
  const { repository, tag = NONE } = nameParts(name);
  switch (kind) {
    case 'automatic':
      return rowLabelIn(row, row.group?.by ?? 'none');
    case 'shortName':
      return `${repository.slice(repository.lastIndexOf('/') + 1)}:${tag}`;
    case 'repository':
      return repository;
    case 'tag':
      return tag;
  }
}

/** What of the name its group does not say. */
function rowLabelIn(row: ImageNode, grouping: Grouping): string {
  const [name] = rowNames(row);
  switch (grouping) {
    case 'none':
    case 'age':
      return rowName(row);
    case 'repository':
      return rowLabel(row, 'tag');
    case 'tag':
      return rowLabel(row, 'repository');
    case 'registry': {
      const whole = rowName(row);
      const registry = name === undefined ? '' : nameParts(name).registry;
      return whole.startsWith(`${registry}/`) ? whole.slice(registry.length + 1) : whole;
    }
  }
}
