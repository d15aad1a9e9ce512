/** Go's strconv.ParseBool takes these spellings and no others. */
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** strconv.ParseBool; undefined for what it refuses. */
export function parseBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

/**
 * strconv.ParseInt with base 0: decimal, `0x…`, `0o…` or `0…`, `0b…`, with underscores between digits.
 * @returns its words for what is wrong where it refuses; numbers beyond 2^53 lose their last digits
 */
export function parseInt64(text: string): number | 'invalid syntax' | 'value out of range' {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const literal = toLiteral(digits);
  if (literal === undefined) return 'invalid syntax';
  const value = sign === '-' ? -BigInt(literal) : BigInt(literal);
  return value > MAX_INT64 || value < MIN_INT64 ? 'value out of range' : Number(value);
}

/** The digits as BigInt takes them. */
function toLiteral(digits: string): string | undefined {
  const plain = digits.replaceAll('_', '');
  if (/^(?:0|[1-9](?:_?\d)*)$/.test(digits)) return plain;
  if (/^0[xX](?:_?[\da-fA-F])+$/.test(digits) || /^0[bB](?:_?[01])+$/.test(digits))
    return plain.toLowerCase();
  const octal = /^0[oO]?((?:_?[0-7])+)$/.exec(digits)?.[1];
  return octal === undefined ? undefined : `0o${octal.replaceAll('_', '')}`;
}

/** `key=value` as Docker reads a filter (docker/cli opts.FilterOpt); undefined without `=`. */
export function parseFilter(text: string): { readonly key: string; readonly value: string } | undefined {
  const [whole, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  return whole === undefined ? undefined : { key: key.trim().toLowerCase(), value: value.trim() };
}
