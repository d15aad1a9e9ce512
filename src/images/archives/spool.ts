import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDecompressor, detectCompression, readTar } from '../../archive/index.ts';
import type { EntrySink, OuterEntry } from '../../archive/index.ts';
import { describeError, isStrataError, StrataError } from '../../base/errors.ts';
import {
  BLOB_BATCH_BYTES,
  MAX_ARCHIVE_DOCUMENTS_BYTES,
  MAX_ARCHIVE_INDEX_BYTES,
  MAX_COMPRESSION_RATIO,
  MAX_CONFIG_BYTES,
  PROGRESS_INTERVAL_MS,
  RATIO_GRACE_BYTES,
} from '../../base/limits.ts';
import { Channel } from './channel.ts';
import { digestOfPath } from './dockerArchive.ts';
import { LinkedFiles } from './linkedFiles.ts';
import type { LoadContext } from './loadContext.ts';
import { invalidArchive } from './paths.ts';
import { takeUnknown } from './takeFile.ts';
import type { ArchiveFile, ArchiveFiles, StoredLayer } from './types.ts';

const MAGIC_BYTES = 4;
/** A VERSION of an old archive, or less: no layer is so short. */
const LEAST_LAYER_BYTES = 16;

/** One layer may still be on its way to the disk while the next comes in. */
const LANDING_AT_ONCE = 2;
/** They may be longer than a configuration. */
const INDEX_FILES = new Set(['index.json', 'manifest.json', 'repositories']);

/** What came of an archive that streamed by. */
export interface Spooled {
  readonly files: ArchiveFiles;
  /** The layers that it brought: those that no image uses are to go again. */
  readonly taken: readonly StoredLayer[];
}

/**
 * Reads an archive from a stream, once: small documents are held, everything else goes to a worker that writes it
 * into the store as a layer, since nobody knows yet what it is.
 * @throws `content-invalid`, what the stream throws, the store's errors
 */
export async function spoolArchive(source: Readable, name: string, context: LoadContext): Promise<Spooled> {
  const spool = new Spool(name, context);
  try {
    await readTar(decompressed(source, spool, context), async (entry) => await spool.take(entry), {
      signal: context.signal,
    });
  } catch (error) {
    await spool.abandon(error);
    throw error;
  }
  await spool.settle();
  return {
    files: {
      name,
      paths: spool.files.paths,
      find: (path) => Promise.resolve(spool.files.find(path)),
      close: () => Promise.resolve(),
    },
    taken: spool.taken,
  };
}

/** The tar inside, whether the whole is compressed or not. */
async function* decompressed(
  source: Readable,
  spool: Spool,
  { signal }: LoadContext,
): AsyncGenerator<Buffer> {
  const stop = (): void => void source.destroy(signal?.reason as Error);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    let head = Buffer.alloc(0);
    while (head.length < MAGIC_BYTES) {
      const next = await iterator.next();
      if (next.done === true) break;
      head = Buffer.concat([head, next.value]);
    }
    if (head.length === 0) throw invalidArchive(spool.name, 'it is empty');
    const compression = detectCompression(head);
    const whole = counted(head, iterator, spool);
    if (compression === 'none') {
      yield* whole;
      return;
    }
    const inflater = createDecompressor(compression);
    const fed = pipeline(whole, inflater);
    fed.catch(() => undefined);
    let unpacked = 0;
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > RATIO_GRACE_BYTES && unpacked > spool.streamed * MAX_COMPRESSION_RATIO) {
        throw invalidArchive(spool.name, 'it unpacks to far more than an archive would');
      }
      yield chunk;
    }
    await fed;
  } finally {
    signal?.removeEventListener('abort', stop);
    // Whoever stops early leaves the loop in here, and not that of the source.
    source.destroy();
  }
}

async function* counted(
  head: Buffer,
  rest: AsyncIterator<Buffer, undefined>,
  spool: Spool,
): AsyncGenerator<Buffer> {
  spool.passed(head.length);
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    spool.passed(next.value.length);
    yield next.value;
  }
}

class Spool {
  readonly name: string;
  readonly files: LinkedFiles;
  readonly taken: StoredLayer[] = [];
  readonly #context: LoadContext;
  readonly #open = new Set<Channel>();
  readonly #landing = new Set<Promise<void>>();
  #failure: Error | undefined;
  #documents = 0;
  #passed = 0;
  #reportedAt = 0;

  constructor(name: string, context: LoadContext) {
    this.name = name;
    this.files = new LinkedFiles(name);
    this.#context = context;
  }

  /** Bytes of the stream so far. */
  get streamed(): number {
    return this.#passed;
  }

