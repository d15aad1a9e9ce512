import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isStrataError } from '../base/errors.ts';
import { createStreamInflater } from './inflater.ts';
import { createInflater, detectCompression, type Compression } from './index.ts';

const compressors = { gzip: gzipSync, zstd: zstdCompressSync };
const KiB = 1024;
/** Compresses to some tens of KiB, and unpacks to more than two output chunks. */
const big = Buffer.from(
  Uint32Array.from({ length: 640 * KiB }, (_, i) => Math.imul(i, 2654435761) >>> 26).buffer,
);
const small = Buffer.from('the second part');

type Create = typeof createInflater;

async function inflate(
  create: Create,
  compression: Compression,
  data: Buffer,
  chunkBytes: number,
): Promise<Buffer> {
  const out: Buffer[] = [];
  const inflater = create(compression, (chunk) => out.push(Buffer.from(chunk)));
  try {
    for (let at = 0; at < data.length; at += chunkBytes)
      await inflater.push(data.subarray(at, at + chunkBytes));
    await inflater.end();
  } finally {
    inflater.close();
  }
  return Buffer.concat(out);
}

async function faultOf(
  create: Create,
  compression: Compression,
  data: Buffer,
  chunkBytes: number,
): Promise<string> {
  try {
    await inflate(create, compression, data, chunkBytes);
  } catch (error) {
    if (isStrataError(error, 'content-invalid')) return error.message;
    throw error;
  }
  return 'no fault';
}

/** Both must behave alike: the second stands in where a Node lacks what the first drives. */
const inflaters = [
  ['on this thread', createInflater],
  ['by a stream', createStreamInflater],
] as const;

describe('detectCompression', () => {
  it.each<[Compression, number[]]>([
    ['gzip', [0x1f, 0x8b, 0x08, 0]],
    ['none', [0x1f, 0x8b, 0x09, 0]],
    ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
    ['zstd', [0x50, 0x2a, 0x4d, 0x18]],
    ['zstd', [0x5f, 0x2a, 0x4d, 0x18]],
    ['none', [0x60, 0x2a, 0x4d, 0x18]],
    ['none', [0x75, 0x73, 0x72, 0x2f]],
    ['none', [0x28, 0xb5]],
    ['none', []],
  ])('says %s for %j', (expected, bytes) => {
    expect(detectCompression(Uint8Array.from(bytes))).toBe(expected);
  });

  it('knows what node:zlib makes', () => {
    expect(detectCompression(gzipSync(small))).toBe('gzip');
    expect(detectCompression(zstdCompressSync(small))).toBe('zstd');
  });
});

