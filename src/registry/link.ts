/** Longer headers are cut: the patterns below look at a character more than once. */
const MAX_LENGTH = 4096;

/**
 * The target of `rel="next"` in a Link header (RFC 8288), if there is one. Reads what it can and no more:
 * a server may send anything here.
 */
export function nextLink(header: string): string | undefined {
  const text = header.slice(0, MAX_LENGTH);
  const link = /<([^<>]*)>([^<]*)/g;
  for (let match = link.exec(text); match !== null; match = link.exec(text)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(match[2] ?? '')) return match[1];
  }
  return undefined;
}
