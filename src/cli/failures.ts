import { describeError, isStrataError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Text } from './text.ts';

/** Failures that Docker's client finds by itself; all others come from its daemon, and it says so. */
const CLIENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'reference-invalid',
  'config-invalid',
  'platform-missing',
]);
const DAEMON_PREFIX = 'Error response from daemon: ';

/** What the command line prints of a failure: Docker's sentence, then what a person can do about it. */
export function failureText(error: unknown, text: Text): string {
  if (!isStrataError(error)) return `${DAEMON_PREFIX}${describeError(error)}`;
  const prefix = CLIENT_CODES.has(error.code) ? '' : DAEMON_PREFIX;
  const remedy = remedyFor(error.code, text);
  return `${prefix}${error.message}${remedy === undefined ? '' : `\n${text.hint}: ${remedy}`}`;
}

function remedyFor(code: ErrorCode, { remedies }: Text): string | undefined {
  switch (code) {
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
