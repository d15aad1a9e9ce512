import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent, mapLimited, namesIn } from './files.ts';
import { withStoreErrors } from './storeError.ts';

const STATS_AT_ONCE = 16;

/** Bytes of all files under a folder, each by its length. What vanishes meanwhile counts nothing. */
export async function diskBytes(root: string): Promise<number> {
  return await withStoreErrors(root, 'read', async () => {
    let bytes = 0;
    const pending = [root];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      const paths = (await namesIn(folder)).map((name) => join(folder, name));
      const found = await mapLimited(paths, STATS_AT_ONCE, (path) => ifPresent(stat(path)));
      for (const [i, stats] of found.entries()) {
        const path = paths[i];
        if (stats?.isDirectory() === true && path !== undefined) pending.push(path);
        else bytes += stats?.size ?? 0;
      }
    }
    return bytes;
  });
}
