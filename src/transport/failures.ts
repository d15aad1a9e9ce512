import { describeError, isStrataError, StrataError, systemCode } from '../base/errors.ts';
import type { UnreachableReason } from '../base/errors.ts';
import { redactText } from './redact.ts';

const UNREACHABLE: Readonly<Record<string, readonly [UnreachableReason, string]>> = {
  ENOTFOUND: ['unknown-host', 'no such host'],
  EAI_AGAIN: ['unknown-host', 'no such host: the name server does not answer'],
  ECONNREFUSED: ['refused', 'connection refused'],
  ETIMEDOUT: ['timeout', 'timeout while connecting'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'timeout while connecting'],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'timeout while waiting for an answer'],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'timeout: the answer stopped coming'],
  ECONNRESET: ['broken', 'connection reset by peer'],
  EPIPE: ['broken', 'connection closed by peer'],
  UND_ERR_SOCKET: ['broken', 'connection closed by peer'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['broken', 'the answer ended too early'],
  UND_ERR_CLOSED: ['other', 'the connection was closed by this program'],
  UND_ERR_DESTROYED: ['other', 'the connection was closed by this program'],
  EHOSTUNREACH: ['other', 'no route to host'],
  ENETUNREACH: ['other', 'network is unreachable'],
};

const TLS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed, and not among those trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: is the clock of this machine right?',
  CERT_REVOKED: 'its certificate has been revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it answered with plain HTTP where HTTPS was expected',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it answered with plain HTTP where HTTPS was expected',
  ERR_SSL_HTTP_REQUEST: 'it answered with plain HTTP where HTTPS was expected',
};

/** Turns what undici, the socket or TLS threw into one error with a sentence. A StrataError passes as it is. */
export function connectionFailure(error: unknown, host: string): StrataError {
  if (isStrataError(error)) return error;
  const code = systemCode(error) ?? '';
  const detail = describeError(error);
  const known = UNREACHABLE[code];
  if (code === 'ECONNRESET' && detail.includes('before secure TLS connection')) {
    return tlsFailure(host, 'the connection was closed in mid-handshake', error);
  }
  if (known) {
    const params = { host, reason: known[0], detail: known[1] };
    return new StrataError('registry-unreachable', params, { cause: error, retryable: true });
  }
  if (TLS[code] !== undefined) return tlsFailure(host, TLS[code], error);
  // OpenSSL names the same trouble differently from version to version, under EPROTO in some.
  if (/wrong version number|packet length too long|http request/i.test(detail)) {
    return tlsFailure(host, 'it answered with plain HTTP where HTTPS was expected', error);
  }
  if (/^(?:ERR_SSL_|ERR_TLS_|CERT_|EPROTO)/.test(code)) return tlsFailure(host, redactText(detail), error);
  const unreadable = error instanceof Error && error.name === 'HTTPParserError';
  if (unreadable || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new StrataError('registry-invalid', { host, detail: 'it does not speak HTTP' }, { cause: error });
  }
  const params = { host, reason: 'other', detail: redactText(detail) } as const;
  return new StrataError('registry-unreachable', params, { cause: error, retryable: true });
}

function tlsFailure(host: string, detail: string, cause: unknown): StrataError {
  return new StrataError('registry-tls', { host, detail }, { cause });
}

/** The proxy, not the registry, is what failed. `why` is a clause such as "it answered 407", or the failure to reach it. */
export function proxyFailure(host: string, why: string | StrataError, cause?: unknown): StrataError {
  const reason = typeof why === 'string' ? why : 'detail' in why.params ? why.params.detail : why.message;
  const params = { host, reason: 'proxy', detail: `the proxy failed: ${reason}` } as const;
  return new StrataError('registry-unreachable', params, { cause, retryable: true });
}
