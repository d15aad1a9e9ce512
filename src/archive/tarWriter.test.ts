import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { TarReader, TarWriter } from './index.ts';
import type { TarEntry } from './index.ts';

async function written(fill: (writer: TarWriter) => Promise<void>): Promise<Buffer> {
  const sink = new PassThrough();
  const bytes = buffer(sink);
  const writer = await TarWriter.open(sink);
  await fill(writer);
  await writer.finish();
  sink.end();
  return await bytes;
}

it('writes folders and files that a reader finds again, always the same bytes', async () => {
  const fill = async (writer: TarWriter): Promise<void> => {
    await writer.folder('blobs');
    await writer.file('blobs/a', 6, [Buffer.from('abc'), Buffer.from('def')]);
    await writer.file('empty', 0, []);
  };
  const bytes = await written(fill);
  const entries: TarEntry[] = [];
  const reader = new TarReader((entry) => entries.push(entry));
  reader.push(bytes);
  reader.end();
  expect(entries.map(({ path, type, size, mtimeNs }) => [path.toString(), type, size, mtimeNs])).toEqual([
    ['blobs/', 'directory', 0, 0n],
    ['blobs/a', 'file', 6, 0n],
    ['empty', 'file', 0, 0n],
  ]);
  expect(bytes.subarray(entries[1]?.dataOffset, (entries[1]?.dataOffset ?? 0) + 6).toString()).toBe('abcdef');
  expect((await written(fill)).equals(bytes)).toBe(true);
});

it.each([
  ['fewer', 3],
  ['more', 9],
])('refuses %s bytes than it was told', async (_, size) => {
  const writer = await TarWriter.open(new PassThrough().resume());
  await expect(writer.file('a', size, [Buffer.from('abcdef')])).rejects.toMatchObject({
    code: 'size-mismatch',
  });
});

it('keeps the pace of its sink', async () => {
  let taken = 0;
  const waiting: (() => void)[] = [];
  const slow = new Writable({
    highWaterMark: 1024,
    write(chunk: Buffer, _encoding, callback) {
      taken += chunk.length;
      waiting.push(callback);
    },
  });
  const chunk = Buffer.alloc(64 * 1024);
  let given = 0;
  const content = function* (): Generator<Buffer> {
    for (; given < 64 * chunk.length; given += chunk.length) yield chunk;
  };
  const writer = await TarWriter.open(slow);
  const done = writer.file('a', 64 * chunk.length, content());
  // Each release lets one chunk through: the writer must never be far ahead of it.
  for (let i = 0; i < 1000 && given < 64 * chunk.length; i++) {
    expect(given - taken).toBeLessThan(16 * chunk.length);
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const release = setInterval(() => waiting.splice(0).forEach((callback) => callback()), 1);
  await done;
  await writer.finish();
  clearInterval(release);
  expect(taken).toBeGreaterThan(64 * chunk.length);
});

it('fails with what its sink fails with', async () => {
  const broken = new Writable({
    write: (_chunk, _encoding, callback) => callback(new Error('no more room')),
  });
  const writer = await TarWriter.open(broken);
  const endless = function* (): Generator<Buffer> {
    for (let i = 0; i < 1000; i++) yield Buffer.alloc(64 * 1024);
  };
  await expect(writer.file('a', 1000 * 64 * 1024, endless())).rejects.toThrow('no more room');
});

it('passes on what its content fails with', async () => {
  const writer = await TarWriter.open(new PassThrough().resume());
  const failing = function* (): Generator<Buffer> {
    yield Buffer.from('ab');
    throw new Error('unreadable');
  };
  await expect(writer.file('a', 4, failing())).rejects.toThrow('unreadable');
});
