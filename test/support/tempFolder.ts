import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  /** Absolute, symlinks resolved. */
  readonly path: string;
  /** With all that is in it, whatever its permissions. */
  remove(): Promise<void>;
}

/** A new empty folder. The caller removes it. */
export async function tempFolder(prefix = 'strata-test-'): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
