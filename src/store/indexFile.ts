import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { describeError, isStrataError, StrataError } from '../base/errors.ts';
import { MAX_INDEX_JSON_BYTES } from '../base/limits.ts';
import { fileIdentity, readWhole } from './files.ts';
import { parseIndexDocument, printIndexDocument } from './indexDocument.ts';
import type { IndexDocument } from './indexDocument.ts';
import { indexFile } from './layout.ts';
import { isSystemError, withStoreErrors } from './storeError.ts';

/** Other tools write index.json in place: a reader that meets half of it looks again after this pause. */
const REREAD_PAUSE_MS = 40;
const REREADS = 3;

/** index.json of one store: parsed once for each version of the file. */
export class IndexFile {
  readonly #path: string;
  #cached: { identity: string; document: IndexDocument } | undefined;

  constructor(root: string) {
    this.#path = indexFile(root);
  }

  /** @throws StrataError `store-corrupt`, `store-unreadable` */
  async read(): Promise<IndexDocument> {
    return withStoreErrors(this.#path, 'read', async () => {
      for (let attempt = 0; ; attempt++) {
        const cached = this.#cached;
        if (cached !== undefined && cached.identity === (await fileIdentity(this.#path)))
          return cached.document;
        try {
          return await this.#readNow();
        } catch (error) {
          if (isSystemError(error)) throw error;
          if (attempt === REREADS) throw this.#corrupt(error);
          await sleep(REREAD_PAUSE_MS);
        }
      }
    });
  }

  /** The identity of the file as it stands now; undefined if there is none. */
  async identity(): Promise<string | undefined> {
    return await withStoreErrors(this.#path, 'read', () => fileIdentity(this.#path));
  }

  /** The identity that the file had when it said this; undefined if it has been read again since. */
  identityOf(entries: IndexDocument['entries']): string | undefined {
    return this.#cached?.document.entries === entries ? this.#cached.identity : undefined;
  }

  /** Only for the holder of the store's lock. */
  async write(document: IndexDocument): Promise<void> {
    const text = printIndexDocument(document);
    if (Buffer.byteLength(text) > MAX_INDEX_JSON_BYTES) {
      throw new StrataError('too-large', { what: this.#path, limit: MAX_INDEX_JSON_BYTES });
    }
    await withStoreErrors(this.#path, 'write', () => writeFileAtomic(this.#path, text));
  }

  async #readNow(): Promise<IndexDocument> {
    const { bytes, identity } = await readWhole(this.#path, MAX_INDEX_JSON_BYTES);
    const document = parseIndexDocument(bytes);
    this.#cached = { identity, document };
    return document;
  }

  #corrupt(cause: unknown): StrataError {
    const detail =
      isStrataError(cause, 'content-invalid') && 'detail' in cause.params
        ? cause.params.detail
        : describeError(cause);
    return new StrataError('store-corrupt', { path: this.#path, detail }, { cause });
  }
}
