import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildLayer } from '../../../test/support/images.ts';
import type { BuiltLayer } from '../../../test/support/images.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { LayerPipeline } from './layerPipeline.ts';
import type { PipelineResult } from './layerPipeline.ts';

const entries = [
  { path: 'folder/', type: 'directory' as const },
  { path: 'folder/a', content: 'a'.repeat(5000) },
  { path: 'folder/b', content: 'bb' },
];

/** Chunks that are spoilt once they were taken, as a batch is used again. */
async function run(
  bytes: Buffer,
  { digest, diffId }: { readonly digest: Digest; readonly diffId: Digest },
  size = bytes.length,
): Promise<PipelineResult> {
  const pipeline = new LayerPipeline(digest, diffId);
  try {
    for (let at = 0; at < bytes.length; at += size) {
      const chunk = Buffer.from(bytes.subarray(at, at + size));
      await pipeline.push(chunk);
      chunk.fill(0xee);
    }
    return await pipeline.finish();
  } finally {
    pipeline.close();
    pipeline.close();
  }
}

const idsOf = ({ descriptor, diffId }: BuiltLayer): { digest: Digest; diffId: Digest } => ({
  digest: descriptor.digest,
  diffId,
});

describe('LayerPipeline', () => {
  it.each(['gzip', 'zstd', 'none'] as const)(
    'makes one index of %s, however it is cut',
    async (compression) => {
      const layer = buildLayer({ entries, compression });
      const whole = await run(layer.bytes, idsOf(layer));
      expect(whole.stats).toMatchObject({
        diffId: layer.diffId,
        entries: 3,
        tarBytes: layer.tar.length,
        size: 5002,
      });
      for (const size of [1, 3, 4, 5, 511]) expect(await run(layer.bytes, idsOf(layer), size)).toEqual(whole);
    },
  );

  it('takes an empty blob for a tar without entries', async () => {
    const nothing = Buffer.alloc(0);
    const { stats } = await run(nothing, { digest: sha256(nothing), diffId: sha256(nothing) });
    expect(stats).toMatchObject({ entries: 0, size: 0 });
  });

  it('refuses another blob, and says so even if it does not unpack', async () => {
    const layer = buildLayer({ entries });
    const garbage = Buffer.from(layer.bytes).fill(0x55, 20, 40);
    for (const bytes of [
      garbage,
      layer.bytes.subarray(0, 100),
      Buffer.concat([layer.bytes, Buffer.from('x')]),
    ]) {
      await expect(run(bytes, idsOf(layer), 7)).rejects.toMatchObject({
        code: 'digest-mismatch',
        params: { expected: layer.descriptor.digest, actual: sha256(bytes) },
      });
    }
  });

  it('refuses another diff ID', async () => {
    const layer = buildLayer({ entries });
    const ids = { digest: layer.descriptor.digest, diffId: sha256('other') };
    await expect(run(layer.bytes, ids)).rejects.toMatchObject({
      code: 'digest-mismatch',
      params: { expected: ids.diffId, actual: layer.diffId },
    });
  });

  it('refuses the right blob that is no layer', async () => {
    const tar = Buffer.from('this is no tar, though it is as long as one would be'.repeat(20));
    const blob = gzipSync(tar);
    const ids = { digest: sha256(blob), diffId: sha256(tar) };
    await expect(run(blob, ids, 9)).rejects.toMatchObject({ code: 'content-invalid' });
    const cut = gzipSync(buildLayer({ entries }).tar).subarray(0, -9);
    await expect(run(cut, { digest: sha256(cut), diffId: sha256('x') })).rejects.toMatchObject({
      code: 'content-invalid',
    });
  });

  it('knows sha512 digests', async () => {
    const layer = buildLayer({ entries });
    const digest = `sha512:${'0'.repeat(128)}` as Digest;
    await expect(run(layer.bytes, { digest, diffId: layer.diffId })).rejects.toMatchObject({
      code: 'digest-mismatch',
      params: { actual: expect.stringMatching(/^sha512:[a-f0-9]{128}$/) as string },
    });
  });
});
