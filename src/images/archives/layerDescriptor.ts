import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { detectCompression } from '../../archive/index.ts';
import type { Compression } from '../../archive/index.ts';
import { BLOB_BATCH_BYTES } from '../../base/limits.ts';
import { parseDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD } from '../../oci/mediaTypes.ts';
import { digestOfPath } from './dockerArchive.ts';
import type { ArchiveFile, Slice } from './types.ts';

/** So many bytes tell how a layer is compressed. */
const MAGIC_BYTES = 4;

export const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: OCI_LAYER,
  gzip: OCI_LAYER_GZIP,
  zstd: OCI_LAYER_ZSTD,
};

/** A layer of a docker-archive as far as its first bytes and its name tell; what they do not tell is absent. */
export interface GuessedLayer {
  readonly mediaType: string;
  /** An unpacked layer is its own diff; a name under blobs/ says it. Unverified. */
  readonly digest?: Digest;
}

/** @param path as manifest.json names it */
export async function guessLayer(slice: Slice, path: string, diffId: Digest): Promise<GuessedLayer> {
  const handle = await open(slice.path, 'r');
  try {
    const head = Buffer.alloc(Math.min(MAGIC_BYTES, slice.size));
    await handle.read(head, 0, head.length, slice.offset);
    const compression = detectCompression(head);
    const digest = digestOfPath(path) ?? (compression === 'none' ? diffId : undefined);
    return { mediaType: LAYER_TYPES[compression], ...(digest === undefined ? {} : { digest }) };
  } finally {
    await handle.close();
  }
}

/** The descriptor of a docker-archive's layer; where nothing tells its digest it is read through once. */
export async function describeLayer(
  file: ArchiveFile & { readonly slice: Slice },
  path: string,
  diffId: Digest,
  signal: AbortSignal | undefined,
): Promise<Descriptor> {
  const { slice, size } = file;
  const { mediaType, digest } = await guessLayer(slice, path, diffId);
  return { mediaType, digest: digest ?? (await hashSlice(slice, signal)), size };
}

async function hashSlice(slice: Slice, signal: AbortSignal | undefined): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of readSlice(slice, signal) as AsyncIterable<Buffer>) hash.update(chunk);
  return parseDigest(`sha256:${hash.digest('hex')}`);
}

/** The bytes of a slice; fails with the system's error. */
export function readSlice(slice: Slice, signal?: AbortSignal): Readable {
  const { path, offset, size } = slice;
  // createReadStream has no words for "nothing".
  if (size === 0) return Readable.from([]);
  return createReadStream(path, {
    start: offset,
    end: offset + size - 1,
    highWaterMark: BLOB_BATCH_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
}
