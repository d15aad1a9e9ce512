/**
 * Go's strings are bytes, of which some may be no UTF-8 (half of a letter that `slice` or `truncate` cut). Here such a
 * byte is one lone surrogate, U+DC80 to U+DCFF, which no well-formed text has, so that nothing is lost on the way.
 */
const ESCAPE_BASE = 0xdc00;
const ESCAPES = /[\udc80-\udcff]/u;
const NOT_ASCII = /[\u0080-\uffff]/;

/** Whether a character stands for a byte that is no UTF-8, or a text has one. */
export function isEscapedByte(character: string): boolean {
  return ESCAPES.test(character);
}

/** The byte that `isEscapedByte` found. */
export function escapedByte(character: string): number {
  return character.charCodeAt(0) - ESCAPE_BASE;
}

export function byteLength(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  return ESCAPES.test(text) ? toBytes(text).length : Buffer.byteLength(text);
}

export function toBytes(text: string): Uint8Array {
  if (!ESCAPES.test(text)) return Buffer.from(text);
  return Buffer.concat(
    Array.from(text, (character) =>
      isEscapedByte(character) ? Buffer.of(escapedByte(character)) : Buffer.from(character),
    ),
  );
}

function fromBytes(bytes: Uint8Array): string {
  const whole = decodeStrictly(bytes);
  if (whole !== undefined) return whole;
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((size) => decodeStrictly(bytes.subarray(at, at + size)) !== undefined);
    const part = length === undefined ? undefined : decodeStrictly(bytes.subarray(at, at + length));
    text += part ?? String.fromCharCode(ESCAPE_BASE + (bytes[at] ?? 0));
    at += length ?? 1;
  }
  return text;
}

const strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return strictly.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Go's `text[start:end]`, counted in bytes. */
export function sliceBytes(text: string, start: number, end: number): string {
  return NOT_ASCII.test(text) ? fromBytes(toBytes(text).subarray(start, end)) : text.slice(start, end);
}

/** Go's order of strings. */
export function compareBytes(a: string, b: string): number {
  if (NOT_ASCII.test(a) || NOT_ASCII.test(b)) return Buffer.compare(toBytes(a), toBytes(b));
  return a < b ? -1 : Number(a > b);
}

/** What a terminal shall get: halves that met again are letters, others the replacement character. */
export function wellFormed(text: string): string {
  return ESCAPES.test(text) ? replaceLone(fromBytes(toBytes(text))) : text;
}

/** Text from outside, where a lone surrogate means nothing and must not be taken for a byte. */
export function replaceLone(text: string): string {
  return text.replaceAll(/[\ud800-\udfff]/gu, '\ufffd');
}
