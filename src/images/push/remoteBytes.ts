import { setTimeout as sleep } from 'node:timers/promises';
import { isStrataError, StrataError } from '../../base/errors.ts';
import { MAX_ATTEMPTS, RETRY_BASE_MS } from '../../base/limits.ts';
import { openBlob } from '../../registry/index.ts';
import type { BlobAnswer, BlobRequest } from '../../registry/index.ts';
import type { Transport } from '../../transport/index.ts';
import type { ContentPlace } from './messages.ts';

export interface RemotePorts {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly renewAuthorization: (
    request: BlobRequest,
    challenge: string | undefined,
  ) => Promise<string | undefined>;
}

type OpenAnswer = Exclude<BlobAnswer, { status: 'unauthorized' }>;

/**
 * The bytes of a registry's blob from an offset on, asked for again where a connection breaks, and from the next source
 * where one fails. Nothing is verified here.
 * @throws StrataError `registry-*`, `size-mismatch`, `blob-missing`
 */
export async function* remoteBytes(
  place: Extract<ContentPlace, { kind: 'registry' }>,
  start: number,
  ports: RemotePorts,
): AsyncGenerator<Buffer> {
  const sources = [...place.sources];
  let at = start;
  let attempt = 0;
  while (at < place.size) {
    const [source] = sources;
    if (source === undefined) throw new StrataError('blob-missing', { digest: place.digest });
    try {
      const { request, answer } = await openFrom(source, at, ports);
      sources[0] = request;
      if (answer.status === 'restart') throw cutShort(source);
      if (answer.size !== undefined && answer.size !== place.size) {
        answer.body.destroy();
        const what = `blob ${place.digest} from ${source.host}`;
        throw new StrataError('size-mismatch', { what, expected: place.size, actual: answer.size });
      }
      let skip = answer.status === 'full' ? at : 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        const kept = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - kept.length;
        if (kept.length === 0) continue;
        attempt = 0;
        at += kept.length;
        yield kept;
      }
      if (at < place.size) throw cutShort(source);
    } catch (error) {
      ports.signal.throwIfAborted();
      if (!isStrataError(error)) throw error;
      attempt += 1;
      if (error.retryable && attempt < MAX_ATTEMPTS) {
        await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt, undefined, { signal: ports.signal });
      } else if (sources.length > 1) {
        sources.shift();
        attempt = 0;
      } else {
        throw finalFailure(error, source);
      }
    }
  }
}

/** Asks with the source's authorization, and once more with a fresh one after a 401. */
async function openFrom(
  source: BlobRequest,
  offset: number,
  { transport, signal, renewAuthorization }: RemotePorts,
): Promise<{ request: BlobRequest; answer: OpenAnswer }> {
  const first = await openBlob(transport, source, { offset, signal });
  if (first.status !== 'unauthorized') return { request: source, answer: first };
  const authorization = await renewAuthorization(source, first.challenge);
  if (authorization !== undefined) {
    const request = { ...source, authorization };
    const second = await openBlob(transport, request, { offset, signal });
    if (second.status !== 'unauthorized') return { request, answer: second };
  }
  const { host, name } = source;
  throw new StrataError('registry-unauthorized', { host, name, signedIn: authorization !== undefined });
}

function cutShort({ host }: BlobRequest): StrataError {
  const detail = 'the connection closed before the blob was complete';
  return new StrataError('registry-unreachable', { host, reason: 'broken', detail }, { retryable: true });
}

/** It was tried often enough: whoever sends these bytes on must neither begin anew nor take the failure for the target's. */
function finalFailure(error: StrataError, { host, name }: BlobRequest): StrataError {
  const place = name.startsWith(`${host}/`) ? name : `${host}/${name}`;
  return new StrataError('copy-failed', { side: 'source', place, detail: error.message }, { cause: error });
}
