import type { ImageView } from '../../src/protocol/imageView.ts';
import type { PanelTarget } from '../../src/protocol/imagePanel.ts';
import { copyButton } from '../components/copyButton.ts';
import { createdTexts } from '../components/created.ts';
import type { PageContext } from '../context.ts';
import { element, icon } from '../dom.ts';
import type { Child } from '../dom.ts';
import { fill } from '../format.ts';

const SHORT_ID_LENGTH = 12;

/** `sha256:a606584aa9aa…` → `a606584aa9aa`, as Docker shows IDs. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, SHORT_ID_LENGTH);
}

/** The top of the panel: what image this is, and the facts one looks for first. */
export function renderHeader(context: PageContext, target: PanelTarget, image?: ImageView): HTMLElement {
  const title = titleOf(context, target, image);
  const facts = image === undefined ? [idFact(context, target.imageId)] : imageFacts(context, image);
  return element(
    'header',
    { class: 'header' },
    element('div', { class: 'header-icon' }, icon('layers')),
    element(
      'div',
      { class: 'header-text' },
      element('div', { class: 'title' }, element('h1', {}, title), ...otherNames(context, title, image)),
      element('ul', { class: 'header-facts' }, ...facts),
    ),
  );
}

function titleOf({ strings }: PageContext, target: PanelTarget, image: ImageView | undefined): string {
  if (image === undefined) return target.name ?? shortId(target.imageId);
  const { names } = image;
  const wanted = target.name !== undefined && names.includes(target.name) ? target.name : names[0];
  return wanted ?? strings.untagged;
}

function otherNames({ strings }: PageContext, title: string, image: ImageView | undefined): HTMLElement[] {
  return (image?.names ?? [])
    .filter((name) => name !== title)
    .map((name) =>
      element('span', { class: 'badge', attributes: { title: fill(strings.moreNames, name) } }, name),
    );
}

function imageFacts(context: PageContext, image: ImageView): HTMLElement[] {
  const { strings, format } = context;
  const created = createdTexts(context, image.created);
  const bytes = fill(strings.bytes, format.count(image.size));
  return [
    idFact(context, image.id),
    fact(undefined, image.platform),
    fact(`${strings.sizeHelp} (${bytes})`, format.size(image.size)),
    fact(undefined, layerCount(context, image.layers.length)),
    ...(created === undefined
      ? []
      : [fact(created.absolute, fill(strings.createdRelative, created.relative))]),
  ];
}

function idFact(context: PageContext, id: string): HTMLElement {
  return fact(id, element('code', {}, shortId(id)), copyButton(context, context.strings.imageId, id));
}

function fact(tooltip: string | undefined, ...content: readonly Child[]): HTMLElement {
  return element('li', tooltip === undefined ? {} : { attributes: { title: tooltip } }, ...content);
}

/** "1 layer", "3 layers". */
export function layerCount({ strings, format }: PageContext, count: number): string {
  return count === 1 ? strings.oneLayer : fill(strings.manyLayers, format.count(count));
}
