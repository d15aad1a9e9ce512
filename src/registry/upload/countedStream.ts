import { Readable } from 'node:stream';
import { BLOB_BATCH_BYTES } from '../../base/limits.ts';

/** The same bytes, and how many have been taken so far. Errors pass; who destroys one destroys the other. */
export function countedStream(stream: Readable, onBytes: (total: number) => void): Readable {
  async function* counted(): AsyncGenerator<Buffer> {
    let total = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      yield chunk;
      total += chunk.length;
      onBytes(total);
    }
  }
  return Readable.from(counted(), { objectMode: false, highWaterMark: BLOB_BATCH_BYTES });
}
