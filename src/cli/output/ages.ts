import { humanDuration } from '../../base/units.ts';

/** Go's zero time in milliseconds since 1970: what Docker counts from where an image has no time. */
const GO_ZERO_MS = Date.parse('0001-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60;

/** `2 years ago`; undefined where an image has no time. */
export function imageAge(created: string | undefined, now: number): string | undefined {
  const time = toMs(created);
  return time === GO_ZERO_MS ? undefined : `${humanDuration(now - time)} ago`;
}

/** History counts from Go's zero time where a row has none. */
export function historyAge(created: string | undefined, now: number): string {
  return `${humanDuration(now - toMs(created))} ago`;
}

/** Whole seconds, as the daemon tells them; Go's zero time for what is no time. */
function toMs(created: string | undefined): number {
  const time = Date.parse(created ?? '');
  return Number.isNaN(time) ? GO_ZERO_MS : Math.floor(time / 1000) * 1000;
}

/** In the machine's zone as Go's time.String prints it: `2024-06-01 12:00:00 +0200 CEST`. */
export function goTimeString(created: string | undefined): string {
  const { date, clock, offset } = localParts(toMs(created));
  return `${date} ${clock} ${offset.replace(':', '')} ${zoneName(toMs(created), offset)}`;
}

/** In the machine's zone by RFC 3339, to the second: `2024-06-01T12:00:00+02:00`. */
export function localRfc3339(created: string | undefined): string {
  const { date, clock, offset } = localParts(toMs(created));
  return `${date}T${clock}${offset === '+00:00' ? 'Z' : offset}`;
}

function localParts(ms: number): { date: string; clock: string; offset: string } {
  const minutes = -new Date(ms).getTimezoneOffset();
  const [date = '', clock = ''] = new Date(ms + minutes * MINUTE_MS).toISOString().split(/[T.]/);
  const two = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(Math.trunc(minutes));
  const sign = minutes < 0 ? '-' : '+';
  return {
    date,
    clock,
    offset: `${sign}${two(Math.trunc(size / MINUTES_PER_HOUR))}:${two(size % MINUTES_PER_HOUR)}`,
  };
}

/** `UTC`, `EST`; the offset where the zone has no letters, as in Go. Some zones' letters only the British know. */
function zoneName(ms: number, offset: string): string {
  for (const locale of ['en-US', 'en-GB']) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(ms);
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{3,5}$/.test(name) && (name !== 'GMT' || offset === '+00:00')) return name;
  }
  return offset.replace(':', '').replace(/00$/, '');
}
