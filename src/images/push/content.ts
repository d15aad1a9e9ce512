import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { describeError, isStrataError, StrataError, systemCode } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES, PUSH_GZIP_LEVEL } from '../../base/limits.ts';
import type { UploadContent } from '../../registry/index.ts';
import type { ContentPlace } from './messages.ts';
import { remoteBytes } from './remoteBytes.ts';
import type { RemotePorts } from './remoteBytes.ts';
import { Sequence } from './sequence.ts';

export interface OpenContent extends UploadContent {
  /** Of `current` sent bytes, how far that is by the size that a person was told. */
  shown(current: number): number;
  /** Bytes of the whole as it travels; only once all were read where they are compressed. */
  length(): number;
  close(): Promise<void>;
}

/** What a place holds, to be read as often as an upload needs it. */
export function openContent(place: ContentPlace, ports: RemotePorts): OpenContent {
  switch (place.kind) {
    case 'file':
      return fileContent(place);
    case 'bytes':
      return bytesContent(place);
    case 'gzip':
      return gzipContent(place);
    case 'registry':
      return remoteContent(place, ports);
  }
}

type Place<K extends ContentPlace['kind']> = Extract<ContentPlace, { kind: K }>;

function fileContent({ path, offset, size, digest }: Place<'file'>): OpenContent {
  return {
    size,
    digest: () => digest,
    length: () => size,
    shown: (current) => current,
    open: (start, end = size) =>
      Readable.from(fileBytes(path, offset + start, offset + end), {
        objectMode: false,
        highWaterMark: BLOB_BATCH_BYTES,
      }),
    close: () => Promise.resolve(),
  };
}

function bytesContent({ bytes, size, digest }: Place<'bytes'>): OpenContent {
  return {
    size,
    digest: () => digest,
    length: () => size,
    shown: (current) => current,
    open: (start, end) => Readable.from([Buffer.from(bytes.subarray(start, end))], { objectMode: false }),
    close: () => Promise.resolve(),
  };
}

function gzipContent({ path, offset, size }: Place<'gzip'>): OpenContent {
  let consumed = 0;
  const sequence = new Sequence((start) =>
    compressed(path, offset, size, start, (bytes) => {
      consumed = bytes;
    }),
  );
  return {
    size: undefined,
    digest: () => sequence.digest,
    length: () => sequence.length,
    shown: () => consumed,
    open: (start, end) => sequence.open(start, end),
    close: () => sequence.close(),
  };
}

function remoteContent(place: Place<'registry'>, ports: RemotePorts): OpenContent {
  const { digest, size } = place;
  const what = `blob ${digest}`;
  const sequence = new Sequence((start) => remoteBytes(place, start, ports), { what, digest, size });
  return {
    size,
    digest: () => digest,
    length: () => size,
    shown: (current) => current,
    open: (start, end) => sequence.open(start, end),
    close: () => sequence.close(),
  };
}

/**
 * Deterministic: the same bytes each time, so that what a broken connection took is not sent again.
 * @param start bytes of the compressed stream that are left out
 */
async function* compressed(
  path: string,
  offset: number,
  size: number,
  start: number,
  onConsumed: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const gzip = createGzip({ level: PUSH_GZIP_LEVEL, chunkSize: BLOB_BATCH_BYTES });
  // Its failure arrives through the loop below.
  pipeline(Readable.from(fileBytes(path, offset, offset + size)), gzip, () => undefined);
  let at = 0;
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    const kept = chunk.subarray(Math.max(0, Math.min(chunk.length, start - at)));
    at += chunk.length;
    onConsumed(gzip.bytesWritten);
    if (kept.length > 0) yield kept;
  }
}

/** @throws StrataError `file-unreadable`, `size-mismatch` */
async function* fileBytes(path: string, start: number, end: number): AsyncGenerator<Buffer> {
  if (start >= end) return;
  let at = start;
  try {
    const stream = createReadStream(path, { start, end: end - 1, highWaterMark: BLOB_BATCH_BYTES });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      at += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (isStrataError(error) || systemCode(error) === undefined) throw error;
    throw new StrataError('file-unreadable', { path, detail: describeError(error) }, { cause: error });
  }
  if (at < end) throw wrongSize(path, end, at);
}

function wrongSize(what: string, expected: number, actual: number): StrataError {
  return new StrataError('size-mismatch', { what, expected, actual });
}
