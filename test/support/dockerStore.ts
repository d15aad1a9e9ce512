import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { parseDigest } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/mediaTypes.ts';
import { openStore } from '../../src/store/index.ts';
import type { RefEntry, Store } from '../../src/store/index.ts';
import type { Dockerd } from './dockerd.ts';
import { blobOf } from './images.ts';
import { runOk } from './run.ts';
import { tempFolder } from './tempFolder.ts';

interface Inspected {
  readonly Id: string;
  readonly Parent: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Metadata: { readonly LastTagTime: string };
}

/**
 * Copies every image of a daemon, intermediate ones too, into a store: configurations and layers to the byte, names,
 * parents and times of tagging as they are there. Shares no code with what loads and pulls.
 */
export async function copyFromDocker(dockerd: Dockerd, root: string): Promise<void> {
  const listed = await dockerd.docker('images', '-aq', '--no-trunc');
  const ids = [...new Set(listed.stdout.split('\n').filter((line) => line !== ''))];
  const inspected = JSON.parse((await dockerd.docker('image', 'inspect', ...ids)).stdout) as Inspected[];
  const store = await openStore(root, { logger: silentLogger });
  try {
    const lease = await store.lease({ kind: 'load', name: 'docker' });
    const entries: RefEntry[] = [];
    for (const image of inspected) entries.push(...(await copyImage(dockerd, store, image)));
    await store.update(() => entries);
    await lease.release();
  } finally {
    await store.close();
  }
}

async function copyImage(dockerd: Dockerd, store: Store, image: Inspected): Promise<RefEntry[]> {
  const folder = await tempFolder('strata-docker-save-');
  try {
    const saved = join(folder.path, 'saved.tar');
    await dockerd.docker('save', '-o', saved, image.Id);
    await runOk('tar', ['-xf', saved, '-C', folder.path]);
    const list = JSON.parse(await readFile(join(folder.path, 'manifest.json'), 'utf8')) as {
      readonly Config: string;
      readonly Layers: readonly string[];
    }[];
    const config = blobOf(OCI_CONFIG, await readFile(join(folder.path, list[0]?.Config ?? '')));
    const layers = await Promise.all(
      (list[0]?.Layers ?? []).map(async (name) => blobOf(OCI_LAYER, await readFile(join(folder.path, name)))),
    );
    const document = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
    };
    const manifest = blobOf(OCI_MANIFEST, Buffer.from(JSON.stringify(document)));
    for (const blob of [config, ...layers, manifest]) await store.writeBlob(blob.bytes);
    const entry: RefEntry = {
      manifest: manifest.descriptor,
      config: config.descriptor.digest,
      repoDigests: image.RepoDigests.map(canonical),
      ...(image.Parent === '' ? {} : { parent: parseDigest(image.Parent) }),
      ...(image.Metadata.LastTagTime.startsWith('0001') ? {} : { taggedAt: image.Metadata.LastTagTime }),
    };
    return image.RepoTags.length === 0
      ? [entry]
      : image.RepoTags.map((name) => ({ ...entry, name: canonical(name) }));
  } finally {
    await folder.remove();
  }
}

/** Of the names that these tests use: a host has a colon or a dot. */
function canonical(name: string): string {
  const [first = ''] = name.split('/');
  if (name.includes('/') && /[.:]/.test(first)) return name;
  return `docker.io/${name.includes('/') ? '' : 'library/'}${name}`;
}
