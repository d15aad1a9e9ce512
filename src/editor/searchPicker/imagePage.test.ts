import { expect, it } from 'vitest';
import { imagePage } from './imagePage.ts';

it.each([
  ['alpine', 'https://hub.docker.com/_/alpine'],
  ['library/alpine', 'https://hub.docker.com/_/alpine'],
  ['bitnami/redis', 'https://hub.docker.com/r/bitnami/redis'],
  ['docker.io/a/b', 'https://hub.docker.com/r/a/b'],
  ['localhost:5000/a/b', undefined],
  ['../../login?x=', undefined],
])('the page of %s is %s', (name, page) => {
  expect(imagePage(name)).toBe(page);
});
