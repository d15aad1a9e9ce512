import type { Maybe, Method, ScalarType, StructType, StructValue, Value } from './model.ts';
import { FLOAT64, INT, INT64, STRING } from './types.ts';
import { ofBool, ofInt, ofString } from './values.ts';

/** Go's time.Time and time.Duration, as far as a template asks for them. */

interface Moment {
  /** Since 1970, rounded down. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** East of Greenwich, in seconds. */
  readonly offset: number;
}

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:Z|([-+])(\d\d):(\d\d))$/;
/** Go's zero time. */
const ZERO_SECONDS = Date.parse('0001-01-01T00:00:00Z') / 1000;
const ZERO: Moment = { seconds: ZERO_SECONDS, nanoseconds: 0, offset: 0 };

function parseMoment(json: unknown): Moment {
  const match = typeof json === 'string' ? RFC3339.exec(json) : null;
  const [, clock = '', fraction = '', sign = '+', hours = '0', minutes = '0'] = match ?? [];
  const local = Date.parse(`${clock}Z`) / 1000;
  if (Number.isNaN(local)) return ZERO;
  const offset = (sign === '-' ? -60 : 60) * (60 * Number(hours) + Number(minutes));
  return { seconds: local - offset, nanoseconds: Number(fraction.padEnd(9, '0')), offset };
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const two = (value: number): string => String(value).padStart(2, '0');

/** The date and clock of a moment where it is. */
function clockOf({ seconds, offset }: Moment): Date {
  return new Date((seconds + offset) * 1000);
}

function yearDay(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.round((date.getTime() - start.getTime()) / 86_400_000) + 1;
}

/** The parts of a layout that stand for parts of a time (Go's time, format.go). */
const LAYOUT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|__2|_2(?!006)|2|3|4|5|PM|pm|[-Z]07(?::?00){0,2}|[.,](?:0+|9+)(?!\d)/g;

function format(moment: Moment, layout: string): string {
  return layout.replaceAll(LAYOUT, (part) => formatPart(part, moment));
}

function formatPart(part: string, moment: Moment): string {
  const date = clockOf(moment);
  const [month, day, hours] = [date.getUTCMonth(), date.getUTCDate(), date.getUTCHours()];
  const hours12 = hours % 12 === 0 ? 12 : hours % 12;
  const monthName = MONTHS[month] ?? '';
  const dayName = DAYS[date.getUTCDay()] ?? '';
  switch (part) {
    case 'January':
      return monthName;
    case 'Jan':
      return monthName.slice(0, 3);
    case 'Monday':
      return dayName;
    case 'Mon':
      return dayName.slice(0, 3);
    case 'MST':
      return moment.offset === 0 ? 'UTC' : formatOffset('-0700', moment.offset);
    case '2006':
      return String(date.getUTCFullYear()).padStart(4, '0');
    case '06':
      return two(date.getUTCFullYear() % 100);
    case '01':
      return two(month + 1);
    case '1':
      return String(month + 1);
    case '002':
      return String(yearDay(date)).padStart(3, '0');
    case '__2':
      return String(yearDay(date)).padStart(3);
    case '02':
      return two(day);
    case '_2':
      return String(day).padStart(2);
    case '2':
      return String(day);
    case '15':
      return two(hours);
    case '03':
      return two(hours12);
    case '3':
      return String(hours12);
    case '04':
      return two(date.getUTCMinutes());
    case '4':
      return String(date.getUTCMinutes());
    case '05':
      return two(date.getUTCSeconds());
    case '5':
      return String(date.getUTCSeconds());
    case 'PM':
      return hours >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hours >= 12 ? 'pm' : 'am';
    default:
      return /^[-Z]/.test(part)
        ? formatOffset(part, moment.offset)
        : formatFraction(part, moment.nanoseconds);
  }
}

function formatOffset(part: string, offset: number): string {
  if (part.startsWith('Z') && offset === 0) return 'Z';
  const minutes = Math.floor(Math.abs(offset) / 60);
  const colon = part.includes(':') ? ':' : '';
  const shown = [Math.floor(minutes / 60), minutes % 60, Math.abs(offset) % 60];
  const count = part.replaceAll(/[^\d]/g, '').length / 2;
  return (offset < 0 ? '-' : '+') + shown.slice(0, count).map(two).join(colon);
}

function formatFraction(part: string, nanoseconds: number): string {
  const digits = String(nanoseconds)
    .padStart(9, '0')
    .slice(0, part.length - 1);
  if (part.includes('0')) return part.charAt(0) + digits;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : part.charAt(0) + trimmed;
}

const moments = new WeakMap<Value, Moment>();

function timeValue(moment: Moment): StructValue {
  const value: StructValue = {
    kind: 'struct',
    type: TIME,
    // Go's own fields are not exported; nothing shows them.
    get: () => ofInt(0, INT64),
  };
  moments.set(value, moment);
  return value;
}

const momentOf = (self: Value): Moment => moments.get(self) ?? ZERO;

function about(tell: (moment: Moment) => Maybe): Method {
  return { params: [], call: (self) => tell(momentOf(self)) };
}

const byDate = (tell: (date: Date) => number): Method => about((moment) => ofInt(tell(clockOf(moment))));

const named = (name: string, names: readonly string[], first: number): ScalarType => ({
  kind: 'int',
  name,
  underlying: INT.name,
  methods: new Map([
    [
      'String',
      {
        params: [],
        call: (self) => ofString(self.kind === 'int' ? (names[Number(self.value) - first] ?? '') : ''),
      },
    ],
  ]),
});

const MONTH = named('time.Month', MONTHS, 1);
const WEEKDAY = named('time.Weekday', DAYS, 0);
const STRING_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';
const JSON_LAYOUT = '2006-01-02T15:04:05.999999999Z07:00';

const inUnits = (unit: bigint): Method =>
  about(({ seconds, nanoseconds }) =>
    ofInt((BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)) / unit, INT64),
  );

