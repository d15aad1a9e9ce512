import { StrataError } from '../../base/errors.ts';
import { indexLayer } from '../indexLayer.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { guessLayer } from './layerDescriptor.ts';
import type { LoadContext } from './loadContext.ts';
import { invalidArchive } from './paths.ts';
import { takeKnown, takeUnknown } from './takeFile.ts';
import type { ArchiveFile, StoredLayer } from './types.ts';

/** A layer that an image of an archive needs. */
export interface WantedLayer {
  readonly diffId: Digest;
  /** How the archive names it. */
  readonly path: string;
  readonly file?: ArchiveFile;
  /** Where a manifest says which blob it must be. */
  readonly descriptor?: Descriptor;
}

/**
 * Brings one layer into the store, unless it has it.
 * @returns the blob that an image is to point at
 * @throws `digest-mismatch`, `size-mismatch`, `content-invalid`, the store's errors
 */
export async function loadLayer(
  context: LoadContext,
  archive: string,
  wanted: WantedLayer,
): Promise<Descriptor> {
  const { descriptor } = wanted;
  const here =
    descriptor === undefined
      ? await withDiffId(context, wanted)
      : await withDigest(context, wanted, descriptor);
  if (here !== undefined) return here;
  const { diffId, path, file } = wanted;
  if (file === undefined) throw invalidArchive(archive, `it lacks the layer ${path}`);
  if (file.broken !== undefined) throw file.broken;
  if (file.stored !== undefined) return ofStream(file.stored, wanted);
  const { slice } = file;
  if (slice === undefined) throw invalidArchive(archive, `${path} is no layer`);
  if (descriptor !== undefined && descriptor.size !== file.size) {
    throw new StrataError('size-mismatch', {
      what: `layer ${path}`,
      expected: descriptor.size,
      actual: file.size,
    });
  }
  const guess = await guessLayer(slice, path, diffId);
  const digest = descriptor?.digest ?? guess.digest;
  if (digest === undefined) {
    const layer = await takeUnknown(context, { slice, size: file.size, diffId });
    context.known.add(layer);
    return layer.descriptor;
  }
  await context.lease.protect([digest, diffId]);
  const taken = descriptor ?? { mediaType: guess.mediaType, digest, size: file.size };
  await takeKnown(context, slice, taken, diffId);
  context.known.add({ descriptor: taken, diffId });
  return taken;
}

/** Any blob that unpacks to it will do: images share it then. */
async function withDiffId(context: LoadContext, { diffId }: WantedLayer): Promise<Descriptor | undefined> {
  return (await context.known.withDiffId(diffId))?.descriptor;
}

async function withDigest(
  context: LoadContext,
  { diffId }: WantedLayer,
  descriptor: Descriptor,
): Promise<Descriptor | undefined> {
  const { digest, size } = descriptor;
  const known = context.known.diffIdOf(digest);
  if (known !== undefined && known !== diffId) throw mismatch(diffId, known);
  await context.lease.protect([digest, diffId]);
  // Of a blob that no image has nobody knows what it unpacks to: then the archive's own is read, which tells.
  if (known === undefined || !(await context.store.hasBlob(digest, size))) return undefined;
  await indexLayer(context, { digest, diffId, size });
  return descriptor;
}

function ofStream({ descriptor, diffId }: StoredLayer, wanted: WantedLayer): Descriptor {
  if (diffId !== wanted.diffId) throw mismatch(wanted.diffId, diffId);
  return wanted.descriptor ?? descriptor;
}

function mismatch(expected: Digest, actual: Digest): StrataError {
  return new StrataError('digest-mismatch', { what: `unpacked layer ${expected}`, expected, actual });
}
