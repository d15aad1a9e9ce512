import { createHash } from 'node:crypto';
import { StrataError } from '../../base/errors.ts';
import { digestAlgorithm } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';

/** The same bytes; fails at the end unless they were the blob. @throws `size-mismatch`, `digest-mismatch` */
export async function* verified(
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const algorithm = digestAlgorithm(digest);
  const hash = createHash(algorithm);
  const what = `blob ${digest}`;
  let length = 0;
  for await (const chunk of content) {
    length += chunk.length;
    if (length > size) break;
    hash.update(chunk);
    yield chunk;
  }
  if (length !== size) throw new StrataError('size-mismatch', { what, expected: size, actual: length });
  const actual = `${algorithm}:${hash.digest('hex')}`;
  if (actual !== digest) throw new StrataError('digest-mismatch', { what, expected: digest, actual });
}
