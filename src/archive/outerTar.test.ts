import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tarOf } from '../../test/support/tar.ts';
import type { TarSpec } from '../../test/support/tar.ts';
import { tempFolder } from '../../test/support/tempFolder.ts';
import { readTar, scanTar } from './index.ts';
import type { OuterEntry } from './index.ts';

const long = `${'deep/'.repeat(40)}file`;
const specs: readonly TarSpec[] = [
  { path: 'folder/' },
  { path: 'folder/big', content: Buffer.alloc(100_000, 'b') },
  { path: 'empty' },
  { path: long, content: 'long' },
  { path: 'link', type: 'symlink', link: 'folder/big' },
  { path: 'odd', content: 'x'.repeat(513) },
];
const tar = tarOf(specs);

async function scanned(bytes: Buffer, maxEntries?: number): Promise<readonly OuterEntry[]> {
  const folder = await tempFolder();
  onTestFinished(() => folder.remove());
  const path = join(folder.path, 'tar');
  await writeFile(path, bytes);
  const handle = await open(path, 'r');
  onTestFinished(() => handle.close());
  return await scanTar(handle, bytes.length, maxEntries === undefined ? {} : { maxEntries });
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

/** Content by name, as the stream gives it. */
async function streamed(bytes: Buffer, size: number): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  await readTar(inChunks(bytes, size), (entry) => {
    const chunks: Buffer[] = [];
    return {
      write: (chunk) => void chunks.push(Buffer.from(chunk)),
      end: () => void (seen[entry.path] = Buffer.concat(chunks).toString()),
    };
  });
  return seen;
}

it('finds every entry of a file, and its content where it says', async () => {
  const entries = await scanned(tar);
  expect(entries.map(({ path }) => path)).toEqual(specs.map(({ path }) => path));
  const [, big, , deep, link, odd] = entries;
  expect(
    tar.subarray(big?.offset, (big?.offset ?? 0) + (big?.size ?? 0)).equals(Buffer.alloc(100_000, 'b')),
  ).toBe(true);
  expect(tar.subarray(deep?.offset, (deep?.offset ?? 0) + 4).toString()).toBe('long');
  expect(link).toMatchObject({ type: 'symlink', link: 'folder/big', size: 0 });
  expect(odd?.size).toBe(513);
});

it.each([1, 7, 512, 700, 1_000_000])(
  'gives the content of each entry in chunks of %i bytes',
  async (size) => {
    const seen = await streamed(tar, size);
    expect(Object.keys(seen)).toEqual(specs.map(({ path }) => path));
    expect(seen['folder/big']).toBe('b'.repeat(100_000));
    expect(seen[long]).toBe('long');
    expect(seen['odd']).toBe('x'.repeat(513));
  },
);

it('reads to the end of what follows the end marker', async () => {
  const bytes = tarOf(specs, { trailing: Buffer.alloc(70_000, 1) });
  let read = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of inChunks(bytes, 4096)) {
      read += chunk.length;
      yield chunk;
    }
  };
  await readTar(counted(), () => undefined);
  expect(read).toBe(bytes.length);
});

it.each([tar.length - 2000, 51_000, 700])('refuses a tar that is cut at byte %i', async (length) => {
  const cut = tar.subarray(0, length);
  await expect(scanned(cut)).rejects.toMatchObject({ code: 'content-invalid' });
  await expect(streamed(cut, 4096)).rejects.toMatchObject({ code: 'content-invalid' });
});

it('refuses more entries than it may have', async () => {
  await expect(scanned(tar, 3)).rejects.toMatchObject({ code: 'content-invalid' });
});
