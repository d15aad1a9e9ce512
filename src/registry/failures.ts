import { isStrataError, StrataError } from '../base/errors.ts';
import { MAX_SMALL_RESPONSE_BYTES } from '../base/limits.ts';
import type { HttpResponse } from '../transport/index.ts';
import { readBody, redactText, retryAfterMs } from '../transport/index.ts';

/** What was asked of whom, for messages. */
export interface Asked {
  readonly host: string;
  /** The repository, as a person writes it. */
  readonly name: string;
  /** With tag or digest, where one was asked for. */
  readonly image?: string;
  readonly what: 'manifest' | 'blob' | 'tags' | 'token' | 'api' | 'push';
}

/** The error for an answer that is no success. Reads the body, for the registry's own words. */
export async function statusFailure(response: HttpResponse, asked: Asked): Promise<StrataError> {
  const detail = await errorMessage(response);
  const { host, name } = asked;
  switch (response.status) {
    case 401:
      if (asked.what === 'push') {
        const sentence = `unauthorized: ${detail === '' ? 'authentication required' : detail}`;
        return new StrataError('registry-unauthorized', { host, name, signedIn: true, sentence });
      }
      return new StrataError('registry-unauthorized', { host, name, signedIn: false });
    case 403:
      if (asked.what === 'push') return new StrataError('push-denied', { host, name, detail });
      return new StrataError('registry-forbidden', { host, name });
    case 404:
      // "manifest unknown" would be the wrong sentence for a layer.
      if (asked.what === 'manifest' || asked.what === 'tags') {
        return new StrataError('registry-not-found', { host, name: asked.image ?? name });
      }
      break;
    case 429:
      return new StrataError(
        'registry-rate-limited',
        { host, retryAfterSeconds: retryAfterSeconds(response) },
        { retryable: true },
      );
  }
  const params = { host, status: response.status, detail };
  return new StrataError('registry-failed', params, {
    retryable: response.status >= 500 || response.status === 408,
  });
}

/** `errors[].message` of the body (distribution spec, "error codes"), as one safe line; empty when there is none. */
export async function errorMessage(response: HttpResponse): Promise<string> {
  try {
    const body = await readBody(response, MAX_SMALL_RESPONSE_BYTES, 'the error message');
    const document: unknown = JSON.parse(body.toString('utf8'));
    if (!isObject(document) || !Array.isArray(document['errors'])) return '';
    const messages = document['errors'].map((entry: unknown) => {
      if (!isObject(entry)) return '';
      const text = entry['message'] ?? entry['code'];
      return typeof text === 'string' ? text : '';
    });
    return redactText(messages.filter((text) => text !== '').join('; '));
  } catch {
    // The status is the failure; a body that cannot be read adds nothing to it.
    return '';
  }
}

function retryAfterSeconds(response: HttpResponse): number | undefined {
  const ms = retryAfterMs(response.headers['retry-after']);
  return ms === undefined ? undefined : Math.ceil(ms / 1000);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One header, several lines of it joined as RFC 9110, section 5.3 allows. */
export function headerText(response: HttpResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** True for a connection that broke in mid-body: a small document may be asked for again. */
export function brokeOff(error: unknown): boolean {
  return isStrataError(error, 'registry-unreachable') && error.params.reason === 'broken';
}
