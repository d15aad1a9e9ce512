import type { Readable } from 'node:stream';
import { StrataError } from '../base/errors.ts';
import type { HttpResponse, Transport } from '../transport/index.ts';
import { discardBody } from '../transport/index.ts';
import { headerText, statusFailure } from './failures.ts';
import { isSameOrigin } from './paths.ts';
import type { BlobRequest } from './blobRequest.ts';

export type BlobAnswer =
  /** The whole blob, from its first byte, whatever was asked; `size` in bytes where it is told. */
  | {
      readonly status: 'full';
      readonly body: Readable & AsyncIterable<Buffer>;
      readonly size: number | undefined;
    }
  /** The rest of the blob from `offset` on; `size` is that of the whole blob where it is told. */
  | {
      readonly status: 'partial';
      readonly body: Readable & AsyncIterable<Buffer>;
      readonly size: number | undefined;
    }
  /** Nothing lies at that offset: what is there already cannot be the blob's beginning. Start anew. */
  | { readonly status: 'restart' }
  /** Ask `Registry.renewAuthorization` and try again. */
  | { readonly status: 'unauthorized'; readonly challenge: string | undefined };

/**
 * Opens a blob for reading from `offset` on. Works on a worker thread: needs a transport only. Nothing of the body is verified.
 * @throws StrataError `registry-invalid` for a range that was not asked for, `registry-*` for other failures
 */
export async function openBlob(
  transport: Transport,
  request: BlobRequest,
  options: { readonly offset: number; readonly signal: AbortSignal },
): Promise<BlobAnswer> {
  const { offset, signal } = options;
  const response = await transport.request({
    url: request.url,
    signal,
    ...(offset > 0 ? { headers: { range: `bytes=${offset}-` } } : {}),
    ...(request.authorization === undefined ? {} : { authorization: request.authorization }),
    ...(request.attempts === undefined ? {} : { attempts: request.attempts }),
  });
  if (response.status === 200) {
    return { status: 'full', body: response.body, size: lengthOf(response) };
  }
  if (response.status === 206 && offset > 0) {
    return { status: 'partial', body: response.body, size: totalOf(response, request, offset) };
  }
  if (response.status === 416 && offset > 0) {
    discardBody(response);
    return { status: 'restart' };
  }
  if (response.status === 401 && isSameOrigin(response.url, request.url)) {
    discardBody(response);
    return { status: 'unauthorized', challenge: headerText(response, 'www-authenticate') };
  }
  throw await statusFailure(response, { host: request.host, name: request.name, what: 'blob' });
}

function lengthOf(response: HttpResponse): number | undefined {
  const text = headerText(response, 'content-length') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Content-Range (RFC 9110, section 14.4) must begin exactly where we asked, or appended bytes would lie in the wrong place. */
function totalOf(response: HttpResponse, request: BlobRequest, offset: number): number | undefined {
  const text = headerText(response, 'content-range') ?? '';
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text.trim());
  const start = Number(range?.[1]);
  const end = Number(range?.[2]);
  const total = range?.[3] === '*' ? undefined : Number(range?.[3]);
  const length = lengthOf(response);
  const right =
    range !== null &&
    start === offset &&
    end >= start &&
    (total === undefined || end < total) &&
    (length === undefined || length === end - start + 1);
  if (right) return total;
  response.body.destroy();
  const asked = `asked for the bytes from ${offset} on, it sent "${text.slice(0, 80)}"`;
  throw new StrataError('registry-invalid', { host: request.host, detail: asked });
}
