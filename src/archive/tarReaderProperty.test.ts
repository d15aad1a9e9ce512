import { describe, expect, it } from 'vitest';
import { isStrataError } from '../base/errors.ts';
import { tarOf, type TarSpec } from '../../test/support/tar.ts';
import { Random, randomSpecs, testSeed } from '../../test/support/tarGenerator.ts';
import { TarReader, type TarEntry } from './index.ts';

const seed = testSeed();

function read(chunks: Iterable<Buffer>): TarEntry[] {
  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => entries.push(entry));
  for (const chunk of chunks) {
    // A copy that is spoilt afterwards, as a worker reuses its buffers.
    const copy = Buffer.from(chunk);
    reader.push(copy);
    copy.fill(0xaa);
  }
  reader.end();
  return entries;
}

function* cut(tar: Buffer, random: Random, longest: number): Generator<Buffer> {
  for (let at = 0; at < tar.length;) {
    const length = random.below(longest);
    yield tar.subarray(at, at + length);
    at += length;
  }
}

/** The logical content, put together again from what the entry says. */
function contentOf(tar: Buffer, entry: TarEntry): Buffer {
  const stored = tar.subarray(entry.dataOffset, entry.dataOffset + entry.storedSize);
  if (entry.sparse === undefined) return stored;
  const content = Buffer.alloc(entry.size);
  let at = 0;
  for (const { offset, length } of entry.sparse) {
    stored.copy(content, offset, at, at + length);
    at += length;
  }
  return content;
}

function checkAgainst(spec: TarSpec, entry: TarEntry, tar: Buffer): void {
  expect(entry).toMatchObject({
    path: spec.path,
    type: spec.type,
    mode: spec.mode,
    uid: spec.uid,
    gid: spec.gid,
  });
  expect(entry.mtimeNs).toBe(BigInt((spec.mtime ?? 0) * 100) * 10_000_000n);
  expect(entry.link).toEqual(spec.link);
  expect(contentOf(tar, entry)).toEqual(spec.content ?? Buffer.alloc(0));
  expect(entry.xattrs.map(({ name, value }) => [name.toString(), value])).toEqual(
    Object.entries(spec.xattrs ?? {}),
  );
}

describe(`random tars (STRATA_SEED=${seed})`, () => {
  it('gives what was written', () => {
    const specs = randomSpecs(new Random(seed), 400);
    const tar = tarOf(specs);
    const entries = read([tar]);
    expect(entries.length).toBe(specs.length);
    entries.forEach((entry, i) => checkAgainst(specs[i] ?? { path: '' }, entry, tar));
  });

  it('gives the same however the chunks are cut', () => {
    const random = new Random(seed + 1);
    for (let round = 0; round < 12; round++) {
      const tar = tarOf(randomSpecs(random, 30), { end: random.pick(['two', 'one', 'none']) });
      const whole = read([tar]);
      for (const longest of [2, 40, 700, 5000]) expect(read(cut(tar, random, longest))).toEqual(whole);
    }
  });

  it('answers damage with content-invalid or not at all', () => {
    const random = new Random(seed + 2);
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      const tar = tarOf(randomSpecs(random, 5));
      for (let i = 0; i <= random.below(4); i++) tar[random.below(tar.length)] = random.below(256);
      try {
        read(cut(tar.subarray(0, random.below(tar.length)), random, 3000));
      } catch (error) {
        expect(isStrataError(error, 'content-invalid'), String(error)).toBe(true);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});
