import { expect, it } from 'vitest';
import { archiveName } from './archiveFile.ts';

it.each([
  [['alpine:3.20'], 'alpine-3.20.tar'],
  [['localhost:5000/team/app:1'], 'app-1.tar'],
  [['a@sha256:0123'], 'a-sha256-0123.tar'],
  [['a:1', 'b:1'], 'images.tar'],
  [['//'], 'image.tar'],
])('%j goes into %s', (names, file) => {
  expect(archiveName(names)).toBe(file);
});
