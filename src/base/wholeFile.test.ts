import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStrataError } from './errors.ts';
import { writeWhole } from './wholeFile.ts';

describe('writeWhole', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'strata-archive-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('puts a new file in the place of an old one', async () => {
    const path = join(folder, 'a.tar');
    await writeFile(path, 'old');
    const size = await writeWhole(path, (sink) => pipeline(['one', ' two'], sink));
    expect(size).toBe(7);
    expect(await readFile(path, 'utf8')).toBe('one two');
    expect(await readdir(folder)).toEqual(['a.tar']);
  });

  it('leaves the old file, and nothing beside it, when the writing ends before time', async () => {
    const path = join(folder, 'a.tar');
    await writeFile(path, 'old');
    const stopped = new Error('stopped');
    const written = writeWhole(path, async (sink) => {
      sink.write('half');
      await Promise.reject(stopped);
    });
    await expect(written).rejects.toBe(stopped);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.tar']);
  });

  it('names the file that cannot be written', async () => {
    const path = join(folder, 'none', 'a.tar');
    const error: unknown = await writeWhole(path, (sink) => pipeline(['x'], sink)).catch((e: unknown) => e);
    expect(isStrataError(error, 'file-unwritable') && error.params.path).toBe(path);
  });
});
