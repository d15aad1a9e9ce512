/** Docker's table (Go's tabwriter with a least width of 10 and a padding of 3). The last column is not padded. */
const LEAST_WIDTH = 10;
const PADDING = 3;

/** @param rows the headings first */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = columnWidths(rows);
  const lines: string[] = [];
  for (const row of rows) {
    const last = row.length - 1;
    const parts: string[] = [];
    for (let i = 0; i < last; i++) {
      const cell = row[i] ?? '';
      parts.push(cell, ' '.repeat((widths[i] ?? 0) - cellWidth(cell)));
    }
    parts.push(row[last] ?? '', '\n');
    // Joined at once: 20,000 rows of concatenated strings would keep the garbage collector busy.
    lines.push(parts.join(''));
  }
  return lines.join('');
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  let previous: readonly string[] = [];
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      const cell = row[i] ?? '';
      if (cell !== previous[i]) widths[i] = Math.max(widths[i] ?? LEAST_WIDTH, cellWidth(cell) + PADDING);
    }
    previous = row;
  }
  return widths;
}

/** tabwriter counts code points. */
function cellWidth(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text).length : text.length;
}

/** What a terminal shows in two cells: the wide and fullwidth characters of Unicode's EastAsianWidth. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** Cuts a text to `width` cells, the last of them an ellipsis (docker/cli formatter, Ellipsis). */
export function ellipsis(text: string, width: number): string {
  let cells = 0;
  let kept = '';
  for (const character of text) {
    cells += WIDE.test(character) ? 2 : 1;
    if (cells > width) return `${kept}…`;
    if (cells < width) kept += character;
  }
  return text;
}
