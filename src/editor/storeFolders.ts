import { readdir } from 'node:fs/promises';
import { systemCode } from '../base/errors.ts';

/** What systems put into a folder by themselves. */
const NO_CONTENT: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini', 'lost+found']);

/** True if a store could move to this folder: it is absent, or nothing stands in it. */
export async function isFree(path: string): Promise<boolean> {
  return (await namesIn(path)).every((name) => NO_CONTENT.has(name));
}

/** True if a store stands at this folder. */
export async function isStore(path: string): Promise<boolean> {
  return (await namesIn(path)).includes('oci-layout');
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
