/** Makes the benchmark image once, as an OCI layout's blobs in the cache. Run as root: node bench/pull/image.ts */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CACHE, needProgram, output } from '../support/commands.ts';
import { RECIPE } from './recipe.ts';
import type { LayerRecipe } from './recipe.ts';

export interface LayerFacts {
  readonly name: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  readonly tarBytes: number;
  readonly entries: number;
}

export interface BenchImage {
  /** Holds one file for each blob, named by the hex of its digest. */
  readonly blobs: string;
  readonly manifest: { readonly digest: string; readonly size: number };
  readonly config: { readonly digest: string; readonly size: number };
  readonly layers: readonly LayerFacts[];
}

const EPOCH = '2025-01-01T00:00:00Z';
const FOLDER = join(CACHE, 'image');
const BLOBS = join(FOLDER, 'blobs');

/** The image of the cache; a layer that isn't there or whose recipe has changed is made now, which takes minutes. */
export async function benchImage(log: (line: string) => void): Promise<BenchImage> {
  await mkdir(BLOBS, { recursive: true });
  const layers: LayerFacts[] = [];
  for (const layer of RECIPE) {
    const facts = join(FOLDER, `${createHash('sha256').update(JSON.stringify(layer)).digest('hex')}.json`);
    const known = await readFile(facts, 'utf8').catch(() => undefined);
    if (known === undefined) {
      log(`Making layer ${layer.name} …`);
      const made = await makeLayer(layer);
      await writeFile(facts, JSON.stringify(made));
      layers.push(made);
    } else {
      layers.push(JSON.parse(known) as LayerFacts);
    }
  }
  const config = await writeJson({
    architecture: 'amd64',
    os: 'linux',
    created: EPOCH,
    config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['bash'] },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: [
      ...RECIPE.map((layer) => ({ created: EPOCH, created_by: layer.createdBy })),
      { created: EPOCH, created_by: '/bin/sh -c #(nop) CMD ["bash"]', empty_layer: true },
    ],
  });
  const manifest = await writeJson({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map(({ digest, size }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest,
      size,
    })),
  });
  return { blobs: BLOBS, manifest, config, layers };
}

async function makeLayer(layer: LayerRecipe): Promise<LayerFacts> {
  if (process.getuid?.() !== 0) throw new Error('Making the benchmark image needs root (debootstrap).');
  const tree = await mkdtemp(join(CACHE, 'tree-'));
  try {
    await fill(tree, layer);
    return await pack(tree, layer.name);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function fill(tree: string, layer: LayerRecipe): Promise<void> {
  if ('debootstrap' in layer) {
    const debootstrap = needProgram('debootstrap', 'debootstrap');
    await output(debootstrap, ['--variant=minbase', layer.debootstrap, tree, 'http://deb.debian.org/debian']);
    await rm(join(tree, 'var/cache/apt/archives'), { recursive: true });
    return;
  }
  if ('debian' in layer) {
    const downloads = await mkdtemp(join(CACHE, 'debs-'));
    try {
      await output('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...layer.debian], {
        cwd: downloads,
      });
      for (const name of (await readdir(downloads)).sort()) {
        await output('dpkg', ['-x', join(downloads, name), tree]);
      }
    } finally {
      await rm(downloads, { recursive: true });
    }
    return;
  }
  const folder = join(tree, layer.folder);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: layer.npm }, null, 2),
  );
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error'];
  await output('npm', ['install', ...flags], { cwd: folder });
}

/** Tars in sorted order with one time and owner 0, gzips at level 6, and measures both sides. */
async function pack(tree: string, name: string): Promise<LayerFacts> {
  const tar = join(BLOBS, `${name}.tar`);
  const flags = ['--sort=name', `--mtime=${EPOCH}`, '--numeric-owner', '--format=gnu'];
  await output('tar', ['-C', tree, ...flags, '-cf', tar, '.']);
  const listed = await output('sh', ['-c', 'tar -tf "$1" | wc -l', 'sh', tar]);
  const diffId = await digestOf(tar);
  const tarBytes = (await stat(tar)).size;
  await output('gzip', ['-n', '-6', tar]);
  const digest = await digestOf(`${tar}.gz`);
  const size = (await stat(`${tar}.gz`)).size;
  await rename(`${tar}.gz`, join(BLOBS, digest.slice('sha256:'.length)));
  return { name, digest, diffId, size, tarBytes, entries: Number(listed) };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

async function writeJson(document: unknown): Promise<{ digest: string; size: number }> {
  const bytes = Buffer.from(JSON.stringify(document));
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(BLOBS, hex), bytes);
  return { digest: `sha256:${hex}`, size: bytes.length };
}

/** What the image holds, a line for each layer and one for the sum. */
export function describeImage(image: BenchImage): string {
  const line = (name: string, size: number, tarBytes: number, entries: number): string =>
    [
      name.padEnd(12),
      `${mb(size)} MB gzip`,
      `${mb(tarBytes)} MB tar`,
      `${String(entries).padStart(7)} entries`,
    ].join('  ');
  const sum = (pick: (layer: LayerFacts) => number): number =>
    image.layers.reduce((all, layer) => all + pick(layer), 0);
  return [
    ...image.layers.map((layer) => line(layer.name, layer.size, layer.tarBytes, layer.entries)),
    line(
      'all',
      sum((layer) => layer.size),
      sum((layer) => layer.tarBytes),
      sum((layer) => layer.entries),
    ),
  ].join('\n');
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1).padStart(7);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(describeImage(await benchImage(console.log)));
}
