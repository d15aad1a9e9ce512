import type * as FsPromises from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renameReplacing, writeFileAtomic } from './atomicFile.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof FsPromises>();
  return { ...real, rename: vi.fn(real.rename) };
});

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-atomic-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('writeFileAtomic', () => {
  it('replaces a file by another one and leaves no temporary file', async () => {
    const path = join(folder, 'file');
    await writeFileAtomic(path, 'old');
    const before = (await stat(path)).ino;
    await writeFileAtomic(path, 'new', { durable: false });
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).ino).not.toBe(before);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('leaves the old file and no temporary one when it fails', async () => {
    const path = join(folder, 'taken');
    await mkdir(path);
    await writeFile(join(path, 'inside'), '');
    await mkdir(join(folder, 'temp'));
    await expect(writeFileAtomic(path, 'new', { tempFolder: join(folder, 'temp') })).rejects.toThrow();
    expect(await readdir(path)).toEqual(['inside']);
    expect(await readdir(join(folder, 'temp'))).toEqual([]);
  });
});

describe('renameReplacing', () => {
  const refusal = (code: string): Error => Object.assign(new Error(code), { code });

  it.each(['EPERM', 'EBUSY', 'EACCES'])('outlasts a passing %s on Windows', async (code) => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    await writeFile(from, 'moved');
    vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
    vi.mocked(rename).mockRejectedValueOnce(refusal(code)).mockRejectedValueOnce(refusal(code));
    await renameReplacing(from, to);
    expect(await readFile(to, 'utf8')).toBe('moved');
  });

  it('takes it for final elsewhere, and what cannot pass everywhere', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValueOnce('linux').mockReturnValue('win32');
    vi.mocked(rename).mockRejectedValueOnce(refusal('EPERM'));
    await expect(renameReplacing(join(folder, 'a'), join(folder, 'b'))).rejects.toThrow('EPERM');
    await expect(renameReplacing(join(folder, 'a'), join(folder, 'b'))).rejects.toThrow('ENOENT');
  });
});
