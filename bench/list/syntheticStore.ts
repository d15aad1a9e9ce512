import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { blobFile, openStore } from '../../src/store/index.ts';
import type { RefEntry } from '../../src/store/index.ts';
import { buildImage } from '../../test/support/images.ts';
import type { Blob, BuiltImage, LayerSpec } from '../../test/support/images.ts';

const SHARED_LAYERS = 20;
const DAY_MS = 86_400_000;

/**
 * Makes a store of small images as a person may have them: three layers that many images share and two of their own, labels, a
 * history of eight steps, names in several repositories and registries.
 */
export async function makeStore(root: string, images: number, tags: number): Promise<void> {
  const store = await openStore(root, { logger: silentLogger });
  try {
    const entries: RefEntry[] = [];
    const folders = new Set<string>();
    for (let i = 0; i < images; i++) {
      const image = imageNumber(i);
      for (const blob of [image.manifest, image.config, ...image.layers]) await write(root, blob, folders);
      entries.push(...entriesOf(image, i, tags));
    }
    await store.update(() => entries);
  } finally {
    await store.close();
  }
}

function imageNumber(i: number): BuiltImage {
  const layer = (text: string): LayerSpec => ({
    entries: [{ path: `usr/share/${text}`, content: Buffer.from(text) }],
    createdBy: `RUN /bin/sh -c apt-get update && apt-get install -y ${text} # buildkit`,
  });
  const own = [layer(`application-${i}`), layer(`configuration-${i}`)];
  const shared = [0, 1, 2].map((n) => layer(`shared-${(i + n) % SHARED_LAYERS}`));
  const step = (createdBy: string): { empty: true; createdBy: string } => ({ empty: true, createdBy });
  return buildImage({
    layers: [...shared, step('ENV A=1'), ...own, step('EXPOSE map[80/tcp:{}]'), step('CMD ["run"]')],
    created: new Date(Date.parse('2024-01-01T00:00:00Z') - i * DAY_MS).toISOString().replace('.000', ''),
    config: {
      Env: ['PATH=/usr/bin:/bin', `VERSION=${i}`],
      Labels: { 'org.opencontainers.image.version': String(i), 'org.opencontainers.image.title': 'app' },
    },
  });
}

function entriesOf(image: BuiltImage, i: number, tags: number): RefEntry[] {
  const repository = `${['docker.io/team', 'ghcr.io/org', 'registry.example.com:5000/a/b'][i % 3]}/app-${i % 100}`;
  const { digest } = image.manifest.descriptor;
  return Array.from({ length: tags }, (_, tag) => ({
    name: `${repository}:${i}.${tag}`,
    manifest: image.manifest.descriptor,
    config: image.config.descriptor.digest,
    repoDigests: [`${repository}@${digest}`],
    taggedAt: '2024-05-06T07:08:09.123Z',
  }));
}

async function write(root: string, { descriptor, bytes }: Blob, folders: Set<string>): Promise<void> {
  const path = blobFile(root, descriptor.digest);
  const folder = dirname(path);
  if (!folders.has(folder)) await mkdir(folder, { recursive: true });
  folders.add(folder);
  await writeFile(path, bytes);
}
