/** JSON as Go prints it: without `\b` and `\f`, and with JavaScript's line ends escaped (encoding/json encode.go). */
export function goJson(value: unknown, indent: number): string {
  return JSON.stringify(value, undefined, indent)
    .replaceAll(/\\(.)/gs, (escape, letter: string) => SPELLED_OUT[letter] ?? escape)
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

const SPELLED_OUT: Readonly<Record<string, string>> = { b: '\\u0008', f: '\\u000c' };
