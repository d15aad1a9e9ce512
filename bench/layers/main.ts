/** Prints what reading, indexing and opening a layer cost: `node bench/layers/main.ts`. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TarReader, type TarEntry } from '../../src/archive/index.ts';
import { LayerIndexBuilder, openLayerIndex, readLayerStats } from '../../src/layers/index.ts';
import { parseDigest } from '../../src/oci/digest.ts';
import { tarEntry, tarOf, type TarSpec } from '../../test/support/tar.ts';

const MiB = 1024 * 1024;
const diffId = parseDigest(`sha256:${'0'.repeat(64)}`);

/** A layer like a big real one: 27,000 entries in 1.3 GiB; its chunks are made once and pushed in turn. */
function makeChunks(): Buffer[] {
  const content = Buffer.alloc(50 * 1024, 'strata ');
  const parts: Buffer[] = [];
  for (let i = 0; i < 27_000; i++) {
    const path = `usr/lib/python3/dist-packages/package${i % 900}/module${i}.py`;
    parts.push(tarEntry({ path, content, mtime: i % 3 === 0 ? 1.5 : 1 }));
  }
  const chunks: Buffer[] = [];
  const whole = Buffer.concat(parts);
  for (let at = 0; at < whole.length; at += MiB) chunks.push(whole.subarray(at, at + MiB));
  return chunks;
}

function time<T>(run: () => T): [number, T] {
  const start = performance.now();
  const result = run();
  return [performance.now() - start, result];
}

function best<T>(run: () => T): [number, T] {
  return [1, 2, 3, 4, 5].map(() => time(run)).reduce((a, b) => (b[0] < a[0] ? b : a));
}

const chunks = makeChunks();
const mebibytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0) / MiB;
const say = (what: string, ms: number): void =>
  console.log(`${what}: ${ms.toFixed(1)} ms, ${((mebibytes / ms) * 1000).toFixed(0)} MiB/s`);

console.log(`27,000 entries in ${mebibytes.toFixed(0)} MiB, chunks of 1 MiB`);
const [readMs] = best(() => {
  const reader = new TarReader(() => undefined);
  for (const chunk of chunks) reader.push(chunk);
});
say('reader alone', readMs);
const [indexMs] = best(() => {
  const builder = new LayerIndexBuilder();
  const reader = new TarReader((entry) => builder.add(entry));
  for (const chunk of chunks) reader.push(chunk);
  return builder.finish(diffId, reader.bytes);
});
say('reader and index', indexMs);
const [hashMs] = time(() => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
});
say('sha256, to compare', hashMs);

const specs = Array.from({ length: 100_000 }, (_, i): TarSpec => ({
  path: `usr/share/doc/p${i % 3000}/file-${i}`,
}));
const entries: TarEntry[] = [];
new TarReader((entry) => entries.push(entry)).push(tarOf(specs));
const [buildMs, { bytes }] = best(() => {
  const builder = new LayerIndexBuilder();
  for (const entry of entries) builder.add(entry);
  return builder.finish(diffId, 0);
});
console.log(`100,000 rows: built in ${buildMs.toFixed(1)} ms, ${(bytes.length / MiB).toFixed(1)} MiB`);

const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'));
try {
  const path = join(folder, 'index');
  await writeFile(path, bytes);
  for (const [what, run] of [
    ['opened', () => openLayerIndex(path)],
    ['stats read', () => readLayerStats(path)],
  ] as const) {
    const times: number[] = [];
    for (let i = 0; i < 21; i++) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
    const p50 = times.sort((a, b) => a - b)[10] ?? 0;
    console.log(`${what}: ${p50.toFixed(2)} ms (p50), ${(100_000 / p50).toFixed(0)} rows per ms`);
  }
  const index = await openLayerIndex(path);
  const [decodeMs] = best(() => {
    for (let row = 0; row < index.entries; row++) index.entry(row);
  });
  console.log(`every row decoded: ${decodeMs.toFixed(1)} ms`);
} finally {
  await rm(folder, { recursive: true });
}
