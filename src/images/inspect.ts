import { formatTime, ZERO_TIME } from '../base/time.ts';
import { familiarString, parseReference } from '../reference/index.ts';
import type { Store } from '../store/index.ts';
import { readImage } from './catalog.ts';
import { dockerConfig } from './dockerConfig.ts';
import type { ImageInspect, ImageSummary } from './types.ts';

const familiar = (name: string): string => familiarString(parseReference(name));

/** What `docker image inspect` prints for one image (moby api/types ImageInspect), with our own GraphDriver. */
export async function inspectImage(store: Store, image: ImageSummary): Promise<ImageInspect> {
  const { config } = await readImage(store, image.manifest);
  const { raw } = config;
  const text = (key: string): string => (typeof raw[key] === 'string' ? raw[key] : '');
  const comment = text('comment');
  return {
    Id: image.id,
    RepoTags: image.tags.map(familiar),
    RepoDigests: image.repoDigests.map(familiar),
    Parent: image.parent ?? '',
    Comment: comment === '' ? (config.history.at(-1)?.comment ?? '') : comment,
    Created: formatTime(config.created),
    Container: text('container'),
    ContainerConfig: dockerConfig(raw.container_config ?? {}),
    DockerVersion: text('docker_version'),
    Author: config.author ?? '',
    Config: raw.config === undefined || raw.config === null ? null : dockerConfig(raw.config),
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    ...(config['os.version'] === undefined ? {} : { OsVersion: config['os.version'] }),
    Size: image.size,
    VirtualSize: image.size,
    GraphDriver: { Data: null, Name: 'strata' },
    RootFS: {
      Type: config.rootfs.type,
      ...(config.rootfs.diff_ids.length === 0 ? {} : { Layers: config.rootfs.diff_ids }),
    },
    Metadata: { LastTagTime: image.taggedAt ?? ZERO_TIME },
  };
}
