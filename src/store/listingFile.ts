import { crc32 } from 'node:zlib';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { MAX_DERIVED_JSON_BYTES } from '../base/limits.ts';
import { splitDerived } from './derivedFile.ts';
import { readWhole } from './files.ts';
import { withFolders } from './folders.ts';
import { withStoreErrors } from './storeError.ts';

/**
 * What was derived from one version of index.json as a whole, so that a list need not read that file: it has 10 MiB
 * where 1,000 images have 20 names each. May vanish or be damaged at any time. Of the form of DerivedFile, the
 * identity of index.json beside the checksum.
 */
export class ListingFile {
  readonly #root: string;
  readonly #path: string;

  constructor(root: string, path: string) {
    this.#root = root;
    this.#path = path;
  }

  /** Undefined unless it is of this version and of the index.json with this identity. */
  async read(version: number, identity: string): Promise<unknown> {
    try {
      const { bytes } = await readWhole(this.#path, MAX_DERIVED_JSON_BYTES);
      const { head, body } = splitDerived(bytes);
      return head.version === version && head.index === identity
        ? (JSON.parse(body.toString('utf8')) as unknown)
        : undefined;
    } catch {
      return undefined;
    }
  }

  /** @throws StrataError `disk-full`, `store-unwritable`: callers may go on without */
  async write(version: number, identity: string, value: unknown): Promise<void> {
    const body = JSON.stringify(value);
    const text = `${JSON.stringify({ version, crc32: crc32(body), index: identity })}\n${body}`;
    await withStoreErrors(this.#path, 'write', () =>
      withFolders(this.#root, () => writeFileAtomic(this.#path, text, { durable: false })),
    );
  }
}
