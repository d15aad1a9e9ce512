import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { sha256 } from '../../oci/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../oci/mediaTypes.ts';
import { toOciManifest } from '../../oci/ociManifest.ts';
import { parseImageConfig } from '../../oci/parse.ts';
import { readDockerImages } from './dockerArchive.ts';
import type { DockerImage } from './dockerArchive.ts';
import { readLegacyImages } from './legacyArchive.ts';
import type { LoadContext } from './loadContext.ts';
import type { WantedLayer } from './loadLayer.ts';
import { readOciImage } from './ociImage.ts';
import type { OciImage } from './ociImage.ts';
import { blobPath, readLayoutImages } from './ociLayout.ts';
import { invalidArchive } from './paths.ts';
import { withReadBudget } from './readBudget.ts';
import { takeUnknown } from './takeFile.ts';
import type { ArchiveFiles } from './types.ts';

/** Documents of an image that will stand in the store, and the entry that names it. */
export interface ReadyImage {
  readonly id: Digest;
  readonly names: readonly string[];
  readonly manifest: Descriptor;
  readonly source?: Digest;
  readonly parent?: Digest;
  readonly documents: readonly Uint8Array[];
  /** Only there for the images above it: nobody asked for it. */
  readonly isStep?: true;
  /** Digests of the layers, where the manifest was made here. */
  readonly madeOf?: readonly Digest[];
}

/** An image that an archive holds and what it needs. */
export interface PlannedImage {
  readonly id: Digest;
  readonly layers: readonly WantedLayer[];
  /** The image once its layers are there, bottom first. */
  ready(layers: readonly Descriptor[]): ReadyImage;
}

/**
 * What an archive would bring. Of one that is both, manifest.json names the images, and the layout gives them their manifests.
 * @throws `content-invalid` and what the documents' readers throw
 */
export async function planLoad(
  archive: ArchiveFiles,
  context: LoadContext,
): Promise<readonly PlannedImage[]> {
  const files = withReadBudget(archive);
  const docker = await readDockerImages(files);
  const layout = await readLayoutImages(files);
  if (docker !== undefined) {
    const manifests = new Map<Digest, OciImage>();
    for (const { top } of layout ?? []) {
      // The layout of a hybrid may list what only it can hold: an artifact, a platform that was not saved.
      const image = await readOciImage(files, top).catch(() => undefined);
      if (image !== undefined) manifests.set(image.id, image);
    }
    const plans: PlannedImage[] = [];
    for (const image of docker) {
      const oci = manifests.get(image.id);
      const layers = oci === undefined ? [] : await ociLayers(files, oci);
      const isWhole = oci !== undefined && layers.every(({ file }) => file !== undefined);
      plans.push(isWhole ? ociPlan(oci, layers, image.names, image.parent) : dockerPlan(image));
    }
    return plans;
  }
  if (layout !== undefined) return await layoutPlans(files, layout, context);
  const legacy = await readLegacyImages(files, async (file) => {
    if (file.broken !== undefined) throw file.broken;
    if (file.slice === undefined) throw invalidArchive(files.name, 'a layer.tar is no layer');
    const layer = await takeUnknown(context, { slice: file.slice });
    context.known.add(layer);
    return layer;
  });
  if (legacy === undefined)
    throw invalidArchive(files.name, 'it holds no images: no manifest.json, index.json or repositories');
  return legacy.map((image) => {
    const made = { ...image, config: parseImageConfig(image.configBytes, files.name) };
    const isStep = image.names.length === 0;
    return {
      id: image.id,
      layers: [],
      ready: () => ({ ...madeImage(made, image.layers), ...(isStep ? { isStep } : {}) }),
    };
  });
}

async function layoutPlans(
  files: ArchiveFiles,
  layout: NonNullable<Awaited<ReturnType<typeof readLayoutImages>>>,
  context: LoadContext,
): Promise<readonly PlannedImage[]> {
  const plans: PlannedImage[] = [];
  for (const { top, names, refName } of layout) {
    const image = await readOciImage(files, top);
    if (image.platforms.length > 0) {
      context.emit({ kind: 'platform', name: names[0] ?? refName ?? top.digest, platforms: image.platforms });
    }
    plans.push(ociPlan(image, await ociLayers(files, image), names));
  }
  return plans;
}

function dockerPlan(image: DockerImage): PlannedImage {
  return { id: image.id, layers: image.layers, ready: (layers) => madeImage(image, layers) };
}

async function ociLayers(files: ArchiveFiles, image: OciImage): Promise<readonly WantedLayer[]> {
  const layers: WantedLayer[] = [];
  for (const layer of image.layers) {
    const path = blobPath(layer.descriptor.digest);
    const file = await files.find(path);
    layers.push({ ...layer, path, ...(file === undefined ? {} : { file }) });
  }
  return layers;
}

function ociPlan(
  image: OciImage,
  layers: readonly WantedLayer[],
  names: readonly string[],
  parent?: Digest,
): PlannedImage {
  const { id, descriptor, source, manifestBytes, configBytes } = image;
  return {
    id,
    layers,
    ready: () => ({
      id,
      names,
      manifest: descriptor,
      ...(source === undefined ? {} : { source: source.digest }),
      ...(parent === undefined ? {} : { parent }),
      documents: [configBytes, manifestBytes, ...(source === undefined ? [] : [source.bytes])],
    }),
  };
}

type Made = Pick<DockerImage, 'id' | 'names' | 'config' | 'configBytes' | 'parent'>;

/** An image that came without a manifest gets one. */
function madeImage(image: Made, layers: readonly Descriptor[]): ReadyImage {
  const config = { mediaType: OCI_CONFIG, digest: image.id, size: image.configBytes.length };
  const bytes = toOciManifest({ mediaType: OCI_MANIFEST, config, layers });
  const { os, architecture, variant } = image.config;
  return {
    id: image.id,
    names: image.names,
    manifest: {
      mediaType: OCI_MANIFEST,
      digest: sha256(bytes),
      size: bytes.length,
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    },
    ...(image.parent === undefined ? {} : { parent: image.parent }),
    documents: [image.configBytes, bytes],
    madeOf: layers.map(({ digest }) => digest),
  };
}
