import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageConfig } from '../../../src/oci/documents.ts';
import { ACCEPTED_MANIFESTS } from '../../../src/oci/mediaTypes.ts';
import { startRegistry } from '../registry/index.ts';
import { runOk } from '../run.ts';
import { tempFolder } from '../tempFolder.ts';
import { buildDemo, seedDemo } from './index.ts';
import type { DemoImage } from './index.ts';
import { printingProgram } from './program.ts';

const topDigest = ({ image }: DemoImage): string =>
  ('index' in image ? image.index : image.manifest).descriptor.digest;

describe('the demo', () => {
  const demo = buildDemo();
  const images = demo.flatMap(({ image }) => ('index' in image ? image.images : [image]));
  const layersOf = (repository: string, tag: string): string[] => {
    const image = demo.find((each) => each.repository === repository && each.tags.includes(tag))?.image;
    if (image === undefined || 'index' in image) throw new Error('no image');
    return image.layers.map(({ diffId }) => diffId);
  };

  it('has the same digests on every run', () => {
    expect(buildDemo().map(topDigest)).toEqual(demo.map(topDigest));
  });

  it('has a history that tells of every layer', () => {
    for (const { config, layers, platform } of images.filter((image) => image.platform?.os === 'linux')) {
      const { history, rootfs } = JSON.parse(config.bytes.toString()) as ImageConfig;
      expect(history.filter((entry) => entry.empty_layer !== true)).toHaveLength(layers.length);
      expect(history.every((entry) => entry.created_by !== undefined)).toBe(true);
      expect(rootfs.diff_ids).toHaveLength(layers.length);
      expect(platform).toBeDefined();
    }
  });

  it('shares the base, and all of 1.0 with 1.1', () => {
    expect(layersOf('demo/web', '1.1').slice(0, -1)).toEqual(layersOf('demo/web', '1.0'));
    expect(layersOf('demo/big', 'latest')[0]).toBe(layersOf('demo/web', '1.0')[0]);
  });

  it('has enough to watch', () => {
    const big = demo.find(({ repository }) => repository === 'demo/big')?.image;
    const sizes =
      big !== undefined && 'layers' in big ? big.layers.map(({ descriptor }) => descriptor.size) : [];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(40e6);
    expect(total).toBeLessThan(60e6);
  });

  it('is served under its names', async () => {
    const registry = await startRegistry();
    try {
      const names = await seedDemo(registry.url);
      expect(names).toEqual(
        demo.flatMap(({ repository, tags }) => tags.map((tag) => `${repository}:${tag}`)),
      );
      for (const name of names) {
        const url = `${registry.url}/v2/${name.replace(':', '/manifests/')}`;
        const headers = { accept: ACCEPTED_MANIFESTS.join(', ') };
        const response = await fetch(url, { method: 'HEAD', headers });
        const expected = demo.find(({ repository, tags }) =>
          tags.some((tag) => `${repository}:${tag}` === name),
        );
        expect(response.headers.get('docker-content-digest')).toBe(expected && topDigest(expected));
      }
      registry.requests.length = 0;
      await seedDemo(registry.url);
      expect(registry.requests.some(({ method }) => method === 'POST')).toBe(false);
    } finally {
      await registry.close();
    }
  });
});

describe('printingProgram', () => {
  it.runIf(process.platform === 'linux' && process.arch === 'x64')('runs', async () => {
    const folder = await tempFolder();
    const path = join(folder.path, 'program');
    await writeFile(path, printingProgram('amd64', 'text\n'), { mode: 0o755 });
    expect(await runOk(path, [])).toBe('text\n');
    await folder.remove();
  });

  it.each([
    ['amd64', 2, 62],
    ['arm64', 2, 183],
    ['arm', 1, 40],
  ] as const)('is an ELF file for %s', (architecture, wordClass, machine) => {
    const program = printingProgram(architecture, 'text\n');
    expect(program.subarray(0, 5)).toEqual(Buffer.from([0x7f, 0x45, 0x4c, 0x46, wordClass]));
    expect(program.readUInt16LE(18)).toBe(machine);
    expect(program.subarray(-5).toString()).toBe('text\n');
  });
});
