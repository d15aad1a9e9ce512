/**
 * The errors of Strata: one class, a closed union of codes, parameters by code.
 * The message is plain English; the editor translates by code and offers actions; the command line prints the message.
 */

/** What each code carries. Every value is safe to show: no secret, no token. */
export interface ErrorParams {
  /** A name that the grammar refuses. `part` is the offending text. */
  'reference-invalid': { name: string; part: string; reason: ReferenceProblem };
  'image-not-found': { name: string };
  'id-ambiguous': { prefix: string };
  /** Docker's conflict sentences; `detail` is the whole sentence after "conflict: ". */
  'image-conflict': {
    name: string;
    detail: string;
    forceable: boolean;
    reason: ConflictReason;
    /** Short ID of the container that uses the image. */
    container?: string;
  };
  'platform-invalid': { platform: string };
  'platform-missing': { name: string; platform: string; available: string };
  'registry-unreachable': { host: string; reason: UnreachableReason; detail: string };
  'registry-tls': { host: string; detail: string };
  /** `sentence`: Docker's own for what is no pull. */
  /** `name`: the host itself where no repository was asked for. `sentence`: Docker's, instead of ours. */
  'registry-unauthorized': { host: string; name: string; signedIn: boolean; sentence?: string };
  'registry-forbidden': { host: string; name: string };
  'registry-not-found': { host: string; name: string };
  'registry-rate-limited': { host: string; retryAfterSeconds: number | undefined };
  'registry-failed': { host: string; status: number; detail: string; sentence?: string };
  /** The registry answered what the specification does not allow. */
  'registry-invalid': { host: string; detail: string };
  'too-many-redirects': { host: string };
  'manifest-unsupported': { name: string; mediaType: string; schema1: boolean };
  'digest-mismatch': { what: string; expected: string; actual: string };
  'size-mismatch': { what: string; expected: number; actual: number };
  'digest-invalid': { digest: string };
  /** A document or tar from outside that cannot be right. */
  'content-invalid': { what: string; detail: string };
  'too-large': { what: string; limit: number };
  'disk-full': { path: string; needed: number | undefined; free: number | undefined };
  'store-unwritable': { path: string; detail: string };
  'store-unreadable': { path: string; detail: string };
  /** index.json or oci-layout is damaged; nothing was changed. */
  'store-corrupt': { path: string; detail: string };
  /** The store is in use and cannot be moved now. */
  'store-busy': { path: string; detail: string };
  /** A folder that cannot be or become a store. */
  'store-folder-invalid': { path: string; detail: string };
  'blob-missing': { digest: string };
  'config-invalid': { path: string; detail: string };
  'credentials-helper-failed': { helper: string; detail: string };
  'proxy-invalid': { proxy: string };
  /** A filter of a list, a search or a prune; `detail` is Docker's sentence. */
  'filter-invalid': { detail: string };
  /** A Dockerfile instruction of `--change`; `detail` is Docker's sentence. */
  'change-invalid': { detail: string };
  /** A name that no image may be given: with a digest, or that of a digest's algorithm. */
  'tag-invalid': { name: string; reason: 'digest' | 'algorithm' };
  /** A file outside the store that a person named. */
  'file-unreadable': { path: string; detail: string };
  'file-unwritable': { path: string; detail: string };
  /** A registry that offers neither a search nor a catalogue. */
  'search-unsupported': { host: string; detail: string };
  /** `sharedWith`: a tag that would lose its image, where the registry deletes by digest only. */
  'delete-unsupported': { host: string; name: string; sharedWith: string | undefined };
  /** `detail`: the registry's own words; Docker's sentence where it has none. */
  'push-denied': { host: string; name: string; detail: string };
  /** No image of this name here: `repositoryKnown` where the repository has other tags. */
  'nothing-to-push': { name: string; repositoryKnown: boolean };
  /** A source or target of a copy that is written wrongly, or cannot be this side of one. */
  'copy-place-invalid': { place: string; side: CopySide; detail: string };
  /** The cause says what; this says on which side. */
  'copy-failed': { place: string; side: CopySide; detail: string };
  'certificate-unreadable': { path: string; detail: string };
}

