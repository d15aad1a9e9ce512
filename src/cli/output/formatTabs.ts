/** Go's text/tabwriter as docker sets it up: a cell has at least 10 characters, 3 of them space behind its text. */
const LEAST_WIDTH = 10;
const PADDING = 3;

/** Lines from `start` up to `end` that all have a cell in this column. */
interface Block {
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Aligns what tabs end: a column is made of the cells that stand above one another in lines without a gap, and what
 * follows the last tab of a line belongs to none. A form feed ends all columns.
 */
export function alignTabs(text: string): string {
  return text.split('\f').map(alignSection).join('\n');
}

function alignSection(text: string): string {
  const lines = text.split('\n').map((line) => line.split(/[\t\v]/));
  const widths = lines.map((): number[] => []);
  const blocks: Block[] = [...runs(lines, { column: 0, start: 0, end: lines.length })];
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    const { column, start, end } = block;
    let width = LEAST_WIDTH;
    for (let i = start; i < end; i += 1)
      width = Math.max(width, characters(lines[i]?.[column] ?? '') + PADDING);
    for (let i = start; i < end; i += 1) widths[i]?.push(width);
    blocks.push(...runs(lines, { column: column + 1, start, end }));
  }
  return lines.map((cells, i) => alignLine(cells, widths[i] ?? [])).join('\n');
}

function* runs(lines: readonly (readonly string[])[], { column, start, end }: Block): Generator<Block> {
  let from = start;
  for (let i = start; i <= end; i += 1) {
    if (i < end && column < (lines[i]?.length ?? 0) - 1) continue;
    if (i > from) yield { column, start: from, end: i };
    from = i + 1;
  }
}

function alignLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - characters(cell))))
    .join('');
}

const characters = (text: string): number => Array.from(text).length;
