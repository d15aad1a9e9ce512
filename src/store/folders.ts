import { mkdir } from 'node:fs/promises';
import { fileIdentity, isMissing } from './files.ts';
import { layoutFile, storeFolders } from './layout.ts';

/**
 * Creates what is missing of the store's folders, with the modes that the umask gives: who wants to share a store
 * opens its root, which openStore makes private, and the rest follows.
 */
export async function createFolders(root: string): Promise<void> {
  for (const folder of storeFolders(root)) await mkdir(folder, { recursive: true });
}

/**
 * Runs a step that writes under `strata/` or `blobs/`. Derived folders may be deleted at any time, so a missing
 * one is made and the step run again; but a store that is gone as a whole (moved, unmounted) is not made anew.
 */
export async function withFolders<T>(root: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!isMissing(error) || (await fileIdentity(layoutFile(root))) === undefined) throw error;
    await createFolders(root);
    return step();
  }
}
