import { expect, it } from 'vitest';
import { formatTime, ZERO_TIME } from './time.ts';

it.each([
  ['2024-05-06T07:08:09Z', '2024-05-06T07:08:09Z'],
  ['2024-05-06T07:08:09.120000000Z', '2024-05-06T07:08:09.12Z'],
  ['2024-05-06T07:08:09.000Z', '2024-05-06T07:08:09Z'],
  ['2024-05-06T07:08:09.1234567899Z', '2024-05-06T07:08:09.123456789Z'],
  ['2024-05-06T07:08:09+00:00', '2024-05-06T07:08:09Z'],
  ['2024-05-06T07:08:09.5+02:00', '2024-05-06T07:08:09.5+02:00'],
  [undefined, ZERO_TIME],
  ['', ZERO_TIME],
  ['yesterday', ZERO_TIME],
  ['2024-05-06', ZERO_TIME],
  ['2024-13-45T07:08:09Z', ZERO_TIME],
])('prints %s as Go does', (text, expected) => {
  expect(formatTime(text)).toBe(expected);
});
