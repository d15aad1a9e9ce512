import { createReadStream } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import { StrataError } from '../../base/errors.ts';
import { BLOB_BATCH_BYTES, MAX_SMALL_RESPONSE_BYTES } from '../../base/limits.ts';
import { sha256 } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Platform } from '../../oci/documents.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../oci/mediaTypes.ts';
import { toOciManifest } from '../../oci/ociManifest.ts';
import { hostPlatform, parsePlatform } from '../../oci/platform.ts';
import { canonicalString, parseReference, withDefaultTag } from '../../reference/index.ts';
import { readBody, redactUrl } from '../../transport/index.ts';
import type { HttpResponse, Transport } from '../../transport/index.ts';
import { applyChanges } from '../changes/applyChanges.ts';
import { addDigestReference, setTag } from '../refs.ts';
import type { ArchiveEvent, ImportRequest, TransferOptions } from '../types.ts';
import type { LoadDeps } from './loadContext.ts';
import { withFileErrors } from './openFiles.ts';
import { takeUnknown } from './takeFile.ts';

const URL_START = /^https?:\/\//i;
const LEAST_ERROR_STATUS = 400;
/** Characters of what a server says of its refusal. */
const SHOWN_DETAIL = 500;

interface ImportDeps extends Omit<LoadDeps, 'images'> {
  readonly http: Transport;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Makes an image of the tar of a root file system (moby daemon/images/image_import.go). The tar, compressed or not,
 * becomes the one layer as it is.
 * @param source a path, an http or https URL, or the tar as a stream
 * @returns the image ID
 * @throws `reference-invalid`, `tag-invalid`, `platform-invalid`, `change-invalid` before a byte is read; `file-unreadable`,
 * `registry-failed`, `registry-unreachable`, `content-invalid`, the store's errors, the signal's reason
 */
export async function importImage(
  deps: ImportDeps,
  source: string | Readable,
  request: ImportRequest,
  { signal, onProgress = () => undefined }: TransferOptions<ArchiveEvent> = {},
): Promise<Digest> {
  const name = nameOf(request.name);
  const platform = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  const config = applyChanges({}, request.changes ?? []);
  const { store } = deps;
  const locking = signal === undefined ? {} : { signal };
  const lease = await store.lease({ kind: 'load', name: name ?? 'import' }, locking);
  try {
    const { stream, from, size } = await openSource(deps.http, source, signal);
    const context = { ...deps, lease, signal, emit: () => undefined };
    const layer = await withFileErrors(from, async () => {
      return await takeUnknown(context, { chunks: batches(stream, size, onProgress) });
    });
    const created = new Date(deps.now()).toISOString();
    const comment = request.message ?? `Imported from ${from}`;
    const configBytes = configDocument(platform, config, { created, comment, diffId: layer.diffId });
    const id = sha256(configBytes);
    const descriptor = { mediaType: OCI_CONFIG, digest: id, size: configBytes.length };
    const manifestBytes = toOciManifest({
      mediaType: OCI_MANIFEST,
      config: descriptor,
      layers: [layer.descriptor],
    });
    const digest = sha256(manifestBytes);
    await lease.protect([id, digest], locking);
    await store.writeBlob(configBytes);
    await store.writeBlob(manifestBytes);
    signal?.throwIfAborted();
    const manifest = {
      mediaType: OCI_MANIFEST,
      digest,
      size: manifestBytes.length,
      platform: platformOf(platform),
    };
    const entry = { manifest, config: id, repoDigests: [] };
    await store.update((entries) => {
      if (name === undefined) return addDigestReference(entries, entry);
      return setTag(entries, { ...entry, name, taggedAt: created });
    });
    return id;
  } finally {
    await lease.release();
  }
}

/** @throws `reference-invalid`, `tag-invalid` */
function nameOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const reference = parseReference(text);
  if (reference.digest !== undefined) throw new StrataError('tag-invalid', { name: text, reason: 'digest' });
  return canonicalString(withDefaultTag(reference));
}

async function openSource(
  http: Transport,
  source: string | Readable,
  signal: AbortSignal | undefined,
): Promise<{ stream: Readable; from: string; size?: number }> {
  if (typeof source !== 'string') return { stream: source, from: '-' };
  if (!URL_START.test(source)) {
    const stream = createReadStream(source, { highWaterMark: BLOB_BATCH_BYTES });
    // Docker's client reads the file and its daemon knows no name.
    await withFileErrors(source, async () => {
      await new Promise<void>((resolve, reject) => {
        stream.once('open', () => resolve()).once('error', reject);
      });
    });
    return { stream, from: '-' };
  }
  const from = redactUrl(source);
  const response = await http.request({ url: source, ...(signal === undefined ? {} : { signal }) });
  if (response.status >= LEAST_ERROR_STATUS) throw await refusal(response, from);
  const size = Number(response.headers['content-length']);
  return { stream: response.body, from, ...(size > 0 ? { size } : {}) };
}

/** moby pkg/httputils Download: its sentence, with the beginning of what the server said. */
async function refusal(response: HttpResponse, url: string): Promise<StrataError> {
  const { status } = response;
  const body = await readBody(response, MAX_SMALL_RESPONSE_BYTES, url).catch(() => Buffer.alloc(0));
  const detail = body.toString().trim().slice(0, SHOWN_DETAIL);
  const sentence = `failed to GET ${url} with status ${status} ${STATUS_CODES[status] ?? ''}: ${detail}`;
  return new StrataError('registry-failed', { host: new URL(response.url).host, status, detail, sentence });
}

/** Gathers chunks, since each batch costs a message to the worker, and tells how far it is. */
async function* batches(
  source: Readable,
  size: number | undefined,
  emit: (event: ArchiveEvent) => void,
): AsyncGenerator<Buffer, void> {
  let batch: Buffer[] = [];
  let length = 0;
  let current = 0;
  const tell = (): void => emit({ kind: 'bytes', current, ...(size === undefined ? {} : { total: size }) });
  for await (const chunk of source as AsyncIterable<Buffer>) {
    batch.push(chunk);
    length += chunk.length;
    current += chunk.length;
    if (length < BLOB_BATCH_BYTES) continue;
    yield Buffer.concat(batch, length);
    batch = [];
    length = 0;
    tell();
  }
  if (length > 0) yield Buffer.concat(batch, length);
  tell();
}

function platformOf({ os, architecture, variant }: Platform): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** Keys sorted, as Docker's own. */
function configDocument(
  platform: Platform,
  config: Readonly<Record<string, unknown>>,
  { created, comment, diffId }: { created: string; comment: string; diffId: Digest },
): Uint8Array {
  const { os, architecture, variant } = platform;
  const document = {
    architecture,
    comment,
    config,
    created,
    history: [{ created, comment }],
    os,
    rootfs: { type: 'layers', diff_ids: [diffId] },
    ...(variant === undefined ? {} : { variant }),
  };
  return Buffer.from(JSON.stringify(document));
}
