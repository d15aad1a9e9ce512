import { StrataError } from '../../base/errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { HttpResponse } from '../../transport/index.ts';
import { headerText } from '../failures.ts';

/**
 * Where an upload goes on: absolute or relative to what was asked (distribution spec, "pushing blobs").
 * A registry behind a proxy may name itself by plain HTTP: it is asked by HTTPS all the same.
 * @throws StrataError `registry-invalid`
 */
export function nextLocation(response: HttpResponse, host: string): string {
  const location = headerText(response, 'location');
  const invalid = (detail: string): StrataError => new StrataError('registry-invalid', { host, detail });
  if (location === undefined) throw invalid('it does not say where an upload goes on');
  if (!URL.canParse(location, response.url)) throw invalid('it sends an upload to what is no address');
  const from = new URL(response.url);
  const to = new URL(location, from);
  to.hash = '';
  to.username = '';
  to.password = '';
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw invalid('it sends an upload to no web address');
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    if (to.hostname !== from.hostname) throw invalid(`it sends an upload to ${to.host} without encryption`);
    to.protocol = 'https:';
  }
  return to.href;
}

/** What the location's query says stays as it is, to the byte: it may be signed. */
export function withDigest(location: string, digest: Digest): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

/**
 * How many bytes have arrived, by the answer's Range: both its ends count, so that `0-0` says nothing or one byte.
 * @returns undefined where it does not tell
 */
export function receivedBytes(response: HttpResponse): number | undefined {
  const [, end] = /^(?:bytes[= ])?0-(\d{1,15})$/.exec(headerText(response, 'range')?.trim() ?? '') ?? [];
  if (end === undefined) return undefined;
  return end === '0' ? 0 : Number(end) + 1;
}

/** OCI-Chunk-Min-Length (distribution spec, "pushing a blob in chunks"): bytes, 0 where it does not tell. */
export function minChunkBytes(response: HttpResponse): number {
  const text = headerText(response, 'oci-chunk-min-length') ?? '';
  return /^\d{1,12}$/.test(text) ? Number(text) : 0;
}
