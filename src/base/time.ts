/** Go's zero time, which Docker prints where a time is unknown. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** RFC 3339 with up to nine digits of fraction, as Go prints it: trailing zeros of the fraction dropped. */
const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** A time of a document as Go's RFC3339Nano would print it; ZERO_TIME for what is absent or no time. */
export function formatTime(text: string | undefined): string {
  const match = RFC3339.exec(text ?? '');
  if (match === null || Number.isNaN(Date.parse(text ?? ''))) return ZERO_TIME;
  const [, seconds = '', fraction = '', zone = ''] = match;
  const digits = fraction.slice(0, 9).replace(/0+$/, '');
  return `${seconds}${digits === '' ? '' : `.${digits}`}${zone === '+00:00' ? 'Z' : zone}`;
}
