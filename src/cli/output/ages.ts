import { humanDuration } from '../../base/units.ts';

/** Go's zero time in milliseconds since 1970: what Docker counts from where an image has no time. */
const GO_ZERO_MS = Date.parse('0001-01-01T00:00:00Z');

/** `2 years ago`; `N/A` where images have no time. */
export function imageAge(created: string | undefined, now: number): string {
  const time = Date.parse(created ?? '');
  return Number.isNaN(time) || time === GO_ZERO_MS ? 'N/A' : `${humanDuration(now - time)} ago`;
}

/** History counts from Go's zero time where a row has none. */
export function historyAge(created: string | undefined, now: number): string {
  const time = Date.parse(created ?? '');
  return `${humanDuration(now - (Number.isNaN(time) ? GO_ZERO_MS : time))} ago`;
}
