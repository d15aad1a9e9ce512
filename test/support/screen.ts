const ESCAPE = '\u001b';

/**
 * What a terminal shows in the end: enough of one for progress displays (moving up and down, erasing a line).
 * @returns its lines, trailing spaces and empty lines at the end left out
 */
export function finalScreen(output: string): string[] {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  const tokens = new RegExp(`${ESCAPE}\\[(\\d*)([A-Z])|[\\r\\n]|[^${ESCAPE}\\r\\n]+`, 'gi');
  for (const [token, count, command] of output.matchAll(tokens)) {
    const by = Number(count === undefined || count === '' ? 1 : count);
    if (command === 'A') row = Math.max(0, row - by);
    else if (command === 'B') row += by;
    else if (command === 'K') rows[row] = '';
    else if (command !== undefined) throw new Error(`unknown escape sequence ${JSON.stringify(token)}`);
    else if (token === '\r') column = 0;
    else if (token === '\n') row += 1;
    else {
      const line = (rows[row] ?? '').padEnd(column);
      rows[row] = line.slice(0, column) + token + line.slice(column + token.length);
      column += token.length;
    }
    while (rows.length <= row) rows.push('');
  }
  const lines = rows.map((line) => line.trimEnd());
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
