import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renameReplacing, syncFolder, TEMP_PREFIX, writeFileAtomic } from '../../base/atomicFile.ts';
import { describeError, StrataError, systemCode } from '../../base/errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { indexDocument, LAYOUT_DOCUMENT, LAYOUT_FILE } from './archiveDocuments.ts';
import { isObject, parseJson } from './json.ts';
import { blobPath } from './ociLayout.ts';
import type { ArchiveSink, ListedImage } from './types.ts';
import { verified } from './verified.ts';

const INDEX = 'index.json';
const REF_NAME = 'org.opencontainers.image.ref.name';

/**
 * The folder of an OCI layout; what it has stays, and an entry of the same name is replaced. One process at a time:
 * the format has no lock.
 * @param refName of the entries that `finish` lists (skopeo's `oci:FOLDER:NAME`); absent: entries without a name
 */
export async function openLayoutSink(folder: string, refName?: string): Promise<ArchiveSink> {
  return await withFileErrors(folder, async () => {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(join(folder, LAYOUT_FILE), LAYOUT_DOCUMENT);
    return new LayoutSink(folder, refName);
  });
}

class LayoutSink implements ArchiveSink {
  readonly #folder: string;
  readonly #refName: string | undefined;

  constructor(folder: string, refName: string | undefined) {
    this.#folder = folder;
    this.#refName = refName;
  }

  async has(digest: Digest): Promise<boolean> {
    const stats = await stat(join(this.#folder, blobPath(digest))).catch(() => undefined);
    return stats?.isFile() === true;
  }

  async blob(
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    if (await this.has(descriptor.digest)) return;
    const path = join(this.#folder, blobPath(descriptor.digest));
    await withFileErrors(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      const temp = join(this.#folder, `${TEMP_PREFIX}${randomBytes(8).toString('hex')}`);
      try {
        const handle = await open(temp, 'wx');
        try {
          await handle.writeFile(verified(descriptor, content));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await renameReplacing(temp, path);
      } catch (error) {
        await rm(temp, { force: true });
        throw error;
      }
      await syncFolder(dirname(path));
    });
  }

  async finish(images: readonly ListedImage[]): Promise<void> {
    const path = join(this.#folder, INDEX);
    await withFileErrors(path, async () => {
      const own = images.map(({ top }) => this.#named(top));
      const others = (await this.#entries(path)).filter((entry) => !this.#isReplaced(entry, own));
      await writeFileAtomic(path, indexDocument([...others, ...own]));
    });
  }

  abandon(): Promise<void> {
    return Promise.resolve();
  }

  #named(top: Descriptor): Descriptor {
    if (this.#refName === undefined) return top;
    return { ...top, annotations: { ...top.annotations, [REF_NAME]: this.#refName } };
  }

  #isReplaced(entry: unknown, own: readonly Descriptor[]): boolean {
    if (!isObject(entry)) return false;
    const annotations = isObject(entry.annotations) ? entry.annotations : {};
    const name = annotations[REF_NAME];
    if (name !== undefined || this.#refName !== undefined) return name === this.#refName;
    return own.some(({ digest }) => digest === entry.digest);
  }

  /** What index.json lists now; nothing where there is none. @throws `content-invalid` if it is damaged */
  async #entries(path: string): Promise<readonly unknown[]> {
    let bytes;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
    const document = parseJson(bytes, this.#folder, INDEX);
    const entries: unknown = isObject(document) ? document.manifests : undefined;
    return Array.isArray(entries) ? (entries as readonly unknown[]) : [];
  }
}

async function withFileErrors<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!/^E[A-Z0-9]+$/.test(systemCode(error) ?? '')) throw error;
    throw new StrataError('file-unwritable', { path, detail: describeError(error) }, { cause: error });
  }
}
