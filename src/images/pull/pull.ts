import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { formatPlatform, hostPlatform, parsePlatform, platformServes } from '../../oci/platform.ts';
import {
  canonicalName,
  canonicalString,
  familiarString,
  parseReference,
  withDefaultTag,
} from '../../reference/index.ts';
import type { Reference } from '../../reference/index.ts';
import type { Lease, RefEntry } from '../../store/index.ts';
import { addDigestReference, entryTag, setTag } from '../refs.ts';
import type { PullRequest, PullResult } from '../types.ts';
import type { PullContext, PullDeps } from './context.ts';
import { fetchLayers } from './fetchLayers.ts';
import { resolveImage } from './resolve.ts';
import type { ResolvedImage } from './resolve.ts';

/**
 * Pulls one image for one platform. Nothing is listed before every byte of it is here and verified;
 * finished layers and partial bytes of a pull that stops stay for the next.
 */
export async function pull(deps: PullDeps, request: PullRequest, context: PullContext): Promise<PullResult> {
  const given = parseReference(request.name);
  // With a digest the tag decides nothing, and Docker drops it.
  const reference = given.digest === undefined ? withDefaultTag(given) : untagged(given);
  context.emit({
    kind: 'start',
    name: familiarString(reference),
    tagDefaulted: given.tag === undefined && given.digest === undefined,
  });
  const wanted = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  // Held before anything is looked up in the store: what is found then cannot be swept away.
  const lease = await deps.store.lease(
    { kind: 'pull', name: canonicalString(reference) },
    lockOptions(context.signal),
  );
  try {
    const top = await deps.registry.manifest(reference, context.signal);
    context.emit({
      kind: 'found',
      lead: `${reference.tag ?? familiarString(reference)}: Pulling from ${reference.path}`,
    });
    const image = await resolveImage(deps, reference, top, wanted, context.signal);
    await protect(lease, image);
    await fetchLayers(deps, reference, image, context);
    const result = await record(deps, reference, image);
    if (request.platform !== undefined && !platformServes(image.config, wanted)) {
      const mismatch = {
        name: request.name,
        wanted: formatPlatform(wanted),
        actual: formatPlatform(image.descriptor.platform ?? image.config),
      };
      const message =
        `image with reference ${mismatch.name} was found but does not match the specified platform: ` +
        `wanted ${mismatch.wanted}, actual: ${mismatch.actual}`;
      context.emit({ kind: 'warning', message, mismatch });
    }
    return result;
  } finally {
    await lease.release();
  }
}

function untagged(reference: Reference): Reference {
  const { tag: _, ...rest } = reference;
  return rest;
}

async function protect(lease: Lease, image: ResolvedImage): Promise<void> {
  const layers = distinctLayers(image);
  await lease.update({ layers: layers.map(({ digest, size }) => ({ digest, size })) });
  const { descriptor, manifest, source } = image;
  await lease.protect([
    descriptor.digest,
    ...(source === undefined ? [] : [source.digest]),
    manifest.config.digest,
    ...image.layers.flatMap((layer) => [layer.descriptor.digest, layer.diffId]),
  ]);
}

function lockOptions(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function distinctLayers(image: ResolvedImage): readonly Descriptor[] {
  return [...new Map(image.layers.map(({ descriptor }) => [descriptor.digest, descriptor])).values()];
}

/** The last step: manifest and configuration, then the name, under the store's lock. */
async function record(deps: PullDeps, reference: Reference, image: ResolvedImage): Promise<PullResult> {
  const { store } = deps;
  const { source } = image;
  await store.writeBlob(image.configBytes);
  await store.writeBlob(image.manifestBytes);
  if (source !== undefined) await store.writeBlob(source.bytes);
  const imageId = image.manifest.config.digest;
  const entry = {
    manifest: image.descriptor,
    config: imageId,
    repoDigests: [`${canonicalName(reference)}@${image.topDigest}`],
    ...(source === undefined ? {} : { source: source.digest }),
  };
  let newer = true;
  await store.update((entries) => {
    newer = !isRecorded(entries, reference, imageId);
    return reference.tag === undefined
      ? addDigestReference(entries, entry)
      : setTag(entries, { ...entry, name: canonicalString(reference) });
  });
  return {
    reference: canonicalString(reference),
    familiar: familiarString(reference),
    digest: image.topDigest,
    imageId,
    newer,
  };
}

function isRecorded(entries: readonly RefEntry[], reference: Reference, imageId: Digest): boolean {
  const name = canonicalString(reference);
  return entries.some((entry) => {
    if (entry.config !== imageId) return false;
    return reference.tag === undefined ? entry.repoDigests.includes(name) : entryTag(entry) === name;
  });
}
