import { roundDuration } from '../base/units.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const BASE = 1000;
const SIGNIFICANT_DIGITS = 3;

/**
 * Bytes for a person's eye: `12.3 MB`, three digits, decimal units as Docker counts them.
 * Unlike Docker's own printing it has a space and never an exponent.
 */
export function displaySize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 kB would round to "1000 kB".
  while (Number(value.toPrecision(SIGNIFICANT_DIGITS)) >= BASE && unit < UNITS.length - 1) {
    value /= BASE;
    unit += 1;
  }
  return `${Number(value.toPrecision(SIGNIFICANT_DIGITS))} ${UNITS[unit] ?? ''}`;
}

/** `3 weeks ago` in the given language, rounded as Docker does. */
export function displayAge(created: Date, now: Date, language: string): string {
  const { count, unit } = roundDuration(Math.max(0, now.getTime() - created.getTime()));
  return relativeTime(language).format(-count, unit);
}

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 60 * SECONDS_PER_MINUTE;

/** `in 5 minutes`, never too early: rounded up, in the largest unit of which there are two. */
export function displayWait(seconds: number, language: string): string {
  const format = relativeTime(language);
  if (seconds >= 2 * SECONDS_PER_HOUR) return format.format(Math.ceil(seconds / SECONDS_PER_HOUR), 'hours');
  if (seconds >= 2 * SECONDS_PER_MINUTE) {
    return format.format(Math.ceil(seconds / SECONDS_PER_MINUTE), 'minutes');
  }
  return format.format(Math.ceil(seconds), 'seconds');
}

/** Image times before this are placeholders of reproducible builds, the epoch and Go's zero time. */
const FIRST_PLAUSIBLE_YEAR = 1971;

/** The time of an image's configuration, where it says one that can be meant. */
export function plausibleDate(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < FIRST_PLAUSIBLE_YEAR ? undefined : date;
}

/** `43 %`, rounded down, so that 100 % means done. */
export function displayPercent(current: number, total: number): number {
  return total <= 0 ? 0 : Math.min(100, Math.floor((current / total) * 100));
}

/** `1.2K`, `12M`: how many, for a glance. */
export function compactNumber(count: number, language: string): string {
  return withLanguage(
    language,
    (known) => new Intl.NumberFormat(known, { notation: 'compact', maximumFractionDigits: 1 }),
  ).format(count);
}

/** Kept: a view of a thousand rows asks for it a thousand times, and to make one takes 50 µs. */
const relativeTimes = new Map<string, Intl.RelativeTimeFormat>();

function relativeTime(language: string): Intl.RelativeTimeFormat {
  const kept = relativeTimes.get(language);
  if (kept !== undefined) return kept;
  const made = withLanguage(language, (known) => new Intl.RelativeTimeFormat(known));
  relativeTimes.set(language, made);
  return made;
}

/** VS Code's pseudo language `qps-ploc` is none that Intl knows. */
function withLanguage<T>(language: string, make: (language: string) => T): T {
  try {
    return make(language);
  } catch {
    return make('en');
  }
}
