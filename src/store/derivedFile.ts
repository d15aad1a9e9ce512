import { writeFileAtomic } from '../base/atomicFile.ts';
import { MAX_DERIVED_JSON_BYTES } from '../base/limits.ts';
import { fileIdentity, readWhole } from './files.ts';
import { withFolders } from './folders.ts';
import { withStoreErrors } from './storeError.ts';

/**
 * A JSON file of derived values by key, which may vanish or be damaged at any time: it then counts as empty.
 * Writing takes no lock; of two writers the last wins, and what is lost is made again.
 */
export class DerivedFile {
  readonly #root: string;
  readonly #path: string;
  #cached: { key: string; values: ReadonlyMap<string, unknown> } | undefined;

  constructor(root: string, path: string) {
    this.#root = root;
    this.#path = path;
  }

  /** @param version of the values' form: those of another version do not count */
  async read(version: number): Promise<ReadonlyMap<string, unknown>> {
    try {
      const key = (identity: string | undefined): string => `${version}:${identity ?? ''}`;
      if (this.#cached !== undefined && this.#cached.key === key(await fileIdentity(this.#path))) {
        return this.#cached.values;
      }
      const { bytes, identity } = await readWhole(this.#path, MAX_DERIVED_JSON_BYTES);
      const values = parse(bytes, version);
      this.#cached = { key: key(identity), values };
      return values;
    } catch {
      return new Map();
    }
  }

  /** @throws StrataError `disk-full`, `store-unwritable`: callers may go on without */
  async write(version: number, values: ReadonlyMap<string, unknown>): Promise<void> {
    const text = JSON.stringify({ version, values: Object.fromEntries(values) });
    await withStoreErrors(this.#path, 'write', () =>
      withFolders(this.#root, () => writeFileAtomic(this.#path, text, { durable: false })),
    );
  }
}

function parse(bytes: Buffer, version: number): ReadonlyMap<string, unknown> {
  const document: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof document !== 'object' || document === null) return new Map();
  if (!('version' in document) || document.version !== version || !('values' in document)) return new Map();
  const { values } = document;
  return new Map(typeof values === 'object' && values !== null ? Object.entries(values) : []);
}
