/** Numbers and dates as the person's language writes them. */
export interface Formatter {
  /** Three digits and a decimal unit, as Docker counts: `8.83 MB`. */
  size(bytes: number): string;
  /** A whole number with its separators. */
  count(value: number): string;
  /** Part of a whole: `12%`, `<0.1%` for what is not quite nothing. */
  share(part: number, whole: number): string;
  /** `2 months ago`; undefined for what is no date. */
  relative(date: string, now: number): string | undefined;
  /** Date and time to the second; undefined for what is no date. */
  absolute(date: string): string | undefined;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const NO_BREAK_SPACE = '\u00a0';
const SIGNIFICANT_DIGITS = 3;

const SPANS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365.25 * 86_400],
  ['month', 30.44 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** @param locale a BCP 47 tag; one that is not falls back to English. */
export function createFormatter(locale: string): Formatter {
  const language = supported(locale);
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const digits = new Intl.NumberFormat(language, { maximumSignificantDigits: SIGNIFICANT_DIGITS });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  return {
    size(bytes) {
      let value = bytes;
      let unit = 0;
      // 999.5 would round to 1,000 of the smaller unit.
      while (value >= 999.5 && unit < UNITS.length - 1) {
        value /= 1000;
        unit += 1;
      }
      // Rounded as everywhere in Strata: Intl would round 1.105, which is a little less in binary, up.
      return `${digits.format(Number(value.toPrecision(SIGNIFICANT_DIGITS)))}${NO_BREAK_SPACE}${UNITS[unit] ?? ''}`;
    },
    count: (value) => whole.format(value),
    share(part, all) {
      if (all <= 0) return percent.format(0);
      const ratio = part / all;
      return ratio > 0 && ratio < 0.001 ? `<${percent.format(0.001)}` : percent.format(ratio);
    },
    relative(date, now) {
      const time = Date.parse(date);
      if (Number.isNaN(time)) return undefined;
      const seconds = (time - now) / 1000;
      for (const [unit, length] of SPANS) {
        if (Math.abs(seconds) >= length) return ago.format(Math.trunc(seconds / length), unit);
      }
      return ago.format(Math.trunc(seconds), 'second');
    },
    absolute(date) {
      const time = Date.parse(date);
      return Number.isNaN(time) ? undefined : moment.format(time);
    },
  };
}

/** Puts values into a text of PanelStrings: `{0}`, `{1}`… */
export function fill(text: string, ...values: readonly string[]): string {
  return text.replaceAll(/\{(\d+)\}/g, (match, index: string) => values[Number(index)] ?? match);
}

function supported(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en';
  } catch {
    return 'en';
  }
}
