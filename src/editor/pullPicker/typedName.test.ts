import { expect, it } from 'vitest';
import { readTypedName } from './typedName.ts';

it.each([
  ['alpine', 'docker.io/library/alpine:latest', true],
  ['  alpine:3 ', 'docker.io/library/alpine:3', false],
  ['docker pull alpine', 'docker.io/library/alpine:latest', true],
  ['$ sudo podman image pull ghcr.io/a/b:1', 'ghcr.io/a/b:1', false],
  ['docker', 'docker.io/library/docker:latest', true],
])('%j would pull %s', (text, canonical, tagDefaulted) => {
  expect(readTypedName(text)).toMatchObject({ kind: 'valid', canonical, tagDefaulted });
});

it('says nothing about an empty line and names what is wrong with others', () => {
  expect(readTypedName('  ')).toEqual({ kind: 'empty' });
  const typed = readTypedName('Alpine');
  expect(typed.kind === 'invalid' && typed.error.params.reason).toBe('uppercase');
});
