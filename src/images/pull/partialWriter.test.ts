import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openTestStore } from '../../../test/support/storedImages.ts';
import { sha256 } from '../../oci/digest.ts';
import { openPartial } from '../../store/index.ts';
import type { PartialBlob } from '../../store/index.ts';
import { PartialWriter } from './partialWriter.ts';

async function openNew(): Promise<PartialBlob> {
  const store = await openTestStore();
  const partial = await openPartial(store.root, sha256('blob'));
  if (partial === 'complete') throw new Error('the store was not empty');
  return partial;
}

it('writes where it is told, past the size of a flush', async () => {
  const partial = await openNew();
  const writer = new PartialWriter(partial);
  const half = 20 * 1024 * 1024;
  await writer.write(Buffer.alloc(half, 'b'), half);
  await writer.write(Buffer.alloc(half, 'a'), 0);
  await writer.write(Buffer.from('end'), 2 * half);
  await writer.settle();
  const bytes = await readFile(partial.path);
  expect(bytes.length).toBe(2 * half + 3);
  expect(
    [bytes[0], bytes[half - 1], bytes[half], bytes.at(-1)].map((byte) => String.fromCharCode(byte ?? 0)),
  ).toEqual(['a', 'a', 'b', 'd']);
  await partial.close();
});
