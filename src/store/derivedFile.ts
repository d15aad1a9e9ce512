import { crc32 } from 'node:zlib';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { MAX_DERIVED_JSON_BYTES } from '../base/limits.ts';
import { fileIdentity, readWhole } from './files.ts';
import { withFolders } from './folders.ts';
import { withStoreErrors } from './storeError.ts';

/**
 * A file of derived values by key, which may vanish or be damaged at any time: it then counts as empty.
 * Writing takes no lock; of two writers the last wins, and what is lost is made again.
 *
 * Two lines of JSON: the version with a checksum of what follows, and the values. A sweep acts on what it reads here.
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
    const body = JSON.stringify(Object.fromEntries(values));
    const text = `${JSON.stringify({ version, crc32: crc32(body) })}\n${body}`;
    await withStoreErrors(this.#path, 'write', () =>
      withFolders(this.#root, () => writeFileAtomic(this.#path, text, { durable: false })),
    );
  }
}

function parse(bytes: Buffer, version: number): ReadonlyMap<string, unknown> {
  const { head, body } = splitDerived(bytes);
  if (head.version !== version) return new Map();
  const values: unknown = JSON.parse(body.toString('utf8'));
  return new Map(typeof values === 'object' && values !== null ? Object.entries(values) : []);
}

/**
 * The two lines of a derived file.
 * @throws Error saying what is wrong, in the words of fsck
 */
export function splitDerived(bytes: Buffer): {
  readonly head: { readonly version: unknown; readonly index?: unknown };
  readonly body: Buffer;
} {
  const end = bytes.indexOf('\n');
  const head = parseHead(bytes.toString('utf8', 0, Math.max(end, 0)));
  if (head === undefined) throw new Error('it has no header');
  const body = bytes.subarray(end + 1);
  if (head.crc32 !== crc32(body)) throw new Error('it has another checksum');
  return { head, body };
}

function parseHead(
  line: string,
): { readonly version: unknown; readonly crc32: unknown; readonly index?: unknown } | undefined {
  try {
    const head: unknown = JSON.parse(line);
    const isHead = typeof head === 'object' && head !== null && 'version' in head && 'crc32' in head;
    return isHead ? head : undefined;
  } catch {
    return undefined;
  }
}
