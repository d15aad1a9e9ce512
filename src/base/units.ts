/** Sizes and ages as Docker prints them (docker/go-units size.go and duration.go). */

const DECIMAL_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'] as const;
const UNIT_BASE = 1000;
/** A double below 1000 has at most 52 binary, and so at most 52 decimal places: this many print it exactly. */
const EXACT_PLACES = 60;

/**
 * Bytes in decimal units: `12.3MB`. Docker prints four significant digits where it tells what is freed or fetched,
 * three in its table of images; a trailing zero is left out, and 999,950 bytes at three digits are `1e+03kB`, as in Go.
 */
export function humanSize(bytes: number, precision = 4): string {
  let value = bytes;
  let unit = 0;
  while (value >= UNIT_BASE && unit < DECIMAL_UNITS.length - 1) {
    value /= UNIT_BASE;
    unit += 1;
  }
  return `${formatG(value, precision)}${DECIMAL_UNITS[unit] ?? ''}`;
}

/** Go's `%.*g` for what a size can be: at least 1, or 0. Rounds a tie to the even digit, which toPrecision does not. */
function formatG(value: number, precision: number): string {
  if (Number.isInteger(value) && value < 10 ** precision) return String(value);
  const rounded = tieToEven(value, precision).toPrecision(precision);
  const [mantissa = '', exponent] = rounded.split('e');
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined
    ? trimmed
    : `${trimmed}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}

/** `value`, or the number just below that a tie rounds to. */
function tieToEven(value: number, precision: number): number {
  const exact = value.toFixed(EXACT_PLACES);
  const point = exact.indexOf('.');
  // Sizes never begin with a zero digit unless they are zero, so the first digit is significant.
  const end = precision < point ? precision : precision + 1;
  const rest = exact.slice(end).replace('.', '');
  const isTie = /^50*$/.test(rest) && /[02468]\.?$/.test(exact.slice(0, end));
  return isTie ? Number(exact.slice(0, end).padEnd(point, '0')) : value;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const HOURS_PER_DAY = 24;
const HOURS_PER_WEEK = 7 * HOURS_PER_DAY;
const HOURS_PER_MONTH = 30 * HOURS_PER_DAY;
const HOURS_PER_YEAR = 365 * HOURS_PER_DAY;
/** Go's longest time.Duration, at which its subtraction of times stops: 292 years. */
const LONGEST_MS = Number(2n ** 63n - 1n) / 1e6;

export type DurationUnit = 'seconds' | 'minutes' | 'hours' | 'days' | 'weeks' | 'months' | 'years';

/** The number and the unit that Docker would choose for a duration in milliseconds. */
export function roundDuration(ms: number): { readonly count: number; readonly unit: DurationUnit } {
  const duration = Math.min(ms, LONGEST_MS);
  const whole = (unit: number): number => Math.max(0, Math.trunc(duration / unit));
  if (duration < MINUTE) return { count: whole(SECOND), unit: 'seconds' };
  if (duration < HOUR) return { count: whole(MINUTE), unit: 'minutes' };
  const hours = Math.trunc(duration / HOUR + 0.5);
  if (hours < 2 * HOURS_PER_DAY) return { count: hours, unit: 'hours' };
  const units = (length: number): number => Math.trunc(hours / length);
  if (hours < 2 * HOURS_PER_WEEK) return { count: units(HOURS_PER_DAY), unit: 'days' };
  if (hours < 2 * HOURS_PER_MONTH) return { count: units(HOURS_PER_WEEK), unit: 'weeks' };
  if (hours < 2 * HOURS_PER_YEAR) return { count: units(HOURS_PER_MONTH), unit: 'months' };
  return { count: Math.trunc(whole(HOUR) / HOURS_PER_YEAR), unit: 'years' };
}

/** A duration in milliseconds in words: `About a minute`, `3 weeks`. */
export function humanDuration(ms: number): string {
  const { count, unit } = roundDuration(ms);
  if (unit === 'seconds' && count < 1) return 'Less than a second';
  if (unit === 'seconds' && count === 1) return '1 second';
  if (unit === 'minutes' && count === 1) return 'About a minute';
  if (unit === 'hours' && count === 1) return 'About an hour';
  return `${count} ${unit}`;
}
