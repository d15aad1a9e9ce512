import { digestHex, shortDigest } from '../../oci/digest.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { ImageSummary, LayerSummary } from '../../images/types.ts';
import { familiarName, familiarString, parseReference } from '../../reference/index.ts';
import { shortCommand } from '../layerCommand.ts';
import type { PullLayerState } from '../pulls/pullState.ts';

/** A row of the Images view. Identity of the rows is in nodeId: the objects are made anew. */
export type ImagesNode = PullNode | PullLayerNode | ImageNode | TagNode | FactNode | LayersNode | LayerNode;

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
export interface ImageNode {
  readonly kind: 'image';
  readonly image: ImageSummary;
}
export interface TagNode {
  readonly kind: 'tag';
  readonly image: ImageSummary;
  /** Canonical name with tag. */
  readonly tag: string;
}
export interface FactNode {
  readonly kind: 'fact';
  readonly image: ImageSummary;
  readonly fact: 'platform' | 'size' | 'created';
}
export interface LayersNode {
  readonly kind: 'layers';
  readonly image: ImageSummary;
}
export interface LayerNode {
  readonly kind: 'layer';
  readonly image: ImageSummary;
  /** From 0, the base first. */
  readonly index: number;
  readonly layer: LayerSummary;
}

const KINDS: readonly string[] = [
  'pull',
  'pullLayer',
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
    case 'pull':
      return `pull/${node.pullId}`;
    case 'pullLayer':
      return `${nodeId(node.pull)}/${node.layer.digest}`;
    case 'image':
      return `image/${node.image.id}`;
    case 'tag':
      return `image/${node.image.id}/tag/${node.tag}`;
    case 'fact':
      return `image/${node.image.id}/${node.fact}`;
    case 'layers':
      return `image/${node.image.id}/layers`;
    case 'layer':
      return `image/${node.image.id}/layers/${node.index}`;
  }
}

/** What stands under an image: its tags where it has several, what it is, its layers. */
export function imageChildren(image: ImageSummary): readonly ImagesNode[] {
  const tags = image.tags.length > 1 ? image.tags : [];
  return [
    ...tags.map((tag): TagNode => ({ kind: 'tag', image, tag })),
    { kind: 'fact', image, fact: 'platform' },
    { kind: 'fact', image, fact: 'size' },
    { kind: 'fact', image, fact: 'created' },
    { kind: 'layers', image },
  ];
}

/** The layers, the newest on top as in a history. */
export function layerNodes(image: ImageSummary): readonly LayerNode[] {
  return image.layers.map((layer, index): LayerNode => ({ kind: 'layer', image, index, layer })).toReversed();
}

export function parentNode(node: ImagesNode): ImagesNode | undefined {
  switch (node.kind) {
    case 'pull':
    case 'image':
      return undefined;
    case 'pullLayer':
      return node.pull;
    case 'tag':
    case 'fact':
    case 'layers':
      return { kind: 'image', image: node.image };
    case 'layer':
      return { kind: 'layers', image: node.image };
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

/** What an image is called in a row: its first tag, else `repository:<none>` or `<none>` as Docker writes it. */
export function imageLabel(image: ImageSummary): string {
  const [tag] = image.tags;
  if (tag !== undefined) return familiarTag(tag);
  const [digest] = image.repoDigests;
  if (digest === undefined) return '<none>';
  try {
    return `${familiarName(parseReference(digest))}:<none>`;
  } catch {
    return '<none>';
  }
}

/** What names this one image among all: its first tag, else its ID. */
export function imageHandle(image: ImageSummary): string {
  return image.tags[0] ?? digestHex(image.id);
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
