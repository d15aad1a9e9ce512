import { join } from 'node:path';
import { MAX_LEASE_BYTES } from '../base/limits.ts';
import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import { parseJsonObject } from '../oci/parse.ts';
import { ifPresent, namesIn, readWhole } from './files.ts';
import { leasesFolder } from './layout.ts';
import { isLocked } from './lock.ts';

/** What a process does on the store, for the other processes to see and to spare. Sizes in bytes. */
export interface LeaseInfo {
  readonly id: string;
  readonly pid: number;
  readonly kind: 'pull' | 'load' | 'push' | 'save';
  /** Of a pull the canonical name; else what is read. */
  readonly name: string;
  /** What a sweep must leave: manifests, configurations, layers, and diff IDs for their indexes. */
  readonly digests: readonly Digest[];
  /** The layers under way, for those who show the pull. */
  readonly layers: readonly { readonly digest: Digest; readonly size: number }[];
  /** RFC 3339. */
  readonly startedAt: string;
}

export interface FoundLease {
  readonly id: string;
  /** Its owner lives. */
  readonly live: boolean;
  /** Undefined if the file cannot be read as a lease. */
  readonly info: LeaseInfo | undefined;
}

export const leaseFile = (root: string, id: string): string => join(leasesFolder(root), `${id}.json`);
export const leaseLockFile = (root: string, id: string): string => join(leasesFolder(root), `${id}.lock`);

const NAME = /^([0-9a-f-]{36})\.(?:json|lock)$/;

/** The id that a file in the folder of leases belongs to; undefined for other files. */
export function leaseId(fileName: string): string | undefined {
  return NAME.exec(fileName)?.[1];
}

/** All leases in the folder, the dead ones too. */
export async function findLeases(root: string): Promise<FoundLease[]> {
  const names = await namesIn(leasesFolder(root));
  const ids = new Set(names.flatMap((name) => leaseId(name) ?? []));
  return Promise.all(
    [...ids].map(async (id) => {
      // In this order: an owner gives up its lock before it removes the JSON.
      const info = await readLease(root, id);
      return { id, info, live: await isLocked(leaseLockFile(root, id)) };
    }),
  );
}

async function readLease(root: string, id: string): Promise<LeaseInfo | undefined> {
  const file = await ifPresent(readWhole(leaseFile(root, id), MAX_LEASE_BYTES));
  return file === undefined ? undefined : parseLease(file.bytes, id);
}

function parseLease(bytes: Buffer, id: string): LeaseInfo | undefined {
  let json: Readonly<Record<string, unknown>>;
  try {
    json = parseJsonObject(bytes, 'lease');
  } catch {
    return undefined;
  }
  const { pid, kind, name, startedAt, digests, layers } = json;
  const valid =
    json.id === id && typeof pid === 'number' && typeof name === 'string' && typeof startedAt === 'string';
  if (!valid || !isKind(kind) || !Array.isArray(digests) || !Array.isArray(layers)) return undefined;
  if (!digests.every(isDigest) || !layers.every(isLayer)) return undefined;
  return { id, pid, kind, name, startedAt, digests, layers };
}

function isKind(value: unknown): value is LeaseInfo['kind'] {
  return value === 'pull' || value === 'load' || value === 'push' || value === 'save';
}

function isLayer(value: unknown): value is { digest: Digest; size: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'digest' in value &&
    isDigest(value.digest) &&
    'size' in value &&
    Number.isSafeInteger(value.size)
  );
}
