import { describe, expect, it } from 'vitest';
import {
  describeError,
  errorFromData,
  errorToData,
  isCancelled,
  isStrataError,
  StrataError,
  systemCode,
} from './errors.ts';
import type { ErrorCode, ErrorParams, ReferenceProblem } from './errors.ts';

/** One of each code. What its message leaves out on purpose stands in SILENT. */
const SAMPLES: { readonly [C in ErrorCode]: ErrorParams[C] } = {
  'reference-invalid': { name: 'a:b:c', part: 'b:c', reason: 'tag' },
  'image-not-found': { name: 'gone:latest' },
  'id-ambiguous': { prefix: 'ab' },
  'image-conflict': { name: 'busy', detail: 'unable to delete 0123', forceable: true, reason: 'names' },
  'platform-invalid': { platform: 'linux//x' },
  'platform-missing': { name: 'app:1', platform: 'linux/s390x', available: 'linux/amd64' },
  'registry-unreachable': { host: 'r.example', reason: 'refused', detail: 'connection refused' },
  'registry-tls': { host: 'r.example', detail: 'self-signed' },
  'registry-unauthorized': { host: 'r.example', name: 'r.example/app', signedIn: true },
  'registry-forbidden': { host: 'r.example', name: 'r.example/app' },
  'registry-not-found': { host: 'r.example', name: 'app:1' },
  'registry-rate-limited': { host: 'r.example', retryAfterSeconds: 77 },
  'registry-failed': { host: 'r.example', status: 503, detail: 'maintenance' },
  'registry-invalid': { host: 'r.example', detail: 'no digest' },
  'too-many-redirects': { host: 'r.example' },
  'manifest-unsupported': { name: 'app:1', mediaType: 'text/x-odd', schema1: false },
  'digest-mismatch': { what: 'layer x', expected: 'sha256:aa', actual: 'sha256:bb' },
  'size-mismatch': { what: 'layer x', expected: 10, actual: 11 },
  'digest-invalid': { digest: 'md5:00' },
  'content-invalid': { what: 'layer x', detail: 'it is cut short' },
  'too-large': { what: 'manifest x', limit: 4096 },
  'disk-full': { path: '/store', needed: 1000, free: 20 },
  'store-unwritable': { path: '/store', detail: 'EACCES' },
  'store-unreadable': { path: '/store', detail: 'EIO' },
  'store-corrupt': { path: '/store/index.json', detail: 'no JSON' },
  'store-busy': { path: '/store', detail: 'a pull runs' },
  'store-folder-invalid': { path: '/home', detail: 'it is not empty' },
  'blob-missing': { digest: 'sha256:aa' },
  'config-invalid': { path: '/config.json', detail: 'mirrors' },
  'credentials-helper-failed': { helper: 'pass', detail: 'locked' },
  'proxy-invalid': { proxy: 'ftp://p' },
  'filter-invalid': { detail: "Invalid filter 'size'" },
  'change-invalid': { detail: 'run is not a valid change command' },
  'tag-invalid': { name: 'sha256:1', reason: 'algorithm' },
  'file-unreadable': { path: '/a.tar', detail: 'no such file' },
  'file-unwritable': { path: '/a.tar', detail: 'read-only' },
  'search-unsupported': { host: 'ghcr.io', detail: 'status 404' },
  'delete-unsupported': { host: 'ghcr.io', name: 'a/b:1', sharedWith: '1.0' },
  'push-denied': {
    host: 'docker.io',
    name: 'library/a',
    detail: 'requested access to the resource is denied',
  },
  'nothing-to-push': { name: 'app:1', repositoryKnown: true },
  'copy-place-invalid': { place: 'tar:/x', side: 'source', detail: 'unknown kind' },
  'copy-failed': { place: 'oci:/x', side: 'target', detail: 'read-only' },
  'certificate-unreadable': { path: '/ca.pem', detail: 'ENOENT' },
};

