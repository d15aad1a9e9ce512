import { createCipheriv, createHash } from 'node:crypto';
import { buildImage } from '../images.ts';
import type { BuiltImage, LayerSpec } from '../images.ts';
import { aged, baseLayer, DEMO_AUTHOR } from './base.ts';

const MiB = 1024 * 1024;

/** 50 MB that do not shrink, in four layers beside the base: enough for one to watch a pull and to cancel it. */
export function buildBig(): BuiltImage {
  return buildImage({
    author: DEMO_AUTHOR,
    created: '2024-06-01T08:00:00Z',
    layers: [
      baseLayer,
      dataLayer('maps', [3, 3]),
      dataLayer('sounds', [1, 2, 3, 4]),
      dataLayer('pictures', [7, 6]),
      dataLayer('films', [20]),
      { empty: true, createdBy: 'CMD ["/bin/sh"]', comment: 'buildkit.dockerfile.v0' },
    ],
    config: { Cmd: ['/bin/sh'], Labels: { 'org.opencontainers.image.title': 'Strata demo, much of it' } },
  });
}

/** A folder with a list and with files of these sizes in MiB. */
function dataLayer(name: string, sizes: readonly number[]): LayerSpec {
  const files = sizes.map((size, i) => ({
    path: `data/${name}/${name}-${String(i + 1).padStart(2, '0')}.bin`,
    content: noise(`${name} ${i}`, size * MiB),
  }));
  const list = files.map(({ path, content }) => `${path}\t${content.length}\n`).join('');
  return {
    // Level 1: no level makes noise smaller, and this one is done soonest.
    level: 1,
    createdBy: `COPY data/${name}/ /data/${name}/ # buildkit`,
    comment: 'buildkit.dockerfile.v0',
    entries: aged([
      { path: 'data/' },
      { path: `data/${name}/` },
      { path: `data/${name}/list.txt`, content: list },
      ...files,
    ]),
  };
}

/** Bytes that look random and are the same for the same name: a cipher's key stream. */
function noise(name: string, size: number): Buffer {
  const key = createHash('sha256').update(name).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
