import { createHash } from 'node:crypto';
import { StrataError } from '../base/errors.ts';

/** `algorithm:hex`, checked (image-spec descriptor.md, "Digests"). Only sha256 and sha512 are accepted: only those are verified. */
export type Digest = string & { readonly __digest: true };

const PATTERN = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && PATTERN.test(text);
}

/** @throws StrataError `digest-invalid`: also for algorithms that we could not verify. */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text;
  throw new StrataError('digest-invalid', { digest: String(text).slice(0, 200) });
}

export function digestAlgorithm(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The part after the colon: safe as a file name because a Digest is checked. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** `sha256:` of these bytes. */
export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** The first twelve hex characters, as Docker shows IDs. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
}

/** @throws StrataError `digest-mismatch` unless the bytes have this digest. */
export function verifyDigest(bytes: Uint8Array, expected: Digest, what: string): void {
  const algorithm = digestAlgorithm(expected);
  const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (actual !== expected) throw new StrataError('digest-mismatch', { what, expected, actual });
}
