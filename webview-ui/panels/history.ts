import type { HistoryView, ImageView } from '../../src/protocol/imageView.ts';
import { copyButton } from '../components/copyButton.ts';
import { unfoldCommand } from '../components/instruction.ts';
import { createdTexts } from '../components/created.ts';
import type { PageContext } from '../context.ts';
import { element, icon } from '../dom.ts';
import type { Child } from '../dom.ts';
import { fill } from '../format.ts';
import { shortId } from './header.ts';

/** For the data grid, which hands one template to all its rows. */
const COLUMNS = '10em 9em minmax(16em, 1fr) 6.5em minmax(0, 13em)';

/** Docker's history table, newest first; a row unfolds to its whole command. @param open which rows are unfolded. */
export function renderHistory(context: PageContext, image: ImageView, open: Set<number>): HTMLElement {
  const { strings } = context;
  if (image.history.length === 0) return element('p', { class: 'absent' }, strings.noHistory);
  const grid = element('vscode-data-grid', {
    class: 'history',
    attributes: {
      'aria-label': strings.historyLabel,
      'generate-header': 'none',
      'grid-template-columns': COLUMNS,
    },
  });
  grid.append(headerRow(context));
  image.history.forEach((row, index) => grid.append(historyRow(context, row, index, open)));
  return grid;
}

function headerRow({ strings }: PageContext): HTMLElement {
  const titles = [
    strings.columnImage,
    strings.created,
    strings.createdBy,
    strings.size,
    strings.columnComment,
  ];
  return element(
    'vscode-data-grid-row',
    { attributes: { 'row-type': 'sticky-header' } },
    ...titles.map((title, column) => cell(column, 'columnheader', title)),
  );
}

function historyRow(context: PageContext, row: HistoryView, index: number, open: Set<number>): HTMLElement {
  const { strings, format } = context;
  const created = createdTexts(context, row.created);
  const command = element('code', { class: 'command' });
  const commandCell = cell(
    2,
    'default',
    icon('chevron-right'),
    command,
    row.createdBy === '' ? undefined : copyButton(context, strings.createdBy, row.createdBy),
  );
  const image = row.id === undefined ? absent(strings.missing) : element('code', {}, shortId(row.id));
  const createdCell = cell(1, 'default', created?.relative ?? absent(strings.unknown));
  const sizeCell = cell(3, 'default', format.size(row.size));
  if (created !== undefined) createdCell.title = created.absolute;
  if (row.id !== undefined) image.title = row.id;
  sizeCell.title = fill(strings.bytes, format.count(row.size));
  const line = element(
    'vscode-data-grid-row',
    { class: row.emptyLayer ? 'history-row empty' : 'history-row' },
    cell(0, 'default', image),
    createdCell,
    commandCell,
    sizeCell,
    cell(4, 'default', element('span', { class: 'comment' }, row.comment)),
  );
  const setOpen = (isOpen: boolean): void => {
    line.classList.toggle('open', isOpen);
    commandCell.setAttribute('aria-expanded', String(isOpen));
    command.textContent = isOpen ? unfoldCommand(row.createdBy) : row.createdBy;
    commandCell.title = isOpen ? strings.hideCommand : strings.showCommand;
    if (isOpen) open.add(index);
    else open.delete(index);
  };
  line.addEventListener('click', () => {
    // Selecting text in the row is no click on it.
    if (document.getSelection()?.isCollapsed !== false) setOpen(!open.has(index));
  });
  line.addEventListener('keydown', (event) => {
    // Not for a button within the cell, which has the key for itself.
    if (!(event.target instanceof HTMLElement) || event.target.tagName !== 'VSCODE-DATA-GRID-CELL') return;
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    setOpen(!open.has(index));
  });
  setOpen(open.has(index));
  return line;
}

function cell(column: number, type: 'default' | 'columnheader', ...children: readonly Child[]): HTMLElement {
  return element(
    'vscode-data-grid-cell',
    {
      class: `column-${column}`,
      attributes: { 'grid-column': String(column + 1), ...(type === 'default' ? {} : { 'cell-type': type }) },
    },
    ...children,
  );
}

function absent(text: string): HTMLElement {
  return element('span', { class: 'absent' }, text);
}
