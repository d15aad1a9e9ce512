/** Docker's table (Go's tabwriter with a least width of 10 and a padding of 3). The last column is not padded. */
const LEAST_WIDTH = 10;
const PADDING = 3;

/** @param rows the headings first */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(LEAST_WIDTH, ...rows.map((row) => cellWidth(row[i] ?? '') + PADDING)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - cellWidth(cell)),
        )
        .join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** tabwriter counts code points. */
function cellWidth(text: string): number {
  return Array.from(text).length;
}

/** Cuts a text to `width` cells, the last of them an ellipsis (docker/cli formatter, Ellipsis). */
export function ellipsis(text: string, width: number): string {
  const cells = Array.from(text);
  return cells.length <= width ? text : `${cells.slice(0, width - 1).join('')}…`;
}
