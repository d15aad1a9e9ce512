import type { ImageView, LayerView } from '../../src/protocol/imageView.ts';
import { code, factList, plain, absent } from '../components/facts.ts';
import type { FactValue } from '../components/facts.ts';
import { readInstruction, unfoldCommand } from '../components/instruction.ts';
import type { PageContext } from '../context.ts';
import { element, icon } from '../dom.ts';
import { fill } from '../format.ts';
import { layerCount } from './header.ts';

/** A screen reader reads the whole label of each row that is passed. */
const MAX_SPOKEN_CHARS = 160;

/** The layers, base first: one row each with a bar of its size, details on demand. @param open which are unfolded. */
export function renderLayers(context: PageContext, image: ImageView, open: Set<string>): HTMLElement {
  const { strings, format } = context;
  const { layers } = image;
  if (layers.length === 0) return element('p', { class: 'absent' }, strings.noLayers);
  const largest = Math.max(...layers.map((layer) => layer.size));
  const list = element('ol', { class: 'layers', attributes: { 'aria-label': strings.layersLabel } });
  list.style.setProperty('--strata-number-width', `${String(layers.length).length + 0.5}ch`);
  layers.forEach((layer, index) => {
    list.append(layerItem(context, image, layer, { index, largest, open }));
  });
  moveWithArrows(list);
  const summary = fill(
    strings.layersSummary,
    layerCount(context, layers.length),
    format.size(image.size),
    format.size(image.compressedSize),
  );
  return element('div', {}, element('p', { class: 'summary' }, summary), list);
}

interface Place {
  readonly index: number;
  /** Bytes of the largest layer: the full width of a bar. */
  readonly largest: number;
  readonly open: Set<string>;
}

function layerItem(context: PageContext, image: ImageView, layer: LayerView, place: Place): HTMLElement {
  const { strings, format } = context;
  const { index, largest, open } = place;
  // The same layer may stand twice in an image.
  const key = `${index} ${layer.diffId}`;
  const number = format.count(index + 1);
  const size = format.size(layer.size);
  const share = format.share(layer.size, image.size);
  const { keyword, rest } = readInstruction(layer.createdBy);
  const command = `${keyword} ${rest}`.trim();
  const fillBar = element('span', { class: 'bar-fill' });
  fillBar.style.width = `${largest === 0 ? 0 : (layer.size / largest) * 100}%`;
  const button = element(
    'button',
    {
      class: 'layer-row',
      attributes: {
        type: 'button',
        tabindex: index === 0 ? '0' : '-1',
        'aria-expanded': 'false',
        'aria-label': fill(
          strings.layerLabel,
          number,
          format.count(image.layers.length),
          size,
          share,
          command === '' ? strings.unknown : command.slice(0, MAX_SPOKEN_CHARS),
        ),
      },
    },
    icon('chevron-right'),
    element('span', { class: 'layer-number' }, number),
    command === ''
      ? element('span', { class: 'layer-command absent' }, strings.unknown)
      : element(
          'code',
          { class: 'layer-command' },
          keyword === '' ? undefined : element('span', { class: 'keyword' }, keyword),
          keyword === '' ? rest : ` ${rest}`,
        ),
    element('span', { class: 'bar' }, fillBar),
    element('span', { class: 'layer-size' }, size),
    element('span', { class: 'layer-share' }, share),
  );
  const item = element('li', { class: layer.size === 0 ? 'layer empty' : 'layer' }, button);
  const setOpen = (isOpen: boolean): void => {
    button.setAttribute('aria-expanded', String(isOpen));
    item.querySelector('.layer-details')?.remove();
    if (isOpen) item.append(layerDetails(context, image, layer));
    if (isOpen) open.add(key);
    else open.delete(key);
  };
  button.addEventListener('click', () => setOpen(!open.has(key)));
  if (open.has(key)) setOpen(true);
  return item;
}

function layerDetails(context: PageContext, image: ImageView, layer: LayerView): HTMLElement {
  const { strings, format } = context;
  const exact = (bytes: number): string =>
    `${format.size(bytes)} (${fill(strings.bytes, format.count(bytes))})`;
  return element(
    'div',
    { class: 'layer-details' },
    factList(context, [
      {
        label: strings.createdBy,
        values: [layer.createdBy === '' ? absent(strings.noCommand) : commandValue(layer.createdBy)],
      },
      { label: strings.digest, values: [code(layer.digest)] },
      { label: strings.diffId, values: [code(layer.diffId)] },
      { label: strings.size, values: [plain(exact(layer.size))] },
      { label: strings.compressedSize, values: [plain(exact(layer.compressedSize))] },
      { label: strings.layerShare, values: [plain(format.share(layer.size, image.size))] },
    ]),
  );
}

function commandValue(createdBy: string): FactValue {
  return { content: element('code', {}, unfoldCommand(createdBy)), copy: createdBy };
}

/** Up, down, Home and End walk the rows, right and left unfold and fold: one stop for Tab, as in a tree. */
function moveWithArrows(list: HTMLElement): void {
  const rows = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('.layer-row')];
  list.addEventListener('focusin', (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.layer-row') : null;
    if (row === null) return;
    list.querySelector('.layer-row[tabindex="0"]')?.setAttribute('tabindex', '-1');
    row.setAttribute('tabindex', '0');
  });
  list.addEventListener('keydown', (event) => {
    const row = event.target;
    if (!(row instanceof HTMLElement) || !row.classList.contains('layer-row')) return;
    const isOpen = row.getAttribute('aria-expanded') === 'true';
    if ((event.key === 'ArrowRight' && !isOpen) || (event.key === 'ArrowLeft' && isOpen)) {
      row.click();
    } else {
      const all = rows();
      const next = target(event.key, all.indexOf(row), all.length - 1);
      if (next === undefined) return;
      all[next]?.focus();
    }
    event.preventDefault();
  });
}

function target(key: string, at: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, last);
    case 'ArrowUp':
      return Math.max(at - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
