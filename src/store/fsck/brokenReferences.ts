import { copyFile, mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { shortDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { familiarString, parseReference } from '../../reference/index.ts';
import { fileIdentity } from '../files.ts';
import type { RefEntry } from '../indexDocument.ts';
import { IndexFile } from '../indexFile.ts';
import { blobFile, indexFile, quarantineFolder } from '../layout.ts';
import { giveUpMissing } from '../quarantine.ts';
import type { CheckedEntry, CheckedReferences } from './checkReferences.ts';
import type { Finding } from './finding.ts';

/** Names whose images are not whole, and the blobs that they lack. @param has whether the store has a blob */
export function brokenReferences(
  root: string,
  { entries, missing }: CheckedReferences,
  has: (digest: Digest) => boolean,
): readonly Finding[] {
  const blobs = [...missing].map(([digest, role]): Finding => {
    const detail = `an image needs it: it is its ${role}`;
    return { problem: { kind: 'blob-missing', what: digest, detail, harmless: false } };
  });
  const broken = entries
    .filter(({ faults }) => faults.length > 0)
    .map((checked): Finding => {
      const detail = `${checked.faults.join(', ')}: ${remedy(checked.entry)}`;
      return {
        problem: { kind: 'reference-broken', what: nameOf(checked.entry), detail, harmless: false },
        ...(checked.isLost ? { repair: async () => await settle(root, checked) } : {}),
      };
    });
  const sources = entries.flatMap(({ entry }): readonly Finding[] => {
    if (entry.source === undefined || has(entry.source)) return [];
    const detail = `it is the manifest of ${nameOf(entry)} as its registry has it: the next pull brings it back`;
    return [{ problem: { kind: 'blob-missing', what: entry.source, detail, harmless: true } }];
  });
  return [...blobs, ...broken, ...sources];
}

/**
 * A manifest that is proved to be lost. Its entry stays, because its name tells what to pull again; but one that is
 * beyond help goes, since no other command could remove it.
 */
async function settle(root: string, { entry, isBeyondHelp }: CheckedEntry): Promise<string | undefined> {
  // It is there all the same where another command uses the wrong blob.
  if ((await fileIdentity(blobFile(root, entry.manifest.digest))) !== undefined) return undefined;
  if (!isBeyondHelp) {
    await giveUpMissing(root, entry.manifest.digest);
    return undefined;
  }
  const copy = join(quarantineFolder(root), `index-${Date.now()}.json`);
  await mkdir(quarantineFolder(root), { recursive: true });
  await copyFile(indexFile(root), copy);
  const index = new IndexFile(root);
  const document = await index.read();
  const entries = document.entries.filter((other) => !isSame(other, entry));
  await index.write({ ...document, entries });
  return `taken out of index.json, which is kept as ${relative(root, copy)}`;
}

function isSame(a: RefEntry, b: RefEntry): boolean {
  return a.name === b.name && a.config === b.config && a.manifest.digest === b.manifest.digest;
}

/** As a person would write it; what other tools wrote as it stands. */
function nameOf({ name, repoDigests, config, manifest }: RefEntry): string {
  const text = name ?? repoDigests[0];
  return text === undefined ? `<none> ${shortDigest(config ?? manifest.digest)}` : familiar(text);
}

function remedy({ name, repoDigests }: RefEntry): string {
  return name === undefined && repoDigests.length === 0 ? 'it has no name to pull it by' : 'pull it again';
}

function familiar(text: string): string {
  try {
    return familiarString(parseReference(text));
  } catch {
    return text;
  }
}