/** Read from RFC 3339; anything else is the zero time. */
export const TIME: StructType = {
  kind: 'struct',
  name: 'time.Time',
  fields: [
    { name: 'wall', type: INT64 },
    { name: 'ext', type: INT64 },
    { name: 'loc', type: INT64 },
  ],
  methods: new Map<string, Method>([
    ['String', about((moment) => ofString(format(moment, STRING_LAYOUT)))],
    [
      'Format',
      {
        params: [STRING],
        call: (self, [layout]) =>
          ofString(format(momentOf(self), layout?.kind === 'string' ? layout.value : '')),
      },
    ],
    ['Unix', inUnits(1_000_000_000n)],
    ['UnixMilli', inUnits(1_000_000n)],
    ['UnixMicro', inUnits(1000n)],
    ['UnixNano', inUnits(1n)],
    ['Year', byDate((date) => date.getUTCFullYear())],
    ['Month', about((moment) => ofInt(clockOf(moment).getUTCMonth() + 1, MONTH))],
    ['Day', byDate((date) => date.getUTCDate())],
    ['Hour', byDate((date) => date.getUTCHours())],
    ['Minute', byDate((date) => date.getUTCMinutes())],
    ['Second', byDate((date) => date.getUTCSeconds())],
    ['Nanosecond', about(({ nanoseconds }) => ofInt(nanoseconds))],
    ['Weekday', about((moment) => ofInt(clockOf(moment).getUTCDay(), WEEKDAY))],
    ['YearDay', byDate(yearDay)],
    ['IsZero', about(({ seconds, nanoseconds }) => ofBool(seconds === ZERO_SECONDS && nanoseconds === 0))],
    ['UTC', about((moment) => timeValue({ ...moment, offset: 0 }))],
  ]),
  marshal: (self) => `"${format(momentOf(self), JSON_LAYOUT)}"`,
  fromJson: (json) => timeValue(parseMoment(json)),
};

/** `1h2m3.5s`; below a second `1.5ms`, `2µs`, `3ns`. */
function durationText(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${durationText(-nanoseconds)}`;
  if (nanoseconds === 0n) return '0s';
  const small = [
    ['ns', 1n],
    ['µs', 1000n],
    ['ms', 1_000_000n],
  ] as const;
  if (nanoseconds < 1_000_000_000n) {
    const [unit, size] = small.findLast(([, each]) => nanoseconds >= each) ?? ['ns', 1n];
    return `${decimal(nanoseconds, size)}${unit}`;
  }
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return `${minutes < 60n ? '' : `${minutes / 60n}h`}${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .slice(0, digits)
    .replace(/0+$/, '');
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`;
}

function ofDuration(tell: (nanoseconds: bigint) => Maybe): Method {
  return { params: [], call: (self) => tell(self.kind === 'int' ? self.value : 0n) };
}

const asFloat = (unit: number): Method =>
  ofDuration((nanoseconds) => ({ kind: 'float', type: FLOAT64, value: Number(nanoseconds) / unit }));

/** Nanoseconds. */
export const DURATION: ScalarType = {
  kind: 'int',
  name: 'time.Duration',
  underlying: INT64.name,
  methods: new Map<string, Method>([
    ['String', ofDuration((nanoseconds) => ofString(durationText(nanoseconds)))],
    ['Nanoseconds', ofDuration((nanoseconds) => ofInt(nanoseconds, INT64))],
    ['Microseconds', ofDuration((nanoseconds) => ofInt(nanoseconds / 1000n, INT64))],
    ['Milliseconds', ofDuration((nanoseconds) => ofInt(nanoseconds / 1_000_000n, INT64))],
    ['Seconds', asFloat(1e9)],
    ['Minutes', asFloat(60e9)],
    ['Hours', asFloat(3600e9)],
  ]),
};
