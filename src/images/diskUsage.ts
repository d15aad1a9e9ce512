import { chainIds } from '../oci/chainId.ts';
import type { Digest } from '../oci/digest.ts';
import type { ContainerUse, DiskUsage, ImageSummary, ImageUsage } from './types.ts';

/**
 * What images take and what they share, by Docker's rules (moby daemon/images/images.go, docker/cli
 * formatter/disk_usage.go): a layer is shared if another of these images has it on the same layers below.
 * @param images those that `images` shows; untagged parents count for nothing
 * @param bytesOnDisk of the store's files
 */
export function diskUsage(
  images: readonly ImageSummary[],
  usersOf: (id: Digest) => readonly ContainerUse[],
  bytesOnDisk: number,
): DiskUsage {
  const layers = new Map<Digest, { readonly size: number; images: number }>();
  const chains = images.map((image) => chainsOf(image));
  for (const { id, size } of chains.flat()) {
    const layer = layers.get(id) ?? { size, images: 0 };
    layer.images++;
    layers.set(id, layer);
  }
  const isShared = ({ id }: Chain): boolean => (layers.get(id)?.images ?? 0) > 1;
  const usages = images.map((image, i): ImageUsage => {
    const sharedSize = sum((chains[i] ?? []).filter(isShared));
    return {
      image,
      sharedSize,
      uniqueSize: image.size - sharedSize,
      containers: usersOf(image.id).length,
    };
  });
  const layersSize = sum([...layers.values()]);
  const used = usages
    .filter(({ containers }) => containers > 0)
    .reduce((total, { uniqueSize }) => total + uniqueSize, 0);
  return {
    images: usages,
    layersSize,
    reclaimableSize: layersSize - used,
    sumOfSizes: sum(images),
    bytesOnDisk,
  };
}

interface Chain {
  readonly id: Digest;
  readonly size: number;
}

function chainsOf({ layers }: ImageSummary): readonly Chain[] {
  const ids = chainIds(layers.map((layer) => layer.diffId));
  return layers.flatMap(({ size }, i) => {
    const id = ids[i];
    return id === undefined ? [] : [{ id, size }];
  });
}

function sum(parts: readonly { readonly size: number }[]): number {
  return parts.reduce((total, { size }) => total + size, 0);
}
