import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStrataError, StrataError } from '../../base/errors.ts';
import {
  MAX_ATTEMPTS,
  MAX_REDIRECTS,
  MAX_UPLOAD_CHUNK_BYTES,
  RETRY_AFTER_MAX_MS,
  RETRY_BASE_MS,
  RETRY_MAX_MS,
  UPLOAD_CHUNK_BYTES,
  UPLOAD_FINISH_TIMEOUT_MS,
  UPLOAD_WHOLE_BYTES,
} from '../../base/limits.ts';
import type { Digest } from '../../oci/digest.ts';
import type { HttpMethod, HttpResponse } from '../../transport/index.ts';
import { discardBody } from '../../transport/index.ts';
import { headerText, statusFailure } from '../failures.ts';
import { isSameOrigin } from '../paths.ts';
import { minChunkBytes, nextLocation, receivedBytes, withDigest } from './location.ts';
import { countedStream } from './countedStream.ts';
import type { UploadContent, UploadPorts, UploadRequest } from './types.ts';

/**
 * Sends one blob (distribution spec, "pushing blobs"): a small one in one PUT, a large one in chunks, one whose length is
 * not known as one stream. After a break the registry is asked how much arrived, and the rest is sent.
 * Works on a worker thread: needs a transport only.
 * @returns the digest under which the registry has it
 * @throws StrataError `registry-*`, `push-denied`, and what the content's stream fails with
 */
export async function uploadBlob(
  request: UploadRequest,
  content: UploadContent,
  ports: UploadPorts,
): Promise<Digest> {
  return await new BlobUpload(request, content, ports).run();
}

interface Step {
  readonly method: HttpMethod;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: () => Readable;
  readonly answerTimeoutMs?: number;
}

const REDIRECTS = new Set([301, 302, 307, 308]);
/** Refusals of a chunk that say that chunks are not taken, rather than that this blob is not. */
const NO_CHUNKS = new Set([400, 404, 405, 411, 413, 415, 501]);

class BlobUpload {
  readonly #content: UploadContent;
  readonly #ports: UploadPorts;
  #request: UploadRequest;
  /** Where the next bytes go; undefined before the upload has begun. */
  #location: string | undefined;
  #chunkBytes: number;
  /** Bytes that the registry says it has. */
  #offset = 0;
  /** In one PUT, not in chunks. */
  #whole: boolean;
  /** What the registry has is not known: it must be asked. */
  #uncertain = false;
  #contentFailure: Error | undefined;

  constructor(request: UploadRequest, content: UploadContent, ports: UploadPorts) {
    this.#request = request;
    this.#content = content;
    this.#ports = ports;
    this.#chunkBytes = ports.chunkBytes ?? UPLOAD_CHUNK_BYTES;
    this.#whole = content.size !== undefined && content.size <= UPLOAD_WHOLE_BYTES;
    if (request.begun !== undefined) this.#start(request.begun.location, request.begun.minChunkBytes);
  }

