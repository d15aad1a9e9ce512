import { StrataError } from '../base/errors.ts';

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const MAX_INT64 = 2n ** 63n - 1n;

/** Nanoseconds since 1970 of an RFC 3339 time; of Go's zero time where there is none or none that can be read. */
export function timeNanoseconds(text: string | undefined): bigint {
  const [, fraction = ''] = /\.(\d{1,9})/.exec(text ?? '') ?? [];
  const ms = Date.parse((text ?? '').replace(/\.\d+/, ''));
  const known = Number.isNaN(ms) ? Date.parse('0001-01-01T00:00:00Z') : ms;
  return BigInt(known) * NS_PER_MS + BigInt(fraction.padEnd(9, '0'));
}

const refuse = (detail: string): StrataError => new StrataError('filter-invalid', { detail });

/**
 * What `until` means, in nanoseconds since 1970: a duration before now (`10m`, `1h30m`), a date or time with or
 * without a zone, or Unix seconds with a fraction (moby api/types/time/timestamp.go, GetTimestamp).
 * @param now milliseconds since 1970
 * @throws `filter-invalid` with Go's sentence
 */
export function parseUntil(value: string, now: number): bigint {
  const duration = value === '0' ? undefined : parseDuration(value);
  // Go rounds such a time down to whole seconds.
  if (duration !== undefined) return floorSeconds(BigInt(now) * NS_PER_MS - duration) * NS_PER_S;
  const layout = layoutOf(value);
  try {
    return parseTime(value, layout, now);
  } catch (error) {
    if (value.includes('-')) throw error;
  }
  const [whole, fraction] = splitOnce(value, '.');
  if (!isInteger(whole) || (fraction !== undefined && !isInteger(fraction))) {
    throw refuse(`failed to parse value as time or duration: ${JSON.stringify(value)}`);
  }
  const scale = 10 ** (9 - (fraction?.length ?? 0));
  return BigInt(whole) * NS_PER_S + BigInt(Math.trunc(Number(fraction ?? '0') * scale));
}

function floorSeconds(ns: bigint): bigint {
  return ns / NS_PER_S - (ns % NS_PER_S < 0n ? 1n : 0n);
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** What strconv.ParseInt takes for 64 bits. */
function isInteger(text: string): boolean {
  if (!/^[+-]?\d+$/.test(text)) return false;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= -MAX_INT64 - 1n && value <= MAX_INT64;
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: MINUTE_S * 1e9,
  h: HOUR_S * 1e9,
};

/** Go's time.ParseDuration in nanoseconds; undefined for what is none. */
function parseDuration(text: string): bigint | undefined {
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const scale = DURATION_UNITS[unit] ?? 0;
    total += BigInt(whole === '' ? '0' : whole) * BigInt(scale);
    total += BigInt(Math.trunc(Number(`0.${fraction === '' ? '0' : fraction}`) * scale));
  }
  if (total > MAX_INT64) return undefined;
  return sign === '-' ? -total : total;
}

interface Layout {
  /** In Go's notation, for its errors. */
  readonly text: string;
  readonly hasZone: boolean;
}

/** Which form a value must have, chosen as Docker chooses. */
function layoutOf(value: string): Layout {
  const hasZone = /[zZ+]/.test(value) || value.split('-').length - 1 === 3;
  const zone = hasZone ? 'Z07:00' : '';
  if (value.includes('.')) return { text: `2006-01-02T15:04:05.999999999${zone}`, hasZone };
  if (!value.includes('T')) return { text: `2006-01-02${zone}`, hasZone };
  const colons = value.split(':').length - 1 - (hasZone && !/[zZ]/.test(value) ? 1 : 0);
  const clock = ['15', '15:04'][Math.max(0, colons)] ?? '15:04:05';
  return { text: `2006-01-02T${clock}${zone}`, hasZone };
}

/** The elements of a layout that hold a number: what Go calls them, how many digits, and what it may be. */
const ELEMENTS: readonly (readonly [text: string, name: string, least: number, most: number])[] = [
  ['2006', 'year', 0, 9999],
  ['01', 'month', 1, 12],
  ['02', 'day', 1, 31],
  ['15', 'hour', 0, 23],
  ['04', 'minute', 0, 59],
  ['05', 'second', 0, 59],
];

/** Go's time.Parse for these layouts. A time without a zone is of the zone that is now the machine's. */
function parseTime(value: string, { text: layout, hasZone }: Layout, now: number): bigint {
  const quoted = JSON.stringify(value);
  const outOfRange = (name: string): StrataError => refuse(`parsing time ${quoted}: ${name} out of range`);
  const fields: Record<string, number> = {};
  let fraction = '';
  let offset = 0;
  let rest = value;
  const mismatch = (element: string): StrataError => {
    const shown = `${JSON.stringify(rest)} as ${JSON.stringify(element)}`;
    return refuse(`parsing time ${quoted} as ${JSON.stringify(layout)}: cannot parse ${shown}`);
  };
  for (const [element] of layout.matchAll(/2006|01|02|15|04|05|\.9+|Z07:00|[-T:]/g)) {
    const number = ELEMENTS.find(([text]) => text === element);
    if (number !== undefined) {
      const [text, name, least, most] = number;
      const digits = new RegExp(`^\\d{${text === '15' ? '1,2' : String(text.length)}}`).exec(rest)?.[0];
      if (digits === undefined) throw mismatch(text);
      if (Number(digits) < least || Number(digits) > most) throw outOfRange(name);
      fields[name] = Number(digits);
      rest = rest.slice(digits.length);
      // Go takes a fraction behind the seconds even where the layout has none.
      if (name === 'second') fraction = /^[.,](\d+)/.exec(rest)?.[1] ?? '';
      if (fraction !== '' && name === 'second') rest = rest.slice(fraction.length + 1);
    } else if (element === 'Z07:00') {
      const zone = /^(?:Z|([+-])(\d\d):(\d\d))/.exec(rest);
      if (zone === null) throw mismatch(element);
      const [whole, sign, hours = '0', minutes = '0'] = zone;
      offset = (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_S + Number(minutes) * MINUTE_S);
      rest = rest.slice(whole.length);
    } else if (!element.startsWith('.')) {
      if (!rest.startsWith(element)) throw mismatch(element);
      rest = rest.slice(element.length);
    }
  }
  if (rest !== '') throw refuse(`parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`);
  const { year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) throw outOfRange('day');
  if (!hasZone) offset = -new Date(now).getTimezoneOffset() * MINUTE_S;
  const seconds = date.getTime() / 1000 + hour * HOUR_S + minute * MINUTE_S + second - offset;
  return BigInt(seconds) * NS_PER_S + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}
