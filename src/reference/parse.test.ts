import { describe, expect, it } from 'vitest';
import { isStrataError } from '../base/errors.ts';
import {
  canonicalString,
  familiarString,
  parseIdPrefix,
  parseReference,
  registryHost,
  withDefaultTag,
} from './index.ts';

const SHA = `sha256:${'ab'.repeat(32)}`;

describe('parseReference', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine', 'alpine'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20', 'alpine:3.20'],
    ['library/alpine', 'docker.io/library/alpine', 'alpine'],
    ['docker.io/alpine', 'docker.io/library/alpine', 'alpine'],
    ['index.docker.io/library/alpine', 'docker.io/library/alpine', 'alpine'],
    ['bitnami/redis', 'docker.io/bitnami/redis', 'bitnami/redis'],
    ['docker.io/library/foo/bar', 'docker.io/library/foo/bar', 'library/foo/bar'],
    ['localhost/foo', 'localhost/foo', 'localhost/foo'],
    ['localhost:5000/demo/web:1.0', 'localhost:5000/demo/web:1.0', 'localhost:5000/demo/web:1.0'],
    ['[::1]:5000/x', '[::1]:5000/x', '[::1]:5000/x'],
    ['[2001:db8::1]/x:y', '[2001:db8::1]/x:y', '[2001:db8::1]/x:y'],
    ['ghcr.io/Owner'.toLowerCase(), 'ghcr.io/owner', 'ghcr.io/owner'],
    ['Example.COM/x', 'Example.COM/x', 'Example.COM/x'],
    ['a__b/c--d/e.f', 'docker.io/a__b/c--d/e.f', 'a__b/c--d/e.f'],
    [`alpine@${SHA}`, `docker.io/library/alpine@${SHA}`, `alpine@${SHA}`],
    [`alpine:3@${SHA}`, `docker.io/library/alpine:3@${SHA}`, `alpine:3@${SHA}`],
    ['localhost', 'docker.io/library/localhost', 'localhost'],
    ['x:5000', 'docker.io/library/x:5000', 'x:5000'],
  ])('normalises %s', (text, canonical, familiar) => {
    const reference = parseReference(text);
    expect(canonicalString(reference)).toBe(canonical);
    expect(familiarString(reference)).toBe(familiar);
    expect(parseReference(canonical)).toEqual(reference);
  });

  it.each([
    ['', 'empty', ''],
    ['Alpine', 'uppercase', 'Alpine'],
    ['Foo/bar:1', 'uppercase', 'Foo/bar'],
    ['alpine:', 'tag', ''],
    ['alpine:-x', 'tag', '-x'],
    [`alpine:${'x'.repeat(129)}`, 'tag', 'x'.repeat(129)],
    ['alpine@sha256:abc', 'digest', 'sha256:abc'],
    [`alpine@md5:${'a'.repeat(32)}`, 'digest', `md5:${'a'.repeat(32)}`],
    ['a..b', 'path', 'a..b'],
    ['a___b', 'path', 'a___b'],
    ['-a', 'path', '-a'],
    ['a/', 'path', 'a/'],
    ['a//b', 'path', 'a//b'],
    ['exa_mple.com/x', 'host', 'exa_mple.com'],
    ['example.com:port/x', 'host', 'example.com:port'],
    ['https://example.com/x', 'host', 'https:'],
    ['../etc', 'host', '..'],
    ['a b', 'path', 'library/a b'.slice(8)],
    ['example.com/', 'format', 'example.com/'],
    ['ab'.repeat(32), 'bare-id', 'ab'.repeat(32)],
    ['a'.repeat(256), 'too-long', 'a'.repeat(256)],
  ])('refuses %s as %s', (text, reason, part) => {
    expect.assertions(2);
    try {
      parseReference(text);
    } catch (error) {
      if (!isStrataError(error, 'reference-invalid')) throw error;
      expect(error.params.reason).toBe(reason);
      expect(error.params.part).toBe(part);
    }
  });

  it('adds latest only where neither tag nor digest stands', () => {
    expect(withDefaultTag(parseReference('a')).tag).toBe('latest');
    expect(withDefaultTag(parseReference('a:b')).tag).toBe('b');
    expect(withDefaultTag(parseReference(`a@${SHA}`)).tag).toBeUndefined();
  });
});

describe('parseIdPrefix', () => {
  it('takes hex with or without sha256:', () => {
    expect(parseIdPrefix('abc')).toBe('abc');
    expect(parseIdPrefix(`sha256:${'0'.repeat(64)}`)).toBe('0'.repeat(64));
    expect(parseIdPrefix('xyz')).toBeUndefined();
    expect(parseIdPrefix('ABC')).toBeUndefined();
    expect(parseIdPrefix('0'.repeat(65))).toBeUndefined();
  });
});

it('knows the host of Docker Hub', () => {
  expect(registryHost('docker.io')).toBe('registry-1.docker.io');
  expect(registryHost('ghcr.io')).toBe('ghcr.io');
});
