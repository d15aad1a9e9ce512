import { BLOB_BATCH_BYTES } from '../../base/limits.ts';
import { openContent } from './content.ts';
import type { ContentPlace } from './messages.ts';
import type { RemotePorts } from './remoteBytes.ts';

/**
 * What a place holds, in batches that each own their memory, so that they move to another thread without a copy. Of a
 * registry's blob the last bytes never come unless all were right.
 * @throws StrataError `registry-*`, `copy-failed`, `file-unreadable`, `size-mismatch`, `digest-mismatch`
 */
export async function* readContent(
  place: ContentPlace,
  ports: RemotePorts,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const content = openContent(place, ports);
  try {
    let batch = new Uint8Array(BLOB_BATCH_BYTES);
    let length = 0;
    for await (const chunk of content.open(0) as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        const part = chunk.subarray(at, at + batch.length - length);
        batch.set(part, length);
        at += part.length;
        length += part.length;
        if (length < batch.length) continue;
        yield batch;
        batch = new Uint8Array(BLOB_BATCH_BYTES);
        length = 0;
      }
    }
    if (length > 0) yield batch.subarray(0, length);
  } finally {
    await content.close();
  }
}
