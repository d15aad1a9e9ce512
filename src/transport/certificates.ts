import { X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { createSecureContext, getCACertificates } from 'node:tls';
import { describeError, StrataError } from '../base/errors.ts';

/**
 * Node's own roots (with NODE_EXTRA_CA_CERTS and --use-system-ca) and these PEM texts.
 * Made once for all connections: reading 150 roots for each would hold the thread for milliseconds.
 * Without extra certificates undefined: then Node's default applies, which VS Code may have widened.
 * @throws StrataError `certificate-unreadable`
 */
export function trustedContext(extraCa: readonly string[]): SecureContext | undefined {
  if (extraCa.length === 0) return undefined;
  for (const pem of extraCa) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw new StrataError(
        'certificate-unreadable',
        { path: 'of an extra CA', detail: describeError(cause) },
        { cause },
      );
    }
  }
  return createSecureContext({ ca: [...getCACertificates('default'), ...extraCa] });
}