  /** Counts bytes of the stream. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (performance.now() - this.#reportedAt < PROGRESS_INTERVAL_MS) return;
    this.#reportedAt = performance.now();
    this.#context.emit({ kind: 'bytes', current: this.#passed });
  }

  async take(entry: OuterEntry): Promise<EntrySink | undefined> {
    if (entry.type === 'symlink' || entry.type === 'hardlink') {
      this.files.addLink(entry.path, entry.link ?? '', entry.type);
      return undefined;
    }
    if (entry.type !== 'file') return undefined;
    const known = await this.#context.known.withDigest(digestOfPath(entry.path), entry.size);
    if (known !== undefined) {
      this.files.add(entry.path, layerFile(entry, known));
      return undefined;
    }
    const limit = INDEX_FILES.has(entry.path) ? MAX_ARCHIVE_INDEX_BYTES : MAX_CONFIG_BYTES;
    return entry.size <= limit ? this.#hold(entry) : await this.#pour(entry);
  }

  /** Lets the layers go that will have no end. */
  async abandon(error: unknown): Promise<void> {
    for (const channel of this.#open) {
      channel.fail(error instanceof Error ? error : new Error(describeError(error)));
    }
    await Promise.all(this.#landing);
  }

  /** Waits for the layers that are still being written. */
  async settle(): Promise<void> {
    await Promise.all(this.#landing);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Holds a small file until it can be told what it is. */
  #hold(entry: OuterEntry): EntrySink {
    const chunks: Buffer[] = [];
    return {
      write: (chunk) => void chunks.push(Buffer.from(chunk)),
      end: async () => {
        const bytes = Buffer.concat(chunks);
        if (!isDocument(bytes) && bytes.length > LEAST_LAYER_BYTES) {
          const layer = await this.#pour(entry);
          await layer.write(bytes);
          await layer.end();
          return;
        }
        this.#documents += bytes.length;
        if (this.#documents > MAX_ARCHIVE_DOCUMENTS_BYTES) {
          throw new StrataError('too-large', {
            what: `documents of ${this.name}`,
            limit: MAX_ARCHIVE_DOCUMENTS_BYTES,
          });
        }
        this.files.add(entry.path, documentFile(entry, bytes));
      },
    };
  }

  /** Hands a file to a worker as it comes. */
  async #pour(entry: OuterEntry): Promise<EntrySink> {
    while (this.#landing.size >= LANDING_AT_ONCE) await Promise.race(this.#landing);
    if (this.#failure !== undefined) throw this.#failure;
    const channel = new Channel();
    this.#open.add(channel);
    const digest = digestOfPath(entry.path);
    const wanted = { chunks: channel, size: entry.size, ...(digest === undefined ? {} : { digest }) };
    const done: Promise<void> = takeUnknown(this.#context, wanted).then(
      (layer) => {
        this.taken.push(layer);
        this.#context.known.add(layer);
        this.files.add(entry.path, layerFile(entry, layer));
      },
      (error: unknown) => {
        if (!isNoLayer(error)) {
          this.#failure ??= error instanceof Error ? error : new Error(describeError(error));
          return;
        }
        this.files.add(entry.path, brokenFile(entry, error));
      },
    );
    const landed: Promise<void> = done.finally(async () => {
      this.#landing.delete(landed);
      await channel.return();
    });
    this.#landing.add(landed);
    // The worker keeps what it is given, and small chunks cost a message each.
    let batch: Buffer[] = [];
    let length = 0;
    const flush = async (): Promise<void> => {
      const bytes = Buffer.concat(batch, length);
      batch = [];
      length = 0;
      await channel.push(bytes);
    };
    return {
      write: async (chunk) => {
        batch.push(chunk);
        length += chunk.length;
        if (length >= BLOB_BATCH_BYTES) await flush();
      },
      end: async () => {
        if (length > 0) await flush();
        await channel.end();
        this.#open.delete(channel);
      },
    };
  }
}

/** True for what only shows that the bytes are no layer. */
function isNoLayer(error: unknown): error is StrataError {
  return isStrataError(error, 'content-invalid') || isStrataError(error, 'digest-mismatch');
}

function isDocument(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 64).toString('latin1').trimStart().slice(0, 1);
  if (start !== '{' && start !== '[') return false;
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

function documentFile({ path, size }: OuterEntry, bytes: Buffer): ArchiveFile {
  return {
    size,
    read: (limit) => {
      if (size > limit) return Promise.reject(new StrataError('too-large', { what: path, limit }));
      return Promise.resolve(bytes);
    },
  };
}

function layerFile({ path, size }: OuterEntry, stored: StoredLayer): ArchiveFile {
  return {
    size,
    stored,
    read: (limit) => Promise.reject(new StrataError('too-large', { what: path, limit })),
  };
}

/** Tells what is wrong with it to whoever needs it. */
function brokenFile({ size }: OuterEntry, failure: StrataError): ArchiveFile {
  return { size, broken: failure, read: () => Promise.reject(failure) };
}