/** Parameters for programs, not for the sentence. */
const SILENT: Partial<Record<ErrorCode, readonly string[]>> = {
  'reference-invalid': ['name', 'reason'],
  'image-conflict': ['name', 'reason'],
  'registry-unreachable': ['reason'],
  'registry-not-found': ['host'],
  'push-denied': ['host', 'name'],
  'tag-invalid': ['name', 'reason'],
  'copy-place-invalid': ['side'],
};

const CODES = Object.keys(SAMPLES) as ErrorCode[];

function paramsWithout(code: ErrorCode, silent: readonly string[]): unknown[] {
  const params: Readonly<Record<string, unknown>> = { ...SAMPLES[code] };
  return Object.entries(params)
    .filter(([key, value]) => !silent.includes(key) && typeof value !== 'boolean')
    .map(([, value]) => value);
}

describe('StrataError', () => {
  it.each(CODES)('%s: its message holds what a person must know', (code) => {
    const { message } = new StrataError(code, SAMPLES[code]);
    for (const value of paramsWithout(code, SILENT[code] ?? [])) expect(message).toContain(String(value));
    expect(message).not.toMatch(/undefined|\[object|NaN/);
  });

  it.each(CODES)('%s: crosses a thread as plain data', (code) => {
    const error = new StrataError(code, SAMPLES[code], { retryable: true, cause: new Error('inner') });
    const copy = errorFromData(structuredClone(errorToData(error)));
    expect(copy).toMatchObject({ code, params: SAMPLES[code], retryable: true, message: error.message });
    expect(isStrataError(copy, code)).toBe(true);
  });

  it.each<ReferenceProblem>([
    'empty',
    'format',
    'uppercase',
    'too-long',
    'host',
    'path',
    'tag',
    'digest',
    'bare-id',
  ])('names a reference that is bad by its %s', (reason) => {
    const { message } = new StrataError('reference-invalid', { name: 'x', part: 'PART', reason });
    expect(message).toMatch(/^invalid (?:reference format|repository name)/);
    if (reason !== 'empty' && reason !== 'too-long') expect(message).toContain('PART');
  });

  it('leaves out what is not known', () => {
    const messages = [
      new StrataError('disk-full', { path: '/store', needed: undefined, free: undefined }),
      new StrataError('registry-rate-limited', { host: 'r.example', retryAfterSeconds: undefined }),
      new StrataError('registry-failed', { host: 'r.example', status: 500, detail: '' }),
    ].map((error) => error.message);
    expect(messages).toEqual([
      'no space left on the disk of /store',
      'toomanyrequests: r.example allows no more requests for now',
      'r.example failed with status 500',
    ]);
  });

  it('asks to sign in only who is not', () => {
    const message = (signedIn: boolean): string =>
      new StrataError('registry-unauthorized', { host: 'r.example', name: 'app', signedIn }).message;
    expect(message(false)).toContain('strata login r.example');
    expect(message(true)).not.toContain('login');
  });

  it('names schema 1', () => {
    const params = { name: 'old:1', mediaType: 'x+prettyjws', schema1: true };
    expect(new StrataError('manifest-unsupported', params).message).toMatch(
      /old:1 is a Docker schema 1 .*x\+prettyjws/,
    );
  });
});

describe('what is thrown', () => {
  it('tells a cancellation from a failure, whoever made it', () => {
    const controller = new AbortController();
    controller.abort();
    expect(isCancelled(controller.signal.reason)).toBe(true);
    expect(isCancelled(AbortSignal.timeout(0).reason)).toBe(false);
    expect(isCancelled(new StrataError('digest-invalid', { digest: 'x' }))).toBe(false);
    expect(isCancelled('AbortError')).toBe(false);
  });

  it('is described whatever it is', () => {
    expect([new TypeError('bad'), 'text', undefined, 7].map(describeError)).toEqual([
      'bad',
      'text',
      'undefined',
      '7',
    ]);
  });

  it('has a code if it is of the system', () => {
    expect(systemCode(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT');
    expect(systemCode(Object.assign(new Error('x'), { code: 5 }))).toBeUndefined();
    expect(systemCode({ code: 'ENOENT' })).toBeUndefined();
  });
});
