import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../src/base/errors.ts';
import { REAL_PARTS, requireParts } from './realParts.ts';
import { runOk } from './run.ts';

/** A file system of its own that can be filled and made read-only. */
export interface SmallDisk {
  readonly path: string;
  /** Leaves no byte. */
  fill(): Promise<void>;
  /** Takes away what `fill` wrote. */
  drain(): Promise<void>;
  readOnly(on: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Mounts a tmpfs. Needs root. @param bytes its size */
export async function mountSmallDisk(path: string, bytes: number): Promise<SmallDisk> {
  requireParts('mount');
  await mkdir(path);
  const mount = (...args: string[]): Promise<string> => runOk(REAL_PARTS.mount.path, args);
  await mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'strata-test', path);
  const filler = join(path, 'filler');
  return {
    path,
    async fill() {
      const file = await open(filler, 'a');
      try {
        // Ever smaller pieces, so that the last page goes too.
        for (let size = 1024 * 1024; size >= 4096; size /= 2) await append(file, Buffer.alloc(size));
      } finally {
        await file.close();
      }
    },
    drain: () => rm(filler, { force: true }),
    readOnly: async (on) => {
      await mount('-o', `remount,${on ? 'ro' : 'rw'}`, path);
    },
    close: async () => {
      await runOk('umount', ['-l', path]);
    },
  };
}

async function append(file: { write(piece: Buffer): Promise<unknown> }, piece: Buffer): Promise<void> {
  for (;;) {
    try {
      await file.write(piece);
    } catch (error) {
      if (systemCode(error) === 'ENOSPC') return;
      throw error;
    }
  }
}