describe.each(inflaters)('inflating %s', (_name, create) => {
  it('hands on what the reader of the data throws', async () => {
    const inflater = create('gzip', () => {
      throw new RangeError('enough');
    });
    await expect(
      (async () => {
        await inflater.push(gzipSync(big));
        await inflater.end();
      })(),
    ).rejects.toThrow('enough');
    inflater.close();
    inflater.close();
  });
  it('passes what is not compressed', async () => {
    expect((await inflate(create, 'none', big, 1000 * KiB)).equals(big)).toBe(true);
  });

  describe.each(['gzip', 'zstd'] as const)('%s', (compression) => {
    const pack = compressors[compression];
    const first = pack(big);
    const second = pack(small);
    const both = Buffer.concat([big, small]);
    // Whole, in odd pieces, and cut exactly where the first part ends.
    const cuts = [1e9, 4099, first.length];

    it.each(cuts)('joins parts that follow each other, in chunks of %i', async (chunkBytes) => {
      const packed = Buffer.concat([first, second]);
      expect((await inflate(create, compression, packed, chunkBytes)).equals(both)).toBe(true);
    });

    it('joins many small parts, empty ones too, byte by byte as well', async () => {
      const packed = Buffer.concat(Array.from({ length: 40 }, () => [second, pack(Buffer.alloc(0))]).flat());
      const expected = Buffer.concat(Array.from({ length: 40 }, () => small));
      for (const chunkBytes of [1e9, 1, 7])
        expect(await inflate(create, compression, packed, chunkBytes)).toEqual(expected);
    });

    it('inflates exactly one output chunk', async () => {
      const chunk = Buffer.alloc(1024 * KiB, 1);
      const packed = Buffer.concat([pack(chunk), pack(chunk)]);
      expect((await inflate(create, compression, packed, 1e9)).length).toBe(2048 * KiB);
    });

    it.each(cuts)('refuses a truncated part, in chunks of %i', async (chunkBytes) => {
      expect(await faultOf(create, compression, first.subarray(0, -5), chunkBytes)).toContain(
        'unexpected end of file',
      );
      const halfSecond = Buffer.concat([first, second.subarray(0, -6)]);
      expect(await faultOf(create, compression, halfSecond, chunkBytes)).toContain('unexpected end of file');
    });

    it.each(cuts)(
      'refuses zeros and rubbish after the data, as Go does, in chunks of %i',
      async (chunkBytes) => {
        for (const trailer of [
          Buffer.alloc(1000),
          Buffer.alloc(5),
          Buffer.from('rubbish'),
          Buffer.from([0x1f]),
        ]) {
          const fault = await faultOf(create, compression, Buffer.concat([first, trailer]), chunkBytes);
          expect(fault).toContain(`${compression} data is invalid`);
        }
      },
    );

    it('refuses damage', async () => {
      const damaged = Buffer.from(first);
      damaged.fill(0xff, 12, 400);
      expect(await faultOf(create, compression, damaged, 1e9)).toContain(`${compression} data is invalid`);
    });
  });

  describe('zstd alone', () => {
    const frame = zstdCompressSync(big);
    const skippable = Buffer.concat([
      Buffer.from([0x53, 0x2a, 0x4d, 0x18, 100, 0, 0, 0]),
      Buffer.alloc(100, 0x28),
    ]);

    it('leaves out skippable frames, wherever they stand', async () => {
      const packed = Buffer.concat([
        skippable,
        skippable,
        frame,
        skippable,
        zstdCompressSync(small),
        skippable,
      ]);
      const expected = Buffer.concat([big, small]);
      for (const chunkBytes of [1e9, 4099, 3]) {
        expect((await inflate(create, 'zstd', packed, chunkBytes)).equals(expected)).toBe(true);
      }
      expect(await inflate(create, 'zstd', skippable, 50)).toEqual(Buffer.alloc(0));
    });

    it('refuses half a skippable frame at the end', async () => {
      expect(await faultOf(create, 'zstd', Buffer.concat([frame, skippable.subarray(0, 50)]), 1e9)).toContain(
        'unexpected end',
      );
    });

    it.each([
      ['a checksum', { [constants.ZSTD_c_checksumFlag]: 1 }],
      ['no content size', { [constants.ZSTD_c_contentSizeFlag]: 0 }],
      ['the smallest window', { [constants.ZSTD_c_windowLog]: 10 }],
      [
        'the largest window we take',
        { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 },
      ],
    ])('takes frames with %s', async (_, params) => {
      for (const content of [big, small, Buffer.alloc(300), Buffer.alloc(70_000)]) {
        const packed = zstdCompressSync(content, { params });
        const twice = Buffer.concat([packed, packed]);
        expect((await inflate(create, 'zstd', twice, 1000)).equals(Buffer.concat([content, content]))).toBe(
          true,
        );
      }
    });

    it('refuses a window beyond the cap', async () => {
      // A frame header by hand: no flags, a window of 2^28, then one raw last block of a byte.
      const packed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (28 - 10) << 3, 0b1001, 0, 0, 0x61]);
      expect(await faultOf(create, 'zstd', packed, 1e9)).toContain('zstd data is invalid');
      packed[5] = (27 - 10) << 3;
      expect(await inflate(create, 'zstd', packed, 1e9)).toEqual(Buffer.from('a'));
    });
  });
});
