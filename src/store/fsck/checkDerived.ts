import { join } from 'node:path';
import { TEMP_PREFIX } from '../../base/atomicFile.ts';
import { MAX_DERIVED_JSON_BYTES } from '../../base/limits.ts';
import { digestHex } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { splitDerived } from '../derivedFile.ts';
import { ifPresent, isMissing, mapLimited, namesIn, readWhole, removeFile } from '../files.ts';
import {
  catalogFile,
  compressedFile,
  layerIndexFile,
  layersFolder,
  listingFile,
  reachFile,
  summariesFile,
} from '../layout.ts';
import { isSystemError } from '../storeError.ts';
import { faultOf } from './finding.ts';
import type { Finding } from './finding.ts';

const READS_AT_ONCE = 4;

/** Reads the whole index of a layer and checks it, as the room of layers does. */
export type CheckLayerIndex = (path: string) => Promise<{ readonly diffId: Digest }>;

/** What the store keeps beside its blobs and can make anew: indexes of layers, summaries, reach. */
export async function checkDerived(
  root: string,
  checkLayerIndex: CheckLayerIndex,
  needed: ReadonlySet<Digest> | undefined,
): Promise<{ readonly indexes: number; readonly findings: readonly Finding[] }> {
  const names = (await namesIn(layersFolder(root))).filter((name) => !name.startsWith(TEMP_PREFIX));
  const kept = needed && new Set([...needed].map((diffId) => layerIndexFile(root, diffId)));
  const paths = names.map((name) => join(layersFolder(root), name));
  const indexes = paths.filter((path) => path.endsWith('.idx'));
  const found = await mapLimited(indexes, READS_AT_ONCE, async (path): Promise<Finding | undefined> => {
    const fault = await layerIndexFault(path, checkLayerIndex);
    if (fault !== undefined) return damaged(path, fault);
    if (kept === undefined || kept.has(path)) return undefined;
    return {
      problem: { kind: 'index-stray', what: path, detail: 'no image has this layer', harmless: true },
    };
  });
  const unknown = paths.filter((path) => !path.endsWith('.idx')).map(unknownFile);
  const files = [catalogFile, compressedFile, listingFile, reachFile, summariesFile];
  const caches = await Promise.all(files.map((file) => cacheFault(file(root))));
  return {
    indexes: indexes.length,
    findings: [...found, ...unknown, ...caches].filter((finding) => finding !== undefined),
  };
}

/** A file where only others could have put it. */
export function unknownFile(path: string): Finding {
  return {
    problem: { kind: 'file-unknown', what: path, detail: 'Strata made no such file', harmless: true },
  };
}

/** Derived data goes at once: who needs it makes it anew. What only cannot be read stays. */
function damaged(path: string, { detail, isProved }: Fault): Finding {
  const problem = { kind: 'index-damaged', what: path, detail, harmless: false } as const;
  if (!isProved) return { problem };
  return {
    problem,
    repair: async () => {
      await removeFile(path);
      return 'removed: it is made anew when it is needed';
    },
  };
}

interface Fault {
  readonly detail: string;
  /** False if the disk alone refused. */
  readonly isProved: boolean;
}

async function layerIndexFault(path: string, check: CheckLayerIndex): Promise<Fault | undefined> {
  try {
    const { diffId } = await check(path);
    const isOwn = path.endsWith(`${digestHex(diffId)}.idx`);
    return isOwn ? undefined : { detail: `it is the index of ${diffId}`, isProved: true };
  } catch (error) {
    if (isMissing(error)) return undefined;
    return { detail: faultOf(error), isProved: !isSystemError(error) };
  }
}

async function cacheFault(path: string): Promise<Finding | undefined> {
  try {
    const file = await ifPresent(readWhole(path, MAX_DERIVED_JSON_BYTES));
    if (file !== undefined) JSON.parse(splitDerived(file.bytes).body.toString('utf8'));
    return undefined;
  } catch (error) {
    return damaged(path, { detail: faultOf(error), isProved: !isSystemError(error) });
  }
}
