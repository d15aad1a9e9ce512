import { describeError, isStrataError } from '../base/errors.ts';
import type { ErrorCode, StrataError } from '../base/errors.ts';
import { FormatError } from './output/format.ts';
import type { Text } from './text.ts';

/** Failures that Docker's client finds by itself; all others come from its daemon, and it says so. */
const CLIENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'reference-invalid',
  'config-invalid',
  'platform-missing',
  // No daemon takes part in a copy.
  'copy-failed',
  'copy-place-invalid',
]);
const DAEMON_PREFIX = 'Error response from daemon: ';

/** What the command line prints of a failure: Docker's sentence, then what a person can do about it. */
export function failureText(error: unknown, text: Text): string {
  if (error instanceof FormatError) return error.message;
  if (!isStrataError(error)) return `${DAEMON_PREFIX}${describeError(error)}`;
  const prefix = CLIENT_CODES.has(error.code) ? '' : DAEMON_PREFIX;
  // Of a copy the cause says what to do; the failure itself only on which side.
  const cause = isStrataError(error, 'copy-failed') && isStrataError(error.cause) ? error.cause : error;
  const remedy = remedyFor(cause.code, text);
  return `${prefix}${error.message}${remedy === undefined ? '' : `\n${text.hint}: ${remedy}`}`;
}

/** A bad name in Docker's words, which say less than ours (distribution/reference, errors of Parse). */
export function referenceProblem({ params }: StrataError<'reference-invalid'>): string {
  switch (params.reason) {
    case 'uppercase':
      return 'invalid reference format: repository name must be lowercase';
    case 'too-long':
      return 'repository name must not be more than 255 characters';
    case 'bare-id':
      return `invalid repository name (${params.part}), cannot specify 64-byte hexadecimal strings`;
    default:
      return 'invalid reference format';
  }
}

/** A failure that Docker's daemon reports in mid-stream, as that of a push: then its client does not say whose it is. */
export function streamFailureText(error: unknown, text: Text): string {
  return failureText(error, text).replace(DAEMON_PREFIX, '');
}

/** A failure of what Docker leaves to its daemon: there a bad name too is the daemon's finding. */
export function daemonFailureText(error: unknown, text: Text): string {
  return isStrataError(error, 'reference-invalid')
    ? `${DAEMON_PREFIX}${referenceProblem(error)}`
    : failureText(error, text);
}

function remedyFor(code: ErrorCode, { remedies }: Text): string | undefined {
  switch (code) {
    case 'push-denied':
      return remedies.pushDenied;
    case 'registry-unauthorized':
    case 'registry-forbidden':
      return remedies.unauthorized;
    case 'registry-rate-limited':
      return remedies.rateLimited;
    case 'registry-unreachable':
      return remedies.unreachable;
    case 'registry-tls':
      return remedies.tls;
    case 'disk-full':
      return remedies.diskFull;
    case 'store-unwritable':
      return remedies.unwritable;
    case 'store-corrupt':
      return remedies.corrupt;
    case 'digest-mismatch':
    case 'size-mismatch':
      return remedies.damaged;
    case 'platform-missing':
      return remedies.platform;
    default:
      return undefined;
  }
}