export type ErrorCode = keyof ErrorParams;

export type ConflictReason = 'children' | 'running-container' | 'stopped-container' | 'container' | 'names';

export type ReferenceProblem =
  'empty' | 'format' | 'uppercase' | 'too-long' | 'host' | 'path' | 'tag' | 'digest' | 'bare-id';

export type CopySide = 'source' | 'target';

export type UnreachableReason = 'unknown-host' | 'refused' | 'timeout' | 'broken' | 'proxy' | 'other';

const messages: { [C in ErrorCode]: (p: ErrorParams[C]) => string } = {
  'reference-invalid': (p) => referenceMessage(p),
  'image-not-found': (p) => `No such image: ${p.name}`,
  'id-ambiguous': (p) => `image ID prefix ${p.prefix} is ambiguous: more than one image begins with it`,
  'image-conflict': (p) => `conflict: ${p.detail}`,
  'platform-invalid': (p) =>
    `"${p.platform}" is an invalid platform: use os/architecture[/variant], such as linux/arm64`,
  'platform-missing': (p) =>
    `no matching manifest for ${p.platform} in the manifest list entries of ${p.name} (it has ${p.available})`,
  'registry-unreachable': (p) => `cannot reach ${p.host}: ${p.detail}`,
  'registry-tls': (p) => `TLS trouble with ${p.host}: ${p.detail}`,
  'registry-unauthorized': (p) =>
    p.sentence ??
    (p.signedIn
      ? `${p.host} refused the credentials for ${p.name}: unauthorized`
      : p.name === p.host
        ? `${p.host} shows this only to those who sign in: 'strata login ${p.host}'`
        : `pull access denied for ${p.name}, repository does not exist or may require 'strata login ${p.host}'`),
  'registry-forbidden': (p) => `${p.host} denied access to ${p.name}: forbidden`,
  'registry-not-found': (p) => `manifest for ${p.name} not found: manifest unknown: manifest unknown`,
  'registry-rate-limited': (p) =>
    `toomanyrequests: ${p.host} allows no more requests for now` +
    (p.retryAfterSeconds === undefined ? '' : ` (try again in ${p.retryAfterSeconds} s)`),
  'registry-failed': (p) =>
    p.sentence ?? `${p.host} failed with status ${p.status}${p.detail === '' ? '' : `: ${p.detail}`}`,
  'registry-invalid': (p) => `${p.host} gave an answer that no registry should: ${p.detail}`,
  'too-many-redirects': (p) => `${p.host} redirects without end`,
  'manifest-unsupported': (p) =>
    p.schema1
      ? `${p.name} is a Docker schema 1 manifest (${p.mediaType}), which is no longer supported: push it again with a current tool`
      : `${p.name} has a manifest of an unknown type: ${p.mediaType}`,
  'digest-mismatch': (p) => `digest of ${p.what} does not match: expected ${p.expected}, got ${p.actual}`,
  'size-mismatch': (p) => `size of ${p.what} does not match: expected ${p.expected} bytes, got ${p.actual}`,
  'digest-invalid': (p) => `invalid digest: ${p.digest}`,
  'content-invalid': (p) => `${p.what} is invalid: ${p.detail}`,
  'too-large': (p) => `${p.what} is larger than the limit of ${p.limit} bytes`,
  'disk-full': (p) =>
    p.needed === undefined || p.free === undefined
      ? `no space left on the disk of ${p.path}`
      : `not enough space on the disk of ${p.path}: ${p.needed} bytes needed, ${p.free} free`,
  'store-unwritable': (p) => `cannot write to the store at ${p.path}: ${p.detail}`,
  'store-unreadable': (p) => `cannot read the store at ${p.path}: ${p.detail}`,
  'store-corrupt': (p) => `${p.path} is damaged: ${p.detail}`,
  'store-busy': (p) => `the store at ${p.path} is in use: ${p.detail}`,
  'store-folder-invalid': (p) => `cannot use ${p.path} as the store: ${p.detail}`,
  'blob-missing': (p) => `the store lacks blob ${p.digest}: pull the image again`,
  'config-invalid': (p) => `cannot use ${p.path}: ${p.detail}`,
  'credentials-helper-failed': (p) => `credential helper ${p.helper} failed: ${p.detail}`,
  'proxy-invalid': (p) => `invalid proxy address: ${p.proxy}`,
  'filter-invalid': (p) => p.detail,
  'change-invalid': (p) => p.detail,
  'tag-invalid': (p) =>
    p.reason === 'digest'
      ? 'refusing to create a tag with a digest reference'
      : 'refusing to create an ambiguous tag using digest algorithm as name',
  'file-unreadable': (p) => `cannot read ${p.path}: ${p.detail}`,
  'file-unwritable': (p) => `cannot write ${p.path}: ${p.detail}`,
  'search-unsupported': (p) => `${p.host} offers no search and no catalog: ${p.detail}`,
  'delete-unsupported': (p) =>
    p.sharedWith === undefined
      ? `${p.host} does not allow deleting ${p.name}`
      : `${p.host} deletes only the whole image behind ${p.name}, which ${p.sharedWith} needs too: nothing was deleted`,
  'push-denied': (p) =>
    `denied: ${p.detail === '' ? 'requested access to the resource is denied' : p.detail}`,
  'nothing-to-push': (p) =>
    p.repositoryKnown
      ? `tag does not exist: ${p.name}`
      : `An image does not exist locally with the tag: ${p.name}`,
  'copy-place-invalid': (p) =>
    `${p.place} is no place to copy ${p.side === 'source' ? 'from' : 'to'}: ${p.detail}`,
  'copy-failed': (p) => `${p.side} ${p.place}: ${p.detail}`,
  'certificate-unreadable': (p) => `cannot read the certificate file ${p.path}: ${p.detail}`,
};

