/** The last line may run over by so many cells, rather than leave a short word alone (spf13/pflag). */
const SLOP = 5;
/** Narrower than this nothing is wrapped. */
const LEAST_WIDTH = 24;

/**
 * Breaks a text at its spaces, as the help of Docker's options is broken. One cell of each line stays free.
 * @param width cells of a line @param indent cells before the text, on the lines that follow too
 */
export function wrapText(text: string, width: number, indent: number): string {
  const room = width - 1 - indent;
  if (room < LEAST_WIDTH) return text;
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room - SLOP - 1);
    if (space <= 0) break;
    lines.push(rest.slice(0, space));
    rest = rest.slice(space + 1);
  }
  return [...lines, rest].join(`\n${' '.repeat(indent)}`);
}
