import { StrataError } from '../base/errors.ts';
import type { Digest } from '../oci/digest.ts';
import { parseDigest } from '../oci/digest.ts';
import type { Reference } from '../reference/index.ts';

/** distribution spec, "pulling manifests": what a repository and a tag may look like. Guards the URLs made here. */
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const MAX_REPOSITORY_LENGTH = 255;

export function isTag(text: unknown): text is string {
  return typeof text === 'string' && TAG.test(text);
}

export function isRepository(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MAX_REPOSITORY_LENGTH && REPOSITORY.test(text);
}

/** By digest where there is one: the tag beside it is only a word. */
export function manifestPath(repository: string, ref: Reference): string {
  if (ref.digest !== undefined) return `${checked(repository)}/manifests/${parseDigest(ref.digest)}`;
  const tag = ref.tag ?? 'latest';
  if (!isTag(tag)) throw new StrataError('reference-invalid', { name: ref.path, part: tag, reason: 'tag' });
  return `${checked(repository)}/manifests/${tag}`;
}

export function blobPath(repository: string, digest: Digest): string {
  return `${checked(repository)}/blobs/${parseDigest(digest)}`;
}

/** distribution spec, end-12a. */
export function referrersPath(repository: string, digest: Digest): string {
  return `${checked(repository)}/referrers/${parseDigest(digest)}`;
}

export function tagsPath(repository: string): string {
  return `${checked(repository)}/tags/list`;
}

/** Where uploads begin (distribution spec, end-4a). */
export function uploadsPath(repository: string): string {
  return `${checked(repository)}/blobs/uploads/`;
}

/** distribution spec, end-11. */
export function mountPath(repository: string, digest: Digest, from: string): string {
  const query = new URLSearchParams({ mount: parseDigest(digest), from: checked(from) });
  return `${uploadsPath(repository)}?${query.toString()}`;
}

function checked(repository: string): string {
  if (isRepository(repository)) return repository;
  throw new StrataError('reference-invalid', { name: repository, part: repository, reason: 'path' });
}

/** A challenge of a host that we were redirected to is none for these credentials. */
export function isSameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin;
}
