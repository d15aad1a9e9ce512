import { setTimeout as sleep } from 'node:timers/promises';
import { isStrataError } from '../base/errors.ts';
import { MAX_ATTEMPTS, RETRY_AFTER_MAX_MS, RETRY_BASE_MS, RETRY_MAX_MS } from '../base/limits.ts';
import type { HttpRequest, HttpResponse } from './types.ts';

/** Statuses that pass; 501 and 505 do not. */
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
/** RFC 9110, section 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

/** Tries in all that this request may have. A stream can be sent once only. */
export function allowedAttempts(request: HttpRequest): number {
  const resendable =
    request.body === undefined || typeof request.body === 'string' || request.body instanceof Uint8Array;
  return IDEMPOTENT.has(request.method ?? 'GET') && resendable ? (request.attempts ?? MAX_ATTEMPTS) : 1;
}

/**
 * Milliseconds to wait before trying again, or undefined when this answer stands:
 * it is no passing failure, or the registry asks for more patience than RETRY_AFTER_MAX_MS.
 * @param attempt 1 after the first try
 */
export function delayAfterResponse(
  response: HttpResponse,
  attempt: number,
  baseMs = RETRY_BASE_MS,
): number | undefined {
  if (!PASSING_STATUSES.has(response.status)) return undefined;
  const asked = retryAfterMs(response.headers['retry-after']);
  if (asked === undefined) return backoff(attempt, baseMs);
  // Clients that were told the same second must not all come back in it.
  return asked > RETRY_AFTER_MAX_MS ? undefined : asked + Math.random() * baseMs;
}

/** As above, after a failure to connect or a connection that broke before any answer. */
export function delayAfterFailure(
  error: unknown,
  attempt: number,
  baseMs = RETRY_BASE_MS,
): number | undefined {
  if (!isStrataError(error, 'registry-unreachable') || !error.retryable) return undefined;
  // A name that does not exist will not exist in a second; a proxy that refuses goes on refusing.
  if (error.params.detail === 'no such host' || error.params.reason === 'proxy') return undefined;
  return backoff(attempt, baseMs);
}

/** Retry-After (RFC 9110, section 10.2.3) in milliseconds from now: seconds or a date. */
export function retryAfterMs(
  header: string | string[] | undefined,
  now: number = Date.now(),
): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Z][a-z]+, ?\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Full jitter: anything from nothing to the doubled bound. */
function backoff(attempt: number, baseMs: number): number {
  return Math.random() * Math.min(RETRY_MAX_MS, baseMs * 2 ** (attempt - 1));
}

/** @throws the signal's reason as soon as it aborts */
export async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