function referenceMessage(p: ErrorParams['reference-invalid']): string {
  switch (p.reason) {
    case 'uppercase':
      return `invalid reference format: repository name must be lowercase ("${p.part}")`;
    case 'too-long':
      return `invalid reference format: repository name must not be longer than 255 characters`;
    case 'bare-id':
      return `invalid repository name (${p.part}), cannot specify 64-byte hexadecimal strings`;
    case 'empty':
      return 'invalid reference format: the name is empty';
    case 'host':
    case 'path':
    case 'tag':
    case 'digest':
      return `invalid reference format: bad ${p.reason} "${p.part}"`;
    case 'format':
      return `invalid reference format: "${p.part}"`;
  }
}

/** A failure with a stable code. `retryable`: trying the same again may help. */
export class StrataError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'StrataError';
  readonly code: C;
  readonly params: ErrorParams[C];
  readonly retryable: boolean;

  constructor(code: C, params: ErrorParams[C], options: { cause?: unknown; retryable?: boolean } = {}) {
    super(messages[code](params), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.params = params;
    this.retryable = options.retryable ?? false;
  }
}

/** True for a StrataError, of this code if one is given. */
export function isStrataError<C extends ErrorCode>(error: unknown, code?: C): error is StrataError<C> {
  return error instanceof StrataError && (code === undefined || error.code === code);
}

/** A StrataError as plain data, to cross a thread or a webview boundary. */
export interface ErrorData {
  code: ErrorCode;
  params: ErrorParams[ErrorCode];
  retryable: boolean;
  /** The StrataError behind it, which may know what helps. */
  cause?: ErrorData;
}

export function errorToData({ code, params, retryable, cause }: StrataError): ErrorData {
  return { code, params, retryable, ...(isStrataError(cause) ? { cause: errorToData(cause) } : {}) };
}

export function errorFromData({ code, params, retryable, cause }: ErrorData): StrataError {
  return new StrataError(code, params, {
    retryable,
    ...(cause === undefined ? {} : { cause: errorFromData(cause) }),
  });
}

/** Cancellation is no error: it is an AbortSignal's reason, and nobody shows it. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The text of anything thrown, for a log or a `detail`. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`), if it is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
