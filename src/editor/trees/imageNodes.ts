import { digestHex, shortDigest } from '../../oci/digest.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { ImageSummary, LayerSummary } from '../../images/types.ts';
import { familiarName, familiarString, parseReference } from '../../reference/index.ts';
import type { Grouping } from '../imagesView/options.ts';
import { shortCommand } from '../layerCommand.ts';
import { operationNodeId } from '../operations/operationNodes.ts';
import type { OperationNode, OperationPartNode } from '../operations/operationNodes.ts';
import type { PullLayerState } from '../pulls/pullState.ts';

/** A row of the Images view. Identity of the rows is in nodeId: the objects are made anew. */
export type ImagesNode =
  | OperationNode
  | OperationPartNode
  | PullNode
  | PullLayerNode
  | GroupNode
  | ImageNode
  | TagNode
  | FactNode
  | LayersNode
  | LayerNode;

/** Only the id: the row asks for the pull's state when it is drawn. */
export interface PullNode {
  readonly kind: 'pull';
  readonly pullId: string;
}
export interface PullLayerNode {
  readonly kind: 'pullLayer';
  readonly pull: PullNode;
  readonly layer: PullLayerState;
}
export interface GroupNode {
  readonly kind: 'group';
  readonly by: Exclude<Grouping, 'none'>;
  /** The repository, the registry or the tag, else the name of an age; '' for what has none. */
  readonly key: string;
  readonly rows: readonly ImageNode[];
}
export interface ImageNode {
  readonly kind: 'image';
  readonly image: ImageSummary;
  /** Canonical: those of the image's tags that this row is about. All where it does not say. */
  readonly names?: readonly string[];
  readonly group?: GroupNode;
}
export interface TagNode {
  readonly kind: 'tag';
  readonly row: ImageNode;
  readonly image: ImageSummary;
  /** Canonical name with tag. */
  readonly tag: string;
}
export interface FactNode {
  readonly kind: 'fact';
  readonly row: ImageNode;
  readonly image: ImageSummary;
  readonly fact: 'platform' | 'size' | 'created';
}
export interface LayersNode {
  readonly kind: 'layers';
  readonly row: ImageNode;
  readonly image: ImageSummary;
}
export interface LayerNode {
  readonly kind: 'layer';
  readonly row: ImageNode;
  readonly image: ImageSummary;
  /** From 0, the base first. */
  readonly index: number;
  readonly layer: LayerSummary;
}

const KINDS: readonly string[] = [
  'operation',
  'operationPart',
  'pull',
  'pullLayer',
  'group',
  'image',
  'tag',
  'fact',
  'layers',
  'layer',
] satisfies readonly ImagesNode['kind'][];

/** Commands are called with anything by anyone: only rows of this view are taken for such. */
export function isImagesNode(value: unknown): value is ImagesNode {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.includes(String(value.kind));
}

/** The same row has the same id after a refresh, so that it stays expanded and selected. */
export function nodeId(node: ImagesNode): string {
  switch (node.kind) {
    case 'operation':
    case 'operationPart':
      return operationNodeId(node);
    case 'pull':
      return `pull/${node.pullId}`;
    case 'pullLayer':
      return `${nodeId(node.pull)}/${node.layer.digest}`;
    case 'group':
      return `${node.by}/${node.key}`;
    case 'image':
      return `${node.group === undefined ? '' : `${nodeId(node.group)}/`}image/${node.image.id}`;
    case 'tag':
      return `${nodeId(node.row)}/tag/${node.tag}`;
    case 'fact':
      return `${nodeId(node.row)}/${node.fact}`;
    case 'layers':
      return `${nodeId(node.row)}/layers`;
    case 'layer':
      return `${nodeId(node.row)}/layers/${node.index}`;
  }
}

/** What stands under an image: its tags where it has several, what it is, its layers. */
export function imageChildren(row: ImageNode): readonly ImagesNode[] {
  const { image } = row;
  const tags = image.tags.length > 1 ? image.tags : [];
  return [
    ...tags.map((tag): TagNode => ({ kind: 'tag', row, image, tag })),
    { kind: 'fact', row, image, fact: 'platform' },
    { kind: 'fact', row, image, fact: 'size' },
    { kind: 'fact', row, image, fact: 'created' },
    { kind: 'layers', row, image },
  ];
}

/** The layers, the newest on top as in a history. */
export function layerNodes(row: ImageNode): readonly LayerNode[] {
  const { image } = row;
  return image.layers
    .map((layer, index): LayerNode => ({ kind: 'layer', row, image, index, layer }))
    .toReversed();
}

export function parentNode(node: ImagesNode): ImagesNode | undefined {
  switch (node.kind) {
    case 'operation':
    case 'pull':
    case 'group':
      return undefined;
    case 'image':
      return node.group;
    case 'operationPart':
      return node.operation;
    case 'pullLayer':
      return node.pull;
    case 'tag':
    case 'fact':
    case 'layers':
      return node.row;
    case 'layer':
      return { kind: 'layers', row: node.row, image: node.image };
  }
}

/** `alpine:latest` for `docker.io/library/alpine:latest`; what cannot be parsed stands as it is. */
export function familiarTag(canonical: string): string {
  try {
    return familiarString(parseReference(canonical));
  } catch {
    return canonical;
  }
}

/** What an image is called: its first tag, else `repository:<none>` or `<none>` as Docker writes it. */
export function imageLabel(image: ImageSummary): string {
  return rowName({ kind: 'image', image });
}

/** As imageLabel, by the names that the row is about. */
export function rowName(row: ImageNode): string {
  const [tag] = row.names ?? row.image.tags;
  if (tag !== undefined) return familiarTag(tag);
  const [digest] = row.image.repoDigests;
  if (digest === undefined) return '<none>';
  try {
    return `${familiarName(parseReference(digest))}:<none>`;
  } catch {
    return '<none>';
  }
}

/** What names this one image among all: its first tag, or the row's, else its ID. */
export function imageHandle(image: ImageSummary, names: readonly string[] = image.tags): string {
  return names[0] ?? digestHex(image.id);
}

export function imageShortId(image: ImageSummary): string {
  return shortDigest(image.id);
}

export function imagePlatform(image: ImageSummary): string {
  return formatPlatform(image.platform);
}

/** What made the layer, in short; undefined where the image does not say. */
export function layerLabel(layer: LayerSummary): string | undefined {
  const command = shortCommand(layer.createdBy ?? '');
  return command === '' ? undefined : command;
}