  async run(): Promise<Digest> {
    let attempt = 0;
    let furthest = 0;
    for (;;) {
      try {
        if (this.#uncertain && (await this.#isThere())) return this.#digest();
        if (this.#location === undefined) await this.#begin();
        return await this.#sendAll();
      } catch (error) {
        const failure = this.#contentFailure ?? error;
        this.#ports.signal.throwIfAborted();
        if (!isStrataError(failure) || !failure.retryable) throw failure;
        attempt = this.#offset > furthest ? 1 : attempt + 1;
        furthest = Math.max(furthest, this.#offset);
        const delay = delayAfter(failure, attempt, this.#ports.retryBaseMs ?? RETRY_BASE_MS);
        if (attempt >= MAX_ATTEMPTS || delay === undefined) throw failure;
        await sleep(delay, undefined, { signal: this.#ports.signal });
      }
    }
  }

  async #begin(): Promise<void> {
    const response = await this.#send({ method: 'POST', url: this.#request.url });
    await this.#expect(response, 202);
    this.#start(nextLocation(response, this.#request.host), minChunkBytes(response));
  }

  #start(location: string, minChunk: number): void {
    this.#location = location;
    this.#offset = 0;
    // A chunk that no registry should want is refused by sending it in one piece.
    if (minChunk > MAX_UPLOAD_CHUNK_BYTES) this.#whole = this.#content.size !== undefined;
    this.#chunkBytes = Math.max(this.#ports.chunkBytes ?? UPLOAD_CHUNK_BYTES, minChunk);
  }

  async #sendAll(): Promise<Digest> {
    const { size } = this.#content;
    if (this.#whole && size !== undefined) return await this.#putWhole(size);
    if (size === undefined) {
      await this.#patch();
    } else {
      while (this.#offset < size) {
        if (!(await this.#patch(Math.min(size, this.#offset + this.#chunkBytes)))) {
          return await this.#putWhole(size);
        }
      }
    }
    return await this.#finish();
  }

  /**
   * Sends the bytes from #offset up to `end`, or all of them as one stream.
   * @returns false if this registry takes no chunks: a new upload has begun then
   */
  async #patch(end?: number): Promise<boolean> {
    const start = this.#offset;
    const range: Record<string, string> =
      end === undefined
        ? {}
        : { 'content-range': `${start}-${end - 1}`, 'content-length': String(end - start) };
    const response = await this.#unsure(() =>
      this.#send({
        method: 'PATCH',
        url: this.#here(),
        headers: { 'content-type': 'application/octet-stream', ...range },
        body: () => this.#open(start, end),
      }),
    );
    // It has more or fewer bytes than we thought, or has forgotten the upload.
    if (response.status === 416 || (response.status === 404 && start > 0)) {
      discardBody(response);
      throw this.#broken('it wants other bytes than those that come next');
    }
    if (end !== undefined && start === 0 && NO_CHUNKS.has(response.status)) {
      discardBody(response);
      this.#whole = true;
      await this.#begin();
      return false;
    }
    this.#uncertain = response.status !== 202;
    await this.#expect(response, 202);
    this.#location = nextLocation(response, this.#request.host);
    this.#offset = this.#arrived(response, start, end);
    return true;
  }

  /** A registry may take fewer bytes than it was sent, but neither more nor none. */
  #arrived(response: HttpResponse, start: number, end: number | undefined): number {
    const received = receivedBytes(response);
    if (end === undefined) return received ?? start;
    if (received === undefined || received === end) return end;
    if (received > start && received < end) return received;
    // One byte and none look the same.
    if (end === 1 && received === 0) return end;
    const detail = `of the bytes up to ${end} it says that it has ${received}`;
    throw new StrataError('registry-invalid', { host: this.#request.host, detail });
  }

  async #putWhole(size: number): Promise<Digest> {
    const response = await this.#unsure(() =>
      this.#send({
        method: 'PUT',
        url: withDigest(this.#here(), this.#digest()),
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
        // undici takes no stream of nothing.
        ...(size === 0 ? {} : { body: () => this.#open(0, size) }),
        answerTimeoutMs: UPLOAD_FINISH_TIMEOUT_MS,
      }),
    );
    return await this.#accept(response);
  }

  async #finish(): Promise<Digest> {
    const url = withDigest(this.#here(), this.#digest());
    const response = await this.#unsure(() =>
      this.#send({
        method: 'PUT',
        url,
        headers: { 'content-type': 'application/octet-stream' },
        answerTimeoutMs: UPLOAD_FINISH_TIMEOUT_MS,
      }),
    );
    return await this.#accept(response);
  }

  async #accept(response: HttpResponse): Promise<Digest> {
    // 204 and 200 are old servers' ways of saying 201.
    if (response.status === 404 || response.status === 416) {
      discardBody(response);
      throw this.#broken('it has forgotten the upload');
    }
    this.#uncertain = response.status > 299;
    if (response.status > 299) throw await this.#failure(response);
    discardBody(response);
    return this.#digest();
  }

  /**
   * After a break: finds out what the registry has, so that the rest can be sent, or that it must begin anew.
   * @returns true if it has the whole blob
   */
  async #isThere(): Promise<boolean> {
    if (!this.#whole && this.#location !== undefined) {
      const response = await this.#send({ method: 'GET', url: this.#location });
      const received = receivedBytes(response);
      if ((response.status === 204 || response.status === 202) && received !== undefined) {
        discardBody(response);
        if (headerText(response, 'location') !== undefined) {
          this.#location = nextLocation(response, this.#request.host);
        }
        const { size } = this.#content;
        if (size === undefined || received <= size) {
          this.#offset = received;
          this.#uncertain = false;
          return false;
        }
      } else if (response.status >= 500 || response.status === 429) {
        throw await this.#failure(response);
      } else {
        discardBody(response);
      }
    }
    // The upload is gone: the last request may have finished it, though its answer did not reach us.
    const digest = this.#content.digest();
    if (digest !== undefined) {
      const url = new URL(`../${digest}`, this.#request.url).href;
      const response = await this.#send({ method: 'HEAD', url });
      discardBody(response);
      if (response.status === 200) return true;
    }
    this.#location = undefined;
    this.#offset = 0;
    this.#uncertain = false;
    return false;
  }

  /** A request without an answer leaves open what the registry has of it. */
  async #unsure(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    this.#uncertain = true;
    return await send();
  }

  /** One request, its challenges answered and its redirects followed; credentials go to the registry's own origin only. */
  async #send(step: Step): Promise<HttpResponse> {
    let { url } = step;
    for (let turn = 0; turn <= MAX_REDIRECTS; turn += 1) {
      const { authorization } = this.#request;
      const own = isSameOrigin(url, this.#request.url);
      const body = step.body?.();
      const response = await this.#ports.transport.request({
        method: step.method,
        url,
        signal: this.#ports.signal,
        followRedirects: false,
        ...(step.method === 'HEAD' || step.method === 'GET' ? {} : { attempts: 1 }),
        ...(step.headers === undefined ? {} : { headers: step.headers }),
        ...(body === undefined ? {} : { body }),
        ...(own && authorization !== undefined ? { authorization } : {}),
        ...(step.answerTimeoutMs === undefined ? {} : { answerTimeoutMs: step.answerTimeoutMs }),
      });
      if (own && response.status !== 401) this.#request = { ...this.#request, accepted: true };
      if (REDIRECTS.has(response.status) && headerText(response, 'location') !== undefined) {
        body?.destroy();
        discardBody(response);
        url = nextLocation(response, this.#request.host);
        continue;
      }
      if (response.status !== 401 || !own) return response;
      body?.destroy();
      const challenge = headerText(response, 'www-authenticate');
      discardBody(response);
      await this.#renew(challenge);
      // Some of the body may have been taken.
      if (body !== undefined) throw this.#broken('the token ran out in mid-upload');
    }
    throw new StrataError('too-many-redirects', { host: this.#request.host });
  }

  async #renew(challenge: string | undefined): Promise<void> {
    const authorization = await this.#ports.renewAuthorization(this.#request, challenge);
    if (authorization === undefined) {
      const { host, name } = this.#request;
      const sentence = 'unauthorized: authentication required';
      throw new StrataError('registry-unauthorized', { host, name, signedIn: false, sentence });
    }
    this.#request = { ...this.#request, authorization, accepted: false };
  }

  #open(start: number, end: number | undefined): Readable {
    const stream = countedStream(this.#content.open(start, end), (bytes) => {
      this.#ports.onProgress(start + bytes);
    });
    stream.once('error', (error) => {
      // A connection that breaks destroys the stream; that is the connection's failure.
      if (isStrataError(error) && !error.retryable) this.#contentFailure ??= error;
    });
    return stream;
  }

  #here(): string {
    if (this.#location === undefined) throw new Error('the upload has not begun');
    return this.#location;
  }

  #digest(): Digest {
    const digest = this.#content.digest();
    if (digest === undefined) throw new Error('the digest is known once all bytes were read');
    return digest;
  }

  async #expect(response: HttpResponse, status: number): Promise<void> {
    if (response.status !== status) throw await this.#failure(response);
    discardBody(response);
  }

  async #failure(response: HttpResponse): Promise<StrataError> {
    const { host, name } = this.#request;
    return await statusFailure(response, { host, name, what: 'push' });
  }

  #broken(detail: string): StrataError {
    const params = { host: this.#request.host, reason: 'broken', detail } as const;
    return new StrataError('registry-unreachable', params, { retryable: true });
  }
}

/** Milliseconds; undefined if the registry asks for more patience than we have. */
function delayAfter(failure: StrataError, attempt: number, baseMs: number): number | undefined {
  const asked = isStrataError(failure, 'registry-rate-limited')
    ? (failure.params.retryAfterSeconds ?? 0) * 1000
    : 0;
  if (asked > RETRY_AFTER_MAX_MS) return undefined;
  return asked + Math.random() * Math.min(RETRY_MAX_MS, baseMs * 2 ** (attempt - 1));
}
