import { writeFileAtomic } from '../../base/atomicFile.ts';
import { isStrataError } from '../../base/errors.ts';
import { fileIdentity } from '../files.ts';
import type { RefEntry } from '../indexDocument.ts';
import { IndexFile } from '../indexFile.ts';
import { indexFile, layoutFile } from '../layout.ts';
import { hasLayout, LAYOUT } from '../openStore.ts';
import { faultOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface CheckedLayout {
  /** Undefined if index.json cannot be read: then nothing is known of what anybody needs. */
  readonly entries: readonly RefEntry[] | undefined;
  readonly findings: readonly Finding[];
}

/** oci-layout and index.json. @param blobs how many blobs there are: a store without any may be without these too */
export async function checkLayout(root: string, blobs: number): Promise<CheckedLayout> {
  const { entries, finding } = await readIndex(root, blobs);
  const layout = await checkLayoutFile(root, entries !== undefined);
  return { entries, findings: [layout, finding].filter((each) => each !== undefined) };
}

async function readIndex(
  root: string,
  blobs: number,
): Promise<{ entries: readonly RefEntry[] | undefined; finding?: Finding }> {
  const path = indexFile(root);
  const damaged = (detail: string): { entries: undefined; finding: Finding } => ({
    entries: undefined,
    finding: { problem: { kind: 'store-damaged', what: path, detail, harmless: false } },
  });
  if ((await fileIdentity(path)) === undefined) {
    if (blobs === 0) return { entries: [] };
    return damaged(`it is missing, though there are ${blobs} blobs; restore it from a backup`);
  }
  try {
    return { entries: (await new IndexFile(root).read()).entries };
  } catch (error) {
    const isCorrupt = isStrataError(error, 'store-corrupt') && 'detail' in error.params;
    return damaged(isCorrupt ? `${error.params.detail}; restore it from a backup` : faultOf(error));
  }
}

/** The file always says the same, so it can be written anew where index.json shows that this is a layout. */
async function checkLayoutFile(root: string, hasIndex: boolean): Promise<Finding | undefined> {
  const path = layoutFile(root);
  let detail = 'it is missing';
  try {
    if (await hasLayout(root)) return undefined;
  } catch (error) {
    if (!isStrataError(error, 'store-corrupt') || !('detail' in error.params)) throw error;
    ({ detail } = error.params);
  }
  const problem = { kind: 'store-damaged', what: path, detail, harmless: false } as const;
  if (!hasIndex) return { problem };
  return {
    problem,
    repair: async () => {
      await writeFileAtomic(path, LAYOUT);
      return 'written anew';
    },
  };
}
